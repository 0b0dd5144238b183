"""What a draw costs is shown, read and confirmed, in this order, and it is what was shown."""

from __future__ import annotations

import itertools

import pytest

from tests.decision_policy import NOW
from tests.service_world import World, asks, event
from xindeng.adapters.funder import SandboxFunder
from xindeng.adapters.rail import SandboxRail
from xindeng.decision.answer import Outcome
from xindeng.events.line import CostSheetShown
from xindeng.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from xindeng.kernel.time import DAY, SECOND
from xindeng.lending.terms import read_terms
from xindeng.service import disburse
from xindeng.service.disburse import Ports, confirm
from xindeng.service.draw import draw
from xindeng.service.held import held
from xindeng.service.quote import quote, seconds_left
from xindeng.store import Store, reservations

names = (f"c{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store)


@pytest.fixture(autouse=True)
def today(world: World) -> None:
    world.now = NOW


def approved(world: World, yuan: int = 8_000) -> tuple[str, str]:
    name = world.settle(next(names))
    return name, draw(world.engine, name, asks(yuan, rate_bp=1825), "d").id


def shown(world: World, name: str) -> list[CostSheetShown]:
    with held(world.engine, name) as line:
        return [one.payload for one in line.history(("cost_sheet_shown",))]  # type: ignore[misc]


def nothing_reserved(world: World, name: str) -> bool:
    with world.store.snapshot() as conn:
        return reservations.of_borrower(conn, name) == []


def test_a_draw_cannot_be_confirmed_before_its_cost_was_shown_and_read(world: World) -> None:
    name, decision = approved(world)
    ports = Ports(SandboxRail())
    with pytest.raises(ConflictError, match="not been shown") as caught:
        confirm(world.engine, ports, name, decision, "k")
    assert caught.value.code == "draw.not_shown" and "10 seconds" in caught.value.next_step
    sheet = quote(world.engine, name, decision)
    assert sheet.reading_seconds == 10
    world.now += 10 * SECOND - 1
    assert quote(world.engine, name, decision) == sheet, "showing it again starts nothing anew"
    assert seconds_left(world.engine, name, decision, sheet) == 1
    with pytest.raises(ConflictError, match="read for 10 seconds") as caught:
        confirm(world.engine, ports, name, decision, "k")
    assert caught.value.code == "draw.unread"
    assert "2026-07-01 10:00:10" in caught.value.next_step, "when to come back"
    assert nothing_reserved(world, name) and not ports.rail.sent  # type: ignore[attr-defined]
    world.now += 1
    assert seconds_left(world.engine, name, decision, sheet) == 0
    assert confirm(world.engine, ports, name, decision, "k").state == "settled"
    assert len(shown(world, name)) == 1
    world.now += 40 * DAY
    assert confirm(world.engine, ports, name, decision, "k").state == "settled", "and stays so"


def test_what_is_confirmed_is_what_was_shown(world: World) -> None:
    name, decision = approved(world)
    world.read_cost(name, decision)
    with pytest.raises(ConflictError, match="not been shown"):
        confirm(world.engine, Ports(SandboxRail(), SandboxFunder()), name, decision, "k")
    world.now += 20 * 3600 * SECOND  # another day has other due days, and is another sheet
    with pytest.raises(ConflictError, match="not been shown"):
        confirm(world.engine, Ports(SandboxRail()), name, decision, "k")
    _, other = approved(world)
    with pytest.raises(NotFoundError):
        quote(world.engine, name, other)
    world.read_cost(name, decision)
    assert confirm(world.engine, Ports(SandboxRail()), name, decision, "k").state == "settled"
    assert len({one.sheet for one in shown(world, name)}) == 2


def test_planted_confirmation_that_does_not_look_pays_out_unread(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, decision = approved(world)
    monkeypatch.setattr(disburse, "check_read", lambda *_: None)
    assert confirm(world.engine, Ports(SandboxRail()), name, decision, "k").state == "settled"


def test_a_smaller_offer_has_its_own_sheet_and_its_own_confirmation(world: World) -> None:
    name = world.settle(next(names), due=402_000)
    stored = draw(world.engine, name, asks(8_000, rate_bp=1825), "d")
    offered = stored.decision.amount_offered
    assert stored.decision.outcome is Outcome.APPROVE_LESS and offered and offered < 800_000
    assert nothing_reserved(world, name), "an offer is never a disbursement"
    sheet = world.read_cost(name, stored.id)
    assert sheet.principal == offered
    assert sheet.total_repaid == sum(row.total for row in sheet.instalments)
    made = confirm(world.engine, Ports(SandboxRail()), name, stored.id, "k")
    assert (made.amount, made.state) == (offered, "settled")
    assert read_terms(made.terms).months == sheet.months
    with pytest.raises(ConflictError, match="has been used"):
        confirm(world.engine, Ports(SandboxRail()), name, stored.id, "k2")


def test_a_refusal_has_nothing_to_confirm(world: World) -> None:
    name = world.settle(next(names), due=500_000)
    refused = draw(world.engine, name, asks(8_000), "d")
    assert refused.decision.outcome is Outcome.DECLINE
    with pytest.raises(ConflictError, match="outcome was decline"):
        quote(world.engine, name, refused.id)
    with pytest.raises(ConflictError, match="outcome was decline"):
        confirm(world.engine, Ports(SandboxRail()), name, refused.id, "k")


def test_a_hold_placed_after_the_approval_stops_the_confirmation(world: World) -> None:
    name, decision = approved(world)
    world.read_cost(name, decision)
    world.tell(name, event("hold_placed", "2026-07-01T10:00", hold="h", kind="manual",
                           mode="block", reason="x", review_at=world.now + DAY))  # fmt: skip
    with pytest.raises(ForbiddenError, match="repayments go on"):
        confirm(world.engine, Ports(SandboxRail()), name, decision, "k")
    assert nothing_reserved(world, name)
