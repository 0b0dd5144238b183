"""Days past due and what they mean: buckets, IFRS 9 stages, the five tiers, and their roll.

Thresholds are dated parameters; `ClassRules` holds those in force from 2023-07-01
(商业银行金融资产风险分类办法) with IFRS 9's presumptions B5.5.19 and B5.5.37.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from xindeng.kernel.time import to_date
from xindeng.lending.accrual import nominal_day
from xindeng.servicing.standing import Arrears, Standing

Tier = Literal["normal", "special_mention", "substandard", "doubtful", "loss"]
Roll = Literal["current", "stayed", "forward", "back", "cured"]
TIERS: Final[tuple[Tier, ...]] = (
    "normal", "special_mention", "substandard", "doubtful", "loss",
)  # fmt: skip
BUCKETS: Final = ("current", "M1", "M2", "M3", "M4", "M5", "M6", "M7")
"""M1 is 1–30 days past due, M2 31–60 … M6 151–180, M7 beyond, as in the credit report's 1–7."""


class ClassRules(Struct, frozen=True, forbid_unknown_fields=True):
    """Days past due *above* which a tier begins at the least, and how it may be left again.

    From a non-performing tier only after all arrears are cleared and, whichever is longer,
    `upgrade_dues` instalments and `upgrade_days` days kept. A restructured loan is watched
    (重组观察期) at least `watch_months` and `watch_dues` instalments from its first new due day.
    """

    substandard: int = 90
    doubtful: int = 270
    loss: int = 360
    upgrade_days: int = 180
    upgrade_dues: int = 2
    watch_months: int = 12
    watch_dues: int = 2
    stage_two_after: int = 30
    default_from: int = 90


CLASS_RULES: Final = ClassRules()


def bucket(dpd: int) -> str:
    """Return the bucket of a number of days past due."""
    return BUCKETS[min((dpd + 29) // 30, 7)]


def roll(before: int, after: int) -> Roll:
    """Say how a loan moved between the buckets of two days past due."""
    a, b = BUCKETS.index(bucket(before)), BUCKETS.index(bucket(after))
    if a == b:
        return "stayed" if a else "current"
    if b > a:
        return "forward"
    return "back" if b else "cured"


class Lateness(NamedTuple):
    """How late a line is by its worst loan: days past due, what is past due in all, and class."""

    dpd: int
    overdue: int
    tier: Tier


def worst(standings: Iterable[Standing]) -> Lateness:
    """Return how late a line with these loans is; one written off counts until it is recovered,
    and as late from the day of its write-off."""
    found = Lateness(0, 0, "normal")
    for one in standings:
        dpd = max(one.dpd, 1) if one.status == "written_off" and one.written_off else one.dpd
        class_ = TIERS[max(TIERS.index(found.tier), TIERS.index(tier(one)))]
        found = Lateness(max(found.dpd, dpd), found.overdue + one.past_due, class_)
    return found


def tier(standing: Standing, rules: ClassRules = CLASS_RULES) -> Tier:
    """Return the five-tier class that the loan has at the least."""
    if standing.status == "written_off":
        return "loss" if standing.written_off else "normal"
    if standing.status != "open":
        return "normal"
    peak, spell = _carried(standing, rules)
    day, dues = _clock(standing)
    held = peak if spell is not None and not _upgraded(spell, day, dues, rules) else 0
    found = _by_days(max(standing.dpd, standing.arrears_peak, held), rules)
    return TIERS[max(found, _watch(standing, rules))]


def stage(standing: Standing, rules: ClassRules = CLASS_RULES) -> int:
    """Return the IFRS 9 stage, 1 to 3."""
    if standing.dpd >= rules.default_from or TIERS.index(tier(standing, rules)) >= 2:
        return 3
    return 2 if standing.dpd > rules.stage_two_after or _watch(standing, rules) else 1


def watch_until(standing: Standing, rules: ClassRules = CLASS_RULES) -> int | None:
    """Return the first local day on which the watch over a restructured loan may end, or None."""
    found = _watched(standing, rules)
    return None if found is None else found[0]


def _watched(standing: Standing, rules: ClassRules) -> tuple[int, int] | None:
    """Return the first day on which the watch may end, and the instalments due before it began."""
    if not standing.restructured:
        return None
    last = standing.restructured[-1]
    until, before = _a_watch_from(last.first_due_day, rules), last.fallen_due
    for spell in standing.spells:
        over = spell.since >= until and spell.dues_before - before >= rules.watch_dues
        if spell.since >= last.day and not over:  # late while watched: it begins anew
            until, before = _a_watch_from(spell.cleared, rules), spell.dues_then
    return until, before


def _a_watch_from(day: int, rules: ClassRules) -> int:
    date = to_date(day)
    return nominal_day(date.year * 12 + date.month - 1 + rules.watch_months, date.day)


def _by_days(dpd: int, rules: ClassRules) -> int:
    if dpd > rules.loss:
        return 4
    if dpd > rules.doubtful:
        return 3
    if dpd > rules.substandard:
        return 2
    return 1 if dpd else 0


def _carried(standing: Standing, rules: ClassRules) -> tuple[int, Arrears | None]:
    """Return the peak of the last non-performing spell, worsened by those it was never upgraded
    from, and the spell whose clearing its performance is counted from."""
    peak, last = 0, None
    for spell in standing.spells:
        held = last is not None and not _upgraded(last, spell.since, spell.dues_before, rules)
        worst = max(spell.peak, peak if held else 0)
        peak, last = (worst, spell) if worst > rules.substandard else (0, None)
    return peak, last


def _upgraded(spell: Arrears, day: int, dues: int, rules: ClassRules) -> bool:
    kept_days = day - spell.cleared >= rules.upgrade_days
    return kept_days and dues - spell.dues_then >= rules.upgrade_dues


def _clock(standing: Standing) -> tuple[int, int]:
    """Return the day until which instalments were kept, and how many had been by then."""
    if not standing.dpd:
        return standing.day, standing.fallen_due - len(standing.dues)
    if standing.arrears_since is not None:
        return standing.arrears_since, standing.arrears_dues
    return standing.dues[0].day, max(0, standing.fallen_due - len(standing.dues))


def _watch(standing: Standing, rules: ClassRules) -> int:
    """Return the index of the tier that the watch allows at best, 0 when there is none."""
    found = _watched(standing, rules)
    if found is None:
        return 0
    day, dues = _clock(standing)
    if day >= found[0] and dues - found[1] >= rules.watch_dues:
        return 0
    last = standing.restructured[-1]
    was_impaired = any(
        spell.cleared <= last.day
        and spell.peak > rules.substandard
        and not _upgraded(spell, last.day, last.fallen_due, rules)
        for spell in standing.spells
    )
    return 2 if was_impaired or standing.dpd else 1
