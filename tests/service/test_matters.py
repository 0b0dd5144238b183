"""What a borrower puts before a person: the clocks, the queue, the answer, the decision anew."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

import pytest

from tests.api_world import ApiWorld, Client, told
from tests.decision_policy import SHANGHAI
from tests.service_world import event, ordinary
from xindeng.events.life import Dispute
from xindeng.events.line import DecisionMade
from xindeng.kernel.time import DAY, HOUR, from_date
from xindeng.service import draw as drawing
from xindeng.service import matter_answer, matter_clock
from xindeng.service.replay import replay
from xindeng.servicing import matters as rules
from xindeng.store import Store, borrowers, events

KEYS = count()
LARGE = 6_000_000  # above review_from of the trial policy: a person looks


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    world = ApiWorld(store, tmp_path_factory.mktemp("keys"))
    world.employ("second", "approver")
    return world


def settle(client: Client, name: str) -> str:
    rich = ordinary(limit=20_000_000, income=9_000_000)
    told(client.post("/v1/borrowers", {"borrower": name, "events": rich}), 201)
    return name


def post(client: Client, path: str, body: Any = None, status: int = 201, **more: Any) -> Any:
    key = more.pop("key", f"k{next(KEYS)}")
    return told(client.call("POST", path, body, key=key, **more), status)


def draws(client: Client, name: str, amount: int = LARGE) -> Any:
    return post(client, f"/v1/borrowers/{name}/draws", {"amount": amount, "term_months": 12})


def asks(client: Client, name: str, way: str, **more: Any) -> Any:
    return post(client, f"/v1/borrowers/{name}/matters", {"way": way, **more},
                role="borrower", borrower=name)  # fmt: skip


def line_of(client: Client, name: str) -> list[dict[str, Any]]:
    return [one for one in queue(client) if one["borrower"] == name]


def queue(client: Client, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        more = {"limit": 2} | query | ({"cursor": cursor} if cursor else {})
        page = told(client.get("/v1/matters", role="support", params=more), 200)
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


def answer(client: Client, matter: dict[str, Any], role: str = "approver", **said: Any) -> Any:
    base = f"/v1/borrowers/{matter['borrower']}/matters/{matter['id']}"
    post(client, base + "/taking", status=200, role=role)
    body = {"result": "upheld", "note": "核对过了"} | said
    return post(client, base + "/answer", body, role=role)


def day(text: str) -> int:
    return from_date(date.fromisoformat(text))


def test_each_way_has_its_own_clock(world: ApiWorld, client: Client) -> None:
    name = settle(client, "clocks")
    draws(client, name, 100_000_000)
    today = SHANGHAI.day(world.now)
    found = {
        way: asks(client, name, way, **more)
        for way, more in {
            "appeal": {}, "dispute": {"record": "A1"}, "complaint": {}, "review": {},
        }.items()
    }  # fmt: skip
    assert {way: day(one["answer_by"]) - today for way, one in found.items()} == {
        "appeal": 15, "dispute": 20, "complaint": 15,
        "review": world.engine.policy.calendar.after(today, 3) - today,
    }  # fmt: skip
    assert {one["status"] for one in found.values()} == {"open"}


def test_a_draw_that_needs_a_person_waits_for_one(world: ApiWorld, client: Client) -> None:
    name = settle(client, "waits")
    made = draws(client, name)
    assert made["outcome"] == "review"
    (waiting,) = line_of(client, name)
    assert (waiting["decision"], waiting["asked"], waiting["way"]) == (made["id"], False, "review")
    again = draws(client, name, LARGE + 100_000)
    (waiting_now,) = line_of(client, name)
    assert waiting_now["id"] == waiting["id"] and waiting_now["decision"] == again["id"]
    assert waiting_now["answer_by"] == waiting["answer_by"]


def test_a_person_who_says_yes_has_the_draw_decided_anew(world: ApiWorld, client: Client) -> None:
    name = settle(client, "says-yes")
    draws(client, name)
    (waiting,) = line_of(client, name)
    seen = told(client.get(f"/v1/borrowers/{name}/matters/{waiting['id']}", role="approver"), 200)
    assert seen["clearable"] == ["debt.large"]
    done = answer(client, waiting, result="changed", cleared=["debt.large"])
    assert done["status"] == "answered"
    path = f"/v1/borrowers/{name}/decisions/{done['decision_made']}"
    made = told(client.get(path, role="borrower", borrower=name), 200)
    assert made["outcome"] == "approve" and made["confirm_by"] is not None
    replay(world.engine, made["id"])
    assert line_of(client, name) == []
    history = told(client.get(f"/v1/borrowers/{name}/matters", role="borrower", borrower=name), 200)
    assert [one["note"] for one in history["items"]] == ["核对过了"]
    assert history["items"][0]["taken_by"] is None


def test_what_is_decided_anew_never_counts_as_a_try(world: ApiWorld, client: Client) -> None:
    """Planted: the decision made anew counts like the borrower's own."""
    name = settle(client, "no-try")
    draws(client, name)
    (waiting,) = line_of(client, name)
    poor = event("income_evidence", "2026-06-30", monthly_income=1_000, source="payroll")
    world.tell(name, poor)  # by now the draw would be declined
    done = answer(client, waiting, result="changed", cleared=["debt.large"])
    made = replay(world.engine, done["decision_made"])
    assert made.decision.outcome == "decline" and made.decision.counted
    assert counted(world, name) == 0
    draws(client, name)
    assert counted(world, name) == 1


