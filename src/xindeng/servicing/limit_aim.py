"""Where a limit should be: the cell of the matrix, the rules that cut, and what would change it.

What a borrower is told would avert a cut is tried on a copy of the facts, never merely claimed.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from xindeng.decision.words import AREA_WORDS
from xindeng.policy.model import LimitRemedy
from xindeng.servicing.limit_words import LIMIT_WORDS
from xindeng.servicing.view import View

_MOST_LABELS = 3


class Aim(Struct, frozen=True, kw_only=True):
    """The limit to move to, by at most `step` at once and `gap_days` after the last change, all
    minor units and days; `rule` is the rule that cuts, None for the matrix."""

    target: int
    step: int
    gap_days: int
    band: str
    behaviour: str
    rule: str | None = None

    def next_down(self, limit: int) -> int:
        """Return the limit after one cut."""
        return max(self.target, limit - self.step)

    def next_up(self, limit: int) -> int:
        """Return the limit after one raise."""
        return min(self.target, limit + self.step)


class Way(Struct, frozen=True, kw_only=True):
    """Remedies that together lead to `limit` instead."""

    remedies: tuple[str, ...]
    limit: int

    def text(self, view: View, language: str) -> str:
        """Return what to do, in words."""
        limits = view.policy.line.limits
        known = {r.name: r.texts[language] for r in (limits.remedies if limits else ())}
        words = LIMIT_WORDS[language]
        texts = words["comma"].join(known[name] for name in self.remedies)
        if len(self.remedies) == 1:
            return texts
        return f"{words['together']}{'：' if language == 'zh' else ': '}{texts}"


def aim_of(view: View, limit: int) -> Aim | None:
    """Return where the policy wants the limit, None where it says nothing of such a line."""
    line = view.policy.line
    behaviour = line.behaviour((*view.inputs, *view.definitions), view.parameters)
    band = view.value("score_band")
    if behaviour is None or not isinstance(band, str):
        return None
    cell = line.cell(view.segment, band, behaviour)
    if cell is None:
        return None
    target = min(cell.target, legal_cap(view))
    aim = Aim(
        target=target, step=cell.step, gap_days=cell.min_gap_days, band=band, behaviour=behaviour
    )
    for index, rule in enumerate(view.policy.rules):
        if not view.fired >> index & 1:
            continue
        if rule.effect == "zero_limit":
            return Aim(
                target=0, step=max(limit, 1), gap_days=0, band=band, behaviour=behaviour,
                rule=rule.id,
            )  # fmt: skip
        if rule.effect == "cut_limit" and aim.target >= limit:
            aim = Aim(
                target=max(limit - cell.step, 0), step=cell.step, gap_days=cell.min_gap_days,
                band=band, behaviour=behaviour, rule=rule.id,
            )  # fmt: skip
    return aim


def legal_cap(view: View) -> int:
    """Return the highest limit the law allows now, or the engine's own where none is given."""
    names = view.policy.parameter_names
    return view.parameter("legal_line_cap") if "legal_line_cap" in names else 10**11


def ways_up(view: View, limit: int, aim: Aim, within_days: int, floor: int) -> tuple[Way, ...]:
    """Return the remedies of at most `within_days` that lead above `floor`, best first.

    `limit` is where the limit stands. One remedy at a time; all together only where no single
    one keeps the limit as it is.
    """
    limits = view.policy.line.limits
    possible = [r for r in (limits.remedies if limits else ()) if r.days <= within_days]
    found = [way for r in possible if (way := _tried(view, limit, [r], floor)) is not None]
    if len(possible) > 1 and not any(way.limit >= max(limit, aim.target + 1) for way in found):
        together = _tried(view, limit, possible, max([floor, *[w.limit for w in found]]))
        found += [] if together is None else [together]
    return tuple(sorted(found, key=lambda way: (-way.limit, len(way.remedies))))


def _tried(view: View, limit: int, remedies: Sequence[LimitRemedy], floor: int) -> Way | None:
    columns = (*view.inputs, *view.definitions)
    changed = {}
    for remedy in remedies:
        changed.update(view.policy.line.remedied(remedy, columns, view.parameters))
    aim = aim_of(view.supposing(changed), limit)
    if aim is None:
        return None
    reached = min(limit, aim.target) if limit else aim.next_up(0)
    if limit and aim.target < limit:
        reached = aim.next_down(limit)
    names = tuple(remedy.name for remedy in remedies)
    return Way(remedies=names, limit=reached) if reached > floor else None


def evidence_of(view: View, aim: Aim, language: str) -> str:
    """Return in words what a cut rests on: use of the line, and where the score loses most."""
    words, policy = LIMIT_WORDS[language], view.policy
    if aim.rule is not None:
        rule = policy.rule_by_id[aim.rule]
        if rule.whose == "withheld":
            return words["safety"]
        own = policy.area_by_name[rule.area].title.get(language)
        return own or AREA_WORDS["zh" if language == "zh" else "en"][rule.area]
    limits = policy.line.limits
    said = []
    for behaviour in limits.behaviours if limits else ():
        if behaviour.name == aim.behaviour and language in behaviour.title:
            said.append(words["behaviour"].format(title=behaviour.title[language]))
    labels = _lost_points(view, language)
    if labels:
        said.append(words["points"].format(labels=words["comma"].join(labels)))
    if not said:
        title = policy.segment_titles.get(view.segment, {}).get(language, view.segment)
        said.append(words["segment"].format(title=title))
    return ("；" if language == "zh" else "; ").join(said)


def _lost_points(view: View, language: str) -> list[str]:
    """Return the labels of the characteristics that are furthest below their best."""
    card = view.policy.card
    lost = []
    for characteristic in card.characteristics if card else ():
        points = view.value(characteristic.points_column)
        label = characteristic.label.get(language)
        known = view.value(characteristic.column) is not None
        if known and isinstance(points, int) and points < 0 and label:
            lost.append((points - characteristic.best, label))
    return [label for _, label in sorted(lost)[:_MOST_LABELS]]
