"""Rules: which came, went, are switched on or off, and what each says differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from xindeng.policy.diff.model import RESTRICTING, Difference, Leaning
from xindeng.policy.diff.plain import changed
from xindeng.policy.model import Rule
from xindeng.policy.read_bundle import Bundle

_SAID: Final = (
    "when", "light", "effect", "reason", "whose", "missing", "until", "hold", "repair", "rank",
    "data",
)  # fmt: skip


def rules(before: Bundle, after: Bundle) -> Iterator[Difference]:
    """Yield what differs between the rules of two bundles, then their texts, then their cases."""
    old = {one.id: one for one in before.rules}
    new = {one.id: one for one in after.rules}
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name), new.get(name)
        if was is not None and now is not None:
            yield from _rule(was, now)
            continue
        one = was or now
        assert one is not None
        yield Difference(
            "rule", name, "added" if was is None else "removed", one.effect,
            None if was is None else one.when, None if now is None else one.when,
            leaning=_leaning(one, was is None), place=str(one.place),
        )  # fmt: skip
    for name in (name for name in new if name in old):
        for path, a, b in changed(_texts(old[name]), _texts(new[name])):
            yield Difference("text", name, "changed", path, a, b, place=str(new[name].place))
    for name in (name for name in new if name in old):
        yield from _cases(old[name], new[name])


def _rule(was: Rule, now: Rule) -> Iterator[Difference]:
    if was.enabled != now.enabled:
        yield Difference("rule", now.id, "changed", "enabled", was.enabled, now.enabled,
                         leaning=_leaning(now, now.enabled), place=str(now.place))  # fmt: skip
    for key in _SAID:
        for path, a, b in changed({key: getattr(was, key)}, {key: getattr(now, key)}):
            lean: Leaning = ""
            if key == "effect" and (a in RESTRICTING) != (b in RESTRICTING):
                lean = "stricter" if b in RESTRICTING else "looser"
            yield Difference("rule", now.id, "changed", path, a, b, leaning=lean,
                             place=f"{now.place.path}:{now.at(key)}")  # fmt: skip


def _texts(rule: Rule) -> dict[str, Mapping[str, str]]:
    return {**rule.texts, "title": rule.title}


def _leaning(rule: Rule, comes: bool) -> Leaning:
    if rule.effect not in RESTRICTING:
        return ""
    return "stricter" if comes else "looser"


def _cases(was: Rule, now: Rule) -> Iterator[Difference]:
    def told(rule: Rule) -> list[str]:
        return [f"{dict(one.given)} {one.day} {one.stance} {one.segment} {one.expect}"
                for one in rule.cases]  # fmt: skip

    old, new = told(was), told(now)
    if old == new:
        return
    gone = sum(one not in new for one in old)
    come = sum(one not in old for one in new)
    yield Difference("case", now.id, "changed", "", gone, come, place=str(now.place))
