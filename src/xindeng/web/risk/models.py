"""The models: each with its card, how it did on our own loans, whether what it reads has moved."""

from __future__ import annotations

from collections.abc import Sequence

from xindeng.decision.words import PURPOSE_WORDS
from xindeng.language import Value
from xindeng.repair.checkup.blocks import Chart, Series, Table
from xindeng.scoring.scorecard import Bin, Characteristic
from xindeng.service.drift import BEFORE, LEAST, SPANS, Drift, drift
from xindeng.service.scored import scored
from xindeng.web.bundles import version_of
from xindeng.web.desk import shown
from xindeng.web.route import Shown, Visit
from xindeng.web.terms import Terms

HERE = "/risk/models"


def models(visit: Visit) -> Shown:
    """Show the score of a version: its card, its bands, its points."""
    version = version_of(visit, visit.query.get("v", ""))
    card = version.policy.card
    return shown(
        visit, HERE, version=version, card=card, measured=scored(visit.engine),
        points=[(one, _bins(visit, one)) for one in card.characteristics] if card else [],
    )  # fmt: skip


def drifted(visit: Visit) -> Shown:
    """Show how features and scores of late differ from those before."""
    asked = visit.query.get("days", "")
    days = next((one for one in SPANS if str(one) == asked), 30)
    found = drift(visit.engine, days)
    moved = [one for one in found.columns if one.shift.psi > 0]
    return shown(visit, HERE, found=found, days=days, spans=SPANS, before=BEFORE, least=LEAST,
                 moved=moved, still=len(found.columns) - len(moved),
                 chart=_chart(visit, found), named=named)  # fmt: skip


def named(visit: Visit, column: str, value: Value) -> str:
    """Return a value of a column in words where it is a name of ours."""
    terms = Terms(visit.look, visit.engine.policy)
    if column == "segment" and isinstance(value, str):
        return terms.segment(value)
    if column == "stance" and isinstance(value, str):
        return terms.stance(value)
    if column == "request_purpose" and isinstance(value, str):
        return PURPOSE_WORDS[visit.lang].get(value, value)
    return terms.plain(value) if isinstance(value, str) else plain(visit, value)


def plain(visit: Visit, value: Value) -> str:
    """Return a value of a column as it is read by people."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return visit.say("yes") if value else visit.say("no")
    return value if isinstance(value, str) else visit.look.number(round(value, 3))


def _bins(visit: Visit, one: Characteristic) -> list[tuple[str, int]]:
    """Return each bin of a characteristic in words, with its points."""
    rows: list[tuple[str, int]] = []
    above: Bin | None = None
    for each in one.bins:
        if each.members:
            rows.append((", ".join(plain(visit, member) for member in each.members), each.points))
            continue
        low = "" if above is None or above.lt is None else f"≥ {plain(visit, above.lt)}"
        high = "" if each.lt is None else f"< {plain(visit, each.lt)}"
        rows.append((" · ".join(filter(None, (low, high))) or visit.say("the rest"), each.points))
        above = each
    return [*rows, (visit.say("no data"), one.missing)]


def _chart(visit: Visit, found: Drift) -> Chart | None:
    """Return the share of each score band in both samples, None where one of them is empty."""
    if not all(found.counts) or not found.bands:
        return None
    names = tuple(name for name, _, _ in found.bands)
    shares = [_shares([before for _, before, _ in found.bands]),
              _shares([now for _, _, now in found.bands])]  # fmt: skip
    titles = (visit.say("before"), visit.say("of late"))
    told = "; ".join(
        f"{name} {before:.0%} → {now:.0%}" for name, before, now in zip(names, *shares, strict=True)
    )
    unit = visit.say("% of decisions")
    table = Table(
        caption=visit.say("Score bands"), head=(visit.say("Band"), *titles), numbers=(1, 2),
        rows=tuple((name, str(before), str(now)) for name, before, now in found.bands),
    )  # fmt: skip
    series = tuple(
        Series(name=title, values=tuple(100 * one for one in side))
        for title, side in zip(titles, shares, strict=True)
    )
    return Chart(title=visit.say("Score bands"), alternative=told, kind="lines", labels=names,
                 series=series, unit=unit, table=table)  # fmt: skip


def _shares(counts: Sequence[int]) -> list[float]:
    return [one / max(sum(counts), 1) for one in counts]
