"""When somebody is spoken to about what they owe: hours, holidays, counts, and whom."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.api_world import ApiWorld, Client, told
from tests.service.test_arrears import nights
from tests.service.test_stories import OLD_CARD, Person, day
from tests.service_world import event, settled
from xindeng.adapters.ports import Filing, Message
from xindeng.adapters.rail import SandboxRail
from xindeng.kernel.errors import UnavailableError
from xindeng.kernel.time import HOUR, MINUTE, zone
from xindeng.service import bureau, holds, notify
from xindeng.service.disburse import Ports, confirm
from xindeng.service.policies import read_bundle
from xindeng.servicing import collection
from xindeng.store import Store

KEYS = iter(range(10_000))


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("keys"), read_bundle("consumer_line"))


@pytest.mark.parametrize(
    ("at", "today", "first"),
    [
        ("2026-07-01 09:00", 0, "2026-07-01 09:00"),
        ("2026-07-01 07:59", 0, "2026-07-01 08:00"),
        ("2026-07-01 21:59", 2, "2026-07-01 21:59"),
        ("2026-07-01 22:00", 0, "2026-07-02 08:00"),
        ("2026-07-01 09:00", 3, "2026-07-02 08:00"),
        ("2026-09-30 23:00", 0, "2026-10-08 08:00"),  # the long holiday of October
        ("2026-07-04 12:00", 0, "2026-07-04 12:00"),  # an ordinary Saturday
    ],
)
def test_the_first_moment(world: ApiWorld, at: str, today: int, first: str) -> None:
    found = collection.first_moment(
        world.engine.policy, world.engine.policy.zone, world.at(at), today
    )
    assert found == world.at(first)


def test_the_hours_are_those_where_the_borrower_lives(world: ApiWorld) -> None:
    west = zone("Asia/Urumqi")  # two hours behind
    found = collection.first_moment(world.engine.policy, west, world.at("2026-07-01 09:00"), 0)
    assert found == world.at("2026-07-01 10:00")


class Told:
    """A notifier that keeps what it delivered, and is away when told."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.away = False

    def deliver(self, message: Message) -> None:
        if self.away:
            raise UnavailableError("away")
        self.messages.append(message)

    def of(self, name: str, kind: str = "") -> list[Message]:
        return [one for one in self.messages if one.borrower == name and kind in one.kind]


def late(world: ApiWorld, name: str, **about: Any) -> Person:
    """A borrower who is late by the night of 2026-04-11."""
    person = Person(world, name, "2026-03-10")
    if about:
        world.tell(name, event("account_opened", "2024-01-10", **about))
    person.salary(7_500, *(f"{month}-10" for month in ("2025-10", "2025-11", "2025-12", "2026-01",
                                                       "2026-02")), "2026-03-08")  # fmt: skip
    person.report("2026-03-05", accounts=[OLD_CARD])
    asked = person.asks("2026-03-10 10:00", 2_000)
    world.read_cost(name, asked.id)
    confirm(world.engine, Ports(SandboxRail()), name, asked.id, f"c-{name}")
    nights(world, person, "2026-04-10", "2026-04-11")
    return person


def test_a_reminder_waits_for_the_hour_and_other_notices_do_not(world: ApiWorld) -> None:
    late(world, "reminded")
    far = "remote"
    late(world, far, zone="Asia/Urumqi")
    to = Told()
    world.now = world.at("2026-04-12 00:30")
    holds.lock(world.engine, "reminded")
    notify.deliver_all(world.engine, to)
    assert (
        to.of("reminded", "locked")
        and not to.of("reminded", "collection")
        and not to.of(far, "collection")
    )
    world.now = world.at("2026-04-12 08:00")
    notify.deliver_all(world.engine, to)
    (found,) = to.of("reminded", "collection")
    assert "困难帮助" in found.texts["zh"] and "冻结" not in found.texts["zh"]
    assert not to.of(far, "collection")
    world.now = world.at("2026-04-12 10:00")
    notify.deliver_all(world.engine, to)
    assert len(to.of(far, "collection")) == 1
    assert notify.deliver_all(world.engine, to) == 0


