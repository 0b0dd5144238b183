"""The charts of the portfolio, each with the table behind it."""

from __future__ import annotations

from collections.abc import Sequence

from xindeng.kernel.money import MINOR_DIGITS
from xindeng.repair.checkup.blocks import Chart, Series, Table
from xindeng.store.portfolio import LoanGroup, Vintage
from xindeng.web.route import Visit
from xindeng.web.terms import Terms


def outcomes(visit: Visit, counted: Sequence[tuple[str, int]]) -> Chart:
    """Return how many decisions ended how."""
    terms = Terms(visit.look, visit.engine.policy)
    rows = [(terms.of("outcome", name), count) for name, count in counted]
    title, unit = visit.say("Outcomes"), visit.say("decisions")
    table = Table(caption=title, head=(visit.say("Outcome"), unit), numbers=(1,),
                  rows=tuple((name, visit.look.number(count)) for name, count in rows))  # fmt: skip
    return _bars(title, unit, rows, table)


def funnel_table(visit: Visit, funnel: Sequence[tuple[str, int]]) -> Table:
    """Return the steps from a draw that was decided to one that was paid out, with shares."""
    first, look = funnel[0][1], visit.look
    return Table(
        caption=visit.say("Funnel"), numbers=(1, 2),
        head=(visit.say("Step"), visit.say("Draws"), visit.say("Share")),
        rows=tuple((name, look.number(count), look.percent(count / first) if first else "—")
                   for name, count in funnel),
    )  # fmt: skip


def standing(visit: Visit, name: str) -> str:
    """Return how late loans are, in words."""
    words = {"current": visit.say("on time"), "written_off": visit.say("written off"),
             "closed": visit.say("closed")}  # fmt: skip
    return words.get(name) or visit.say("{days} days late", days=name)


def lateness(visit: Visit, loans: Sequence[tuple[str, LoanGroup]]) -> Chart:
    """Return what is owed, by how late it is, and what was lost."""
    look, currency = visit.look, visit.engine.policy.currency
    title, unit = visit.say("Owed, by days late"), visit.say("in money")
    table = Table(
        caption=title, numbers=(1, 2, 3, 4),
        head=(visit.say("Standing"), visit.say("Loans"), visit.say("Principal"),
              visit.say("Written off"), visit.say("Lost, net")),
        rows=tuple(
            (name, look.number(one.count), look.money(one.principal, currency),
             look.money(one.written_off, currency),
             look.money(one.written_off - one.recovered, currency))
            for name, one in loans
        ),
    )  # fmt: skip
    unit_of = 10 ** MINOR_DIGITS[currency]
    owed = [(name, one.principal / unit_of) for name, one in loans if one.standing != "closed"]
    return _bars(title, unit, owed, table)


def vintages(visit: Visit, found: Sequence[Vintage]) -> Chart:
    """Return what became of each month's loans, as shares of what was lent in it."""
    look, currency = visit.look, visit.engine.policy.currency
    title, unit = visit.say("Losses by month of lending"), visit.say("% of what was lent")
    oldest = list(reversed(found))
    names = (visit.say("more than 30 days late"), visit.say("lost, net"))
    shares = [
        (_share(one.late_31_90 + one.late_91, one.lent), _share(one.lost, one.lent))
        for one in oldest
    ]  # fmt: skip
    table = Table(
        caption=title, numbers=(1, 2, 3, 4, 5, 6, 7),
        head=(visit.say("Month"), visit.say("Loans"), visit.say("Lent"), visit.say("Still owed"),
              *(visit.say("{days} days late", days=days) for days in ("1-30", "31-90", "91+")),
              visit.say("Lost, net")),
        rows=tuple(
            (one.month, look.number(one.loans),
             *(look.money(value, currency) for value in (
                 one.lent, one.owed, one.late_1_30, one.late_31_90, one.late_91, one.lost)))
            for one in found
        ),
        note=visit.say("As the loans stand now. A young month cannot be late yet: compare months "
                       "of the same age only."),
    )  # fmt: skip
    told = "; ".join(f"{one.month} {late:.1f} + {lost:.1f}"
                     for one, (late, lost) in zip(oldest, shares, strict=True))  # fmt: skip
    series = tuple(Series(name=name, values=tuple(one[place] for one in shares))
                   for place, name in enumerate(names))  # fmt: skip
    return Chart(title=title, alternative=told, kind="bars", unit=unit, series=series, table=table,
                 labels=tuple(one.month for one in oldest))  # fmt: skip


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _bars(title: str, unit: str, rows: Sequence[tuple[str, float]], table: Table) -> Chart:
    told = ", ".join(f"{name} {value:,.0f}" for name, value in rows)
    series = Series(name=title, values=tuple(float(value) for _, value in rows))
    return Chart(title=title, alternative=told, kind="bars", unit=unit, series=(series,),
                 labels=tuple(name for name, _ in rows), table=table)  # fmt: skip