def counted(world: ApiWorld, name: str) -> int:
    with world.store.snapshot() as conn:
        chain = borrowers.read(conn, world.store.keys, name)
        made = events.unseal(events.read_of_types(conn, name, ["decision"]), chain.key)
        return sum(isinstance(e.payload, DecisionMade) and e.payload.counted for e in made)


def test_a_refusal_on_facts_is_not_cleared_by_anybody(client: Client) -> None:
    name = settle(client, "facts")
    refused = draws(client, name, 19_000_000 + 100_000_000)
    assert refused["outcome"] in ("decline", "approve_less", "review")
    opened = asks(client, name, "review", decision=refused["id"])
    base = f"/v1/borrowers/{name}/matters/{opened['id']}"
    post(client, base + "/taking", status=200, role="approver")
    body = {"result": "changed", "note": "n", "cleared": ["debt.burden"]}
    assert post(client, base + "/answer", body, 422, role="approver")["code"] == "matter.cleared"


def test_another_person_judges_an_appeal(client: Client) -> None:
    name = settle(client, "appeals")
    made = draws(client, name)
    answer(client, line_of(client, name)[0])
    appeal = asks(client, name, "appeal", decision=made["id"])
    base = f"/v1/borrowers/{name}/matters/{appeal['id']}"
    post(client, base + "/taking", status=200, role="approver")
    body = {"result": "upheld", "note": "same"}
    refused = post(client, base + "/answer", body, 403, role="approver")
    assert refused["code"] == "matter.same_person"


def test_support_answers_complaints_but_judges_no_decision(client: Client) -> None:
    name = settle(client, "support")
    draws(client, name)
    complaint = asks(client, name, "complaint", cause="conduct", text="电话太多")
    assert answer(client, complaint, role="support")["result"] == "upheld"
    review = asks(client, name, "review")
    base = f"/v1/borrowers/{name}/matters/{review['id']}"
    post(client, base + "/taking", status=200, role="support")
    post(client, base + "/answer", {"result": "upheld", "note": "n"}, 403, role="support")


def test_a_dispute_is_marked_and_softens_the_record(world: ApiWorld, client: Client) -> None:
    name = settle(client, "disputes")
    opened = asks(client, name, "dispute", record="A1", cause="record_wrong")
    assert asks(client, name, "dispute", record="A1")["id"] == opened["id"]
    waits = next(one for one in queue(client) if one["id"] == opened["id"])
    # What is sealed is not opened for a list: it says so, rather than give another cause.
    assert (opened["cause"], waits["cause"]) == ("record_wrong", None)
    answer(client, opened, role="support", result="changed")
    with world.store.snapshot() as conn:
        chain = borrowers.read(conn, world.store.keys, name)
        links = events.read_of_types(conn, name, ["dispute"])
        told_ = [one.payload for one in events.unseal(links, chain.key)]
    stages = [one.stage for one in told_ if isinstance(one, Dispute)]
    assert stages == ["opened", "marked", "corrected"]


