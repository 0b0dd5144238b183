"""A simulated borrower who follows a plan: what really happens from then on, event by event.

Life goes on by its habits and each step is taken on its day. What a payment to another lender
changes is read off a new credit report with that account lower or settled, and its figures are
derived from that report like from any other: not taken over from the plan's own arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from xindeng.events.credit import BureauSummary, CreditReport, ExternalDebt, ReportAccount
from xindeng.events.envelope import Event
from xindeng.kernel.time import Zone
from xindeng.policy.policy import Policy
from xindeng.repair.ahead.course import Act, course
from xindeng.repair.debt import Debt, after_payment
from xindeng.repair.dossier import Dossier
from xindeng.repair.plans.case import Case, case_of
from xindeng.repair.plans.plan import Plan
from xindeng.repair.plans.prove import acts_of
from xindeng.repair.plans.reprove import options_again, request_of


def follow(policy: Policy, dossier: Dossier, plan: Plan, now: int, until: int) -> Iterator[Event]:
    """Yield what happens after `now` up to `until` (µs) if the plan is followed, in order.

    A credit report stands for its figures, which whoever takes it in derives.
    """
    case = case_of(policy, dossier, request_of(policy, plan), now)
    acts = acts_of(tuple(options_again(case, plan).values()))
    events = course(case.habits, acts, dossier.debts, dossier.state.seq, until)
    for number, event in enumerate(_as_read(case, events, acts)):
        yield replace(event, id=f"followed:{number}", borrower=dossier.borrower)


def _as_read(case: Case, events: Iterable[Event], acts: Iterable[Act]) -> Iterator[Event]:
    report, acts = case.dossier.report, tuple(acts)
    last = [e.payload for e in case.dossier.events if isinstance(e.payload, ExternalDebt)]
    told_by_report = last and last[-1].source == "bureau"
    if report is None or not told_by_report or any(act.amends is not None for act in acts):
        yield from events
        return
    debts = {debt.account: debt for debt in case.dossier.debts if debt.account is not None}
    for event in events:
        if isinstance(event.payload, ExternalDebt):
            continue  # it comes with the report, as the summary does
        if isinstance(event.payload, BureauSummary):
            paid: dict[str, int] = {}
            for act in acts:
                if act.at <= event.occurred_at:
                    for debt, amount in act.pays.items():
                        paid[debt] = paid.get(debt, 0) + amount
            read = read_again(report, debts, paid, case.policy.zone, event.occurred_at)
            yield replace(event, type="credit_report", payload=read)
        else:
            yield event


def read_again(
    report: CreditReport, debts: Mapping[str, Debt], paid: Mapping[str, int], zone: Zone, at: int
) -> CreditReport:
    """Return the report as read at `at` (µs), with `paid` (debt id → fen) taken off.

    `debts` are those of the report by account. Nothing else in it has changed.
    """

    def now(account: ReportAccount) -> ReportAccount:
        debt = debts.get(account.account)
        amount = 0 if debt is None else paid.get(debt.id, 0)
        if debt is None or not amount:
            return account
        left = after_payment(debt, amount)
        # A card that is paid off stays a card; a loan that is paid off is settled.
        closed = not left.balance and debt.kind != "card"
        return replace(
            account,
            balance=left.balance or 0,
            monthly_due=left.monthly_due,
            status="settled" if closed else account.status,
        )

    accounts = tuple(now(account) for account in report.accounts)
    return replace(report, report_day=zone.day(at), accounts=accounts)
