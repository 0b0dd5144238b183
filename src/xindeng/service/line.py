"""One line in full: its three numbers and the gate, holds, draws on their way, loans, history."""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.decision.answer import Decision, EarliestYes, Outcome
from xindeng.decision.facts import OWN_LOCK, PlatformState
from xindeng.decision.precheck import last_events
from xindeng.decision.request import Request
from xindeng.events.catalogue import PLATFORM
from xindeng.events.envelope import Event
from xindeng.kernel.errors import NotFoundError
from xindeng.repair.ahead.habits import habits
from xindeng.repair.ahead.wait import earliest_yes
from xindeng.repair.dossier import last_report
from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.service.holds import foresee
from xindeng.service.platform import fold_platform
from xindeng.servicing.history import NumberChange, history
from xindeng.servicing.hold_book import StandingHold, standing_holds
from xindeng.servicing.limit_book import Warned, limit_book
from xindeng.servicing.three_numbers import ThreeNumbers, three_numbers
from xindeng.servicing.view import view_of
from xindeng.store import borrowers, events, loans, notices, reservations
from xindeng.store.chain import verify
from xindeng.store.connect import Conn


@dataclass(frozen=True, slots=True)
class DrawLine:
    """A draw on its way: reserved, sent, or with an answer that is not known."""

    draw: str
    amount: int
    state: str
    cause: str
    reserved_at: int


@dataclass(frozen=True, slots=True)
class LoanLine:
    """A loan as of today, minor units; `next_due` is (local day, amount) if something comes."""

    loan: str
    opened: int
    lent: int
    principal: int
    payoff: int
    due_now: int
    dpd: int
    tier: str
    next_due: tuple[int, int] | None
    status: str
    credit: int = 0
    """What was paid too much: refunded when asked for, else used for what falls due next."""


@dataclass(frozen=True, slots=True)
class LineView:
    """A line at instant `now` (µs); `tasks` are (kind, subject, due day) that people must do.

    `decision` is how the policy answers the smallest draw now: the lights and what stands in the
    way; `as_of` the instant of the last event of each type behind it; `warned` a warning that the
    limit may fall.
    """

    borrower: str
    now: int
    numbers: ThreeNumbers
    holds: tuple[StandingHold, ...]
    draws: tuple[DrawLine, ...]
    loans: tuple[LoanLine, ...]
    tasks: tuple[tuple[str, str, int], ...]
    decision: Decision
    as_of: dict[str, int]
    warned: Warned | None = None

    @property
    def hold_review(self) -> int | None:
        """Return by when a pause of draws is looked at again, as its notice told; None without."""
        known = [one.review_at for one in self.holds if one.pauses_draws and one.kind != OWN_LOCK]
        return min((at for at in known if at > self.now), default=None)


def show(engine: Engine, borrower: str, *, veil: bool = False) -> LineView:
    """Return the line as staff may see it; raises NotFoundError, ErasedError.

    `veil` keeps from its numbers what a borrower is not told.
    """
    policy = engine.policy
    with engine.store.snapshot() as conn:
        told = _events(engine, conn, borrower)
        state = policy.kernel.rebuild(told)
        foresee(engine, conn, borrowers.read(conn, engine.store.keys, borrower), state)
        held = {hold.id for hold in policy.kernel.holds(state)}
        platform = engine.platform.now(conn)[1]
        now = max(engine.clock(), state.last_known_at)
        today = policy.zone.day(now)
        rows = loans.of_borrower(conn, borrower)
        booked = loans.transactions(conn, [row.loan for row in rows])
        seen = view_of(policy, state, platform, now)
        return LineView(
            borrower=borrower,
            now=now,
            numbers=three_numbers(policy, seen.decision, veil=veil),
            holds=tuple(hold for hold in standing_holds(told) if hold.id in held),
            draws=tuple(
                DrawLine(one.draw, one.amount, one.state, one.cause, one.reserved_at)
                for one in reservations.of_borrower(conn, borrower)
            ),
            loans=tuple(_loan(books.age(row, booked[row.loan], today)) for row in rows),
            tasks=tuple(notices.tasks(conn, borrower)),
            decision=seen.decision,
            as_of=last_events(policy, state),
            warned=limit_book(told).warned,
        )


def waiting(engine: Engine, seen: LineView) -> EarliestYes | None:
    """Return what waiting brings the smallest draw of a line just seen, None where it passes;
    raises as `show` does."""
    policy, decision = engine.policy, seen.decision
    if decision.outcome is Outcome.APPROVE:
        return None
    with engine.store.snapshot() as conn:
        told = _events(engine, conn, seen.borrower)
        state = policy.kernel.rebuild(told)
        foresee(engine, conn, borrowers.read(conn, engine.store.keys, seen.borrower), state)
        platform = engine.platform.now(conn)[1]
    held = {hold.id for hold in policy.kernel.holds(state)}
    least = Request(amount=decision.amount_asked, currency=policy.currency)
    return earliest_yes(
        policy, state, platform, least, max(seen.now, state.last_known_at),
        habits=habits(told, seen.now), report=last_report(told),
        held=[hold for hold in standing_holds(told) if hold.id in held],
    )  # fmt: skip


def changes(engine: Engine, borrower: str, *, since: int | None = None) -> tuple[NumberChange, ...]:
    """Return every change of the three numbers after `since` (µs) until now, with its cause."""
    with engine.store.snapshot() as conn:
        told = _events(engine, conn, borrower)
        sides = _sides(engine, conn)
    until = max([engine.clock(), *(event.known_at for event in told)])
    return history(engine.policy, told, until=until, since=since, platform=sides)


def _events(engine: Engine, conn: Conn, borrower: str) -> list[Event]:
    chain = borrowers.read(conn, engine.store.keys, borrower)
    engine.check_currency(chain)
    links = events.read_links(conn, borrower)
    verify(borrower, links)
    return list(events.unseal(links, chain.key))


def _sides(engine: Engine, conn: Conn) -> list[tuple[int, PlatformState]]:
    """Return from when (µs) our side stood how."""
    try:
        told = _events(engine, conn, PLATFORM)
    except NotFoundError:
        return []
    return [
        (event.known_at, fold_platform(told[: number + 1])) for number, event in enumerate(told)
    ]


def _loan(aged: books.Aged) -> LoanLine:
    found = aged.standing
    return LoanLine(
        loan=aged.row.loan, opened=found.opened, lent=found.amount, principal=found.principal,
        payoff=found.payoff, due_now=found.due_now, dpd=found.dpd, tier=aged.tier,
        next_due=found.next_due, status=found.status, credit=found.credit,
    )  # fmt: skip