def test_a_notifier_that_forgets_the_hours_is_found(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the kinds are forgotten, so a reminder goes out at night."""
    monkeypatch.setattr(collection, "KINDS", frozenset())
    late(world, "at-night")
    to = Told()
    world.now = world.at("2026-04-12 00:30")
    notify.deliver_all(world.engine, to)
    assert to.of("at-night", "collection")


def test_who_is_away_is_asked_again_later_each_time(world: ApiWorld) -> None:
    world.now = world.at("2026-07-01 12:00")
    world.settle("backoff")
    holds.lock(world.engine, "backoff")
    to = Told()
    to.away = True
    assert notify.deliver_all(world.engine, to) == 0
    to.away = False
    assert to.of("backoff") == [] and notify.deliver_all(world.engine, to) >= 0
    world.now += MINUTE
    notify.deliver_all(world.engine, to)
    assert len(to.of("backoff")) == 1


def post(client: Client, name: str, path: str, body: Any, status: int = 201, **more: Any) -> Any:
    found = client.post(f"/v1/borrowers/{name}{path}", body, key=f"c{next(KEYS)}", **more)
    return told(found, status)


def calls(client: Client, name: str, status: int = 201, **more: Any) -> Any:
    body = {"whom": "borrower", "channel": "call", "reached": True, **more}
    return post(client, name, "/contacts", body, status, role="support")


def test_three_effective_calls_a_day_and_none_at_night(world: ApiWorld, client: Client) -> None:
    world.now = world.at("2026-07-01 12:00")
    world.employ("support", "support")
    world.settle("called")
    for _n in range(3):
        calls(client, "called")
    calls(client, "called", 429)
    world.now = world.at("2026-07-02 07:30")
    body = {"whom": "borrower", "channel": "call", "reached": True}
    refused = client.post("/v1/borrowers/called/contacts", body, role="service", key="night")
    assert told(refused, 429) and int(refused.headers["retry-after"]) == 1_801


def test_others_only_where_the_borrower_cannot_be_reached(world: ApiWorld, client: Client) -> None:
    world.now = world.at("2026-07-01 12:00")
    world.employ("support", "support")
    world.settle("hidden")
    assert calls(client, "hidden", 403, whom="other")["code"] == "collection.others"
    for _n in range(3):
        calls(client, "hidden", reached=False)
    calls(client, "hidden", whom="other")
    world.now += HOUR
    calls(client, "hidden")
    assert calls(client, "hidden", 403, whom="other")["code"] == "collection.others"


class Office:
    """A bureau that keeps filings and has one report."""

    def __init__(self) -> None:
        self.filings: list[Filing] = []
        self.asked: list[str] = []
        self.away = False

    def report(self, key: str, borrower: str) -> bytes | None:
        self.asked.append(key)
        return None if borrower == "nobody" else msgspec.json.encode(
            {"report_day": day("2026-06-30"), "inquiries": [], "accounts": [OLD_CARD]}
        )  # fmt: skip

    def file(self, filing: Filing) -> None:
        if self.away:
            raise UnavailableError("away")
        self.filings.append(filing)


def test_the_bureau_is_asked_only_with_a_consent_that_stands(
    world: ApiWorld, client: Client
) -> None:
    office = Office()
    object.__setattr__(world.service, "bureau", office)
    world.now = world.at("2026-07-01 12:00")
    world.settle("pulled")
    assert post(client, "pulled", "/bureau-reports", None, 403)["code"] == "bureau.consent"
    agree = {"category": "bureau", "granted": True}
    post(client, "pulled", "/consents", agree)
    assert post(client, "pulled", "/bureau-reports", None)["accepted"] >= 2
    post(client, "pulled", "/consents", {**agree, "granted": False})
    post(client, "pulled", "/bureau-reports", None, 403)
    assert len(office.asked) == 1
    object.__setattr__(world.service, "bureau", None)
    post(client, "pulled", "/bureau-reports", None, 404)


def test_what_became_of_a_dispute_is_filed_once(world: ApiWorld, client: Client) -> None:
    office = Office()
    world.now = world.at("2026-07-01 12:00")
    world.employ("support", "support")
    world.settle("filed")
    sent = {"way": "dispute", "record": "A1"}
    matter = post(client, "filed", "/matters", sent)
    at = f"/matters/{matter['id']}"
    post(client, "filed", f"{at}/taking", None, 200, role="support")
    office.away = True
    settled(world.engine.store)
    with pytest.raises(UnavailableError):
        bureau.tell_disputes(world.engine, office)
    office.away = False
    assert bureau.tell_disputes(world.engine, office) >= 1
    said = {"result": "changed", "note": "核实有误"}
    post(client, "filed", f"{at}/answer", said, role="support")
    settled(world.engine.store)
    bureau.tell_disputes(world.engine, office)
    assert bureau.tell_disputes(world.engine, office) == 0
    mine = [(one.record, one.stage) for one in office.filings if one.borrower == "filed"]
    assert mine == [("A1", "marked"), ("A1", "corrected")]
    assert len({one.key for one in office.filings}) == len(office.filings)