def test_two_at_once_have_one_effect(world: ApiWorld, client: Client) -> None:
    name = settle(client, "two-at-once")
    draws(client, name)
    (waiting,) = line_of(client, name)
    statuses = []
    base = f"/v1/borrowers/{name}/matters/{waiting['id']}/taking"

    def takes(role: str) -> None:
        statuses.append(client.call("POST", base, role=role, key=f"t-{role}").status_code)

    threads = [threading.Thread(target=takes, args=[role]) for role in ("approver", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]


def test_who_takes_and_never_answers_keeps_it_for_a_day_of_work_only(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = settle(client, "kept")
    complaint = asks(client, name, "complaint")
    base = f"/v1/borrowers/{name}/matters/{complaint['id']}/taking"
    post(client, base, status=200, role="support")
    post(client, base, status=409, role="approver")
    monkeypatch.setattr(world, "now", world.now + 8 * HOUR)
    assert post(client, base, status=200, role="approver")["taken_by"] == "staff:approver"


def test_our_delay_is_told_once_and_goes_first(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = settle(client, "late")
    complaint = asks(client, name, "complaint")
    matter_clock.look_at_all(world.engine)
    monkeypatch.setattr(world, "now", world.now + 15 * DAY)
    matter_clock.look_at_all(world.engine)
    assert not one(client, name, complaint)["late"]
    monkeypatch.setattr(world, "now", world.now + DAY)
    assert matter_clock.look_at_all(world.engine) >= 1
    assert matter_clock.look_at_all(world.engine) == 0
    assert one(client, name, complaint)["late"]
    assert notices(world, name).count("matter_late") == 1
    world.employ("support", "support")
    assert queue(client)[0]["late"]


def test_what_the_policy_asked_lapses_and_what_a_borrower_asked_does_not(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapses, stays = settle(client, "lapses"), settle(client, "stays")
    draws(client, lapses)
    draws(client, stays)
    asked = asks(client, stays, "review")
    assert asked["asked"]
    monkeypatch.setattr(world, "now", world.now + 14 * DAY)
    world.employ("support", "support")
    matter_clock.look_at_all(world.engine)
    assert line_of(client, lapses) == []
    assert [one["id"] for one in line_of(client, stays)] == [asked["id"]]
    assert notices(world, lapses).count("matter_answered") == 1


def one(client: Client, name: str, matter: dict[str, Any]) -> Any:
    return told(client.get(f"/v1/borrowers/{name}/matters/{matter['id']}"), 200)


def notices(world: ApiWorld, name: str) -> list[str]:
    with world.store.snapshot() as conn:
        rows = conn.execute("SELECT kind FROM notice WHERE borrower = %s ORDER BY id", [name])
        return [row[0] for row in rows]


def test_a_borrower_withdraws_and_sees_only_their_own(client: Client) -> None:
    name, other = settle(client, "mine"), settle(client, "theirs")
    matter = asks(client, name, "complaint", text="机密")
    path = f"/v1/borrowers/{other}/matters/{matter['id']}"
    told(client.get(path, role="borrower", borrower=other), 404)
    base = f"/v1/borrowers/{name}/matters/{matter['id']}/withdrawal"
    assert post(client, base, status=200, role="borrower", borrower=name)["status"] == "withdrawn"
    post(client, base, status=409, role="borrower", borrower=name)


def test_a_longer_queue_is_told_by_a_later_day(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = SHANGHAI.day(world.now)
    policy = world.engine.policy
    assert rules.answer_by(policy, "review", today, 10) == policy.calendar.after(today, 3)
    assert rules.answer_by(policy, "review", today, 1_000) == policy.calendar.after(today, 6)
    assert rules.answer_by(policy, "appeal", today, 10**6) == today + 15


def test_a_yes_that_forgets_what_was_cleared_is_found(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the person's clearance is lost on the way, so the draw only waits again."""
    name = settle(client, "forgets")
    draws(client, name)
    (waiting,) = line_of(client, name)

    def careless(engine: Any, borrower: str, request: Any, key: str) -> Any:
        return drawing.draw(engine, borrower, replace(request, cleared=()), key)

    monkeypatch.setattr(matter_answer, "draw", careless)
    done = answer(client, waiting, result="changed", cleared=["debt.large"])
    made = told(client.get(f"/v1/borrowers/{name}/decisions/{done['decision_made']}"), 200)
    assert made["outcome"] == "review"
    assert len(line_of(client, name)) == 1  # and it is put before a person again
