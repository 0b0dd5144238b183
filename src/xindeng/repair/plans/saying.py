"""What every sentence of a plan is made with: one policy, one language, money, days and areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xindeng.decision.answer import Light
from xindeng.decision.words import AREA_WORDS, LIGHT_WORDS, Language
from xindeng.kernel.money import Money
from xindeng.kernel.time import HOUR, MINUTE, to_date
from xindeng.policy.policy import Policy
from xindeng.repair.plans.notes import NOTE_WORDS
from xindeng.repair.plans.words import PLAN_WORDS


class Saying:
    """One policy, one language; `asked_at` (µs) is when the request was made."""

    def __init__(self, policy: Policy, lang: Language, asked_at: int) -> None:
        self.policy, self.lang, self.words = policy, lang, PLAN_WORDS[lang]
        self.asked_at = asked_at

    def say(self, key: str, **slots: object) -> str:
        """Return a sentence with its places filled in; a day that is today is called so."""
        said = self.words[key].format(**slots)
        return said.replace(*((" on today", " today") if self.lang == "en" else ("到今天", "今天")))

    def money(self, minor: int) -> str:
        """Return an amount of minor units as it is written."""
        return str(Money(minor, self.policy.currency))

    def day(self, day: int) -> str:
        """Return a local day as it is written."""
        return to_date(day).isoformat()

    def moment(self, at: int, *, soon: bool = True) -> str:
        """Return a date, with the time of day where it is not midnight; within the hour from the
        request it is simply today, if `soon`."""
        zone = self.policy.zone
        day = zone.day(at)
        if soon and self.asked_at <= at <= self.asked_at + HOUR and day == zone.day(self.asked_at):
            return self.say("this_day")
        return zone.written(-(-at // MINUTE) * MINUTE)

    def notes(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Return what codes stand for."""
        return tuple(NOTE_WORDS[self.lang][code] for code in codes)

    def area(self, name: str) -> str:
        """Return an area's name, the policy's own where it has one."""
        return self.policy.area_by_name[name].title.get(self.lang) or AREA_WORDS[self.lang][name]

    def areas(self, rules: Iterable[str], lights: Mapping[str, Light] | None = None) -> str:
        """Return the areas of rules, each with its light's word where that is known."""
        names = dict.fromkeys(self.policy.rule_by_id[rule].area for rule in rules)
        lit = LIGHT_WORDS[self.lang]
        return self.words["and"].join(
            self.say("lit", area=self.area(name), light=lit[lights[name]])
            if lights and name in lights else self.area(name)
            for name in names
        )  # fmt: skip
