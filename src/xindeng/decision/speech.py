"""Saying things in one language: money, dates, titles and the policy's own texts, filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from xindeng.decision.answer import Decision
from xindeng.decision.trace import Recall
from xindeng.decision.words import AREA_WORDS, PURPOSE_WORDS, WORDS, Language
from xindeng.kernel.money import Money
from xindeng.kernel.time import DAY, MINUTE
from xindeng.language import Value
from xindeng.policy.policy import Policy
from xindeng.policy.texts import Slot, render

NEVER: Final[Mapping[str, int]] = MappingProxyType({})


class Speech:
    """One decision told in one language; instants are shown in the policy's zone.

    `standing` are the rules that no waiting within sight moves, `later` those of them that only
    time ends, and when (µs).
    """

    def __init__(
        self, policy: Policy, decision: Decision, lang: Language,
        standing: Collection[str] = (), later: Mapping[str, int] = NEVER,
    ) -> None:  # fmt: skip
        self.standing, self.later = standing, later
        self.policy, self.decision, self.lang = policy, decision, lang
        self.recall = Recall(policy, decision)
        self._words = WORDS[lang]

    def say(self, key: str, **slots: object) -> str:
        """Return one of the fixed sentences with its slots filled."""
        said = self._words[key].format(**slots)
        return said.replace(" 1 days", " 1 day") if self.lang == "en" else said

    def money(self, minor: int) -> str:
        """Return e.g. ¥8,000 or 8,000.50 CZK."""
        return str(Money(minor, self.policy.currency))

    def day(self, at: int) -> str:
        """Return the local date of an instant, e.g. 2026-07-05."""
        return f"{self.policy.zone.local(at):%Y-%m-%d}"

    def until(self, at: int) -> str:
        """Return an instant as a person reads it: a day if it is local midnight, else to the
        minute, rounded up."""
        return self.policy.zone.written(-(-at // MINUTE) * MINUTE)

    def area(self, name: str) -> str:
        """Return the title of an area, the policy's own if it has one."""
        own: Mapping[str, str] = self.policy.area_by_name[name].title
        return own.get(self.lang) or AREA_WORDS[self.lang].get(name, name)

    def fact(self, rule_id: str, audience: str) -> str:
        """Return the policy's text on a fired rule for one audience, placeholders filled in."""
        return render(
            self.policy.texts[rule_id][self.lang][audience],
            self._value,
            language=self.lang,
            currency=self.policy.currency,
            zone=self.policy.zone,
        )

    def parameter(self, *names: str) -> list[Value]:
        """Return those of the named parameters that the policy has, in the order asked."""
        found = self.recall.parameters
        return [found[name] for name in names if name in found]

    def clock(self, name: str) -> str:
        """Return ", answered within N days" for a parameter in days, "" without one."""
        days = self.parameter(name)
        return self.say("clock", days=days[0]) if days else ""

    def in_days(self, at: int) -> int:
        """Return the whole days from the decision to an instant, rounded up."""
        return -(-(at - self.decision.now) // DAY)

    def _value(self, slot: Slot) -> Value:
        if slot.parameter:
            return self.recall.parameters[slot.name]
        value = self.recall.values[slot.name]
        if slot.name == "request_purpose" and isinstance(value, str):
            return PURPOSE_WORDS[self.lang].get(value, value)
        return value
