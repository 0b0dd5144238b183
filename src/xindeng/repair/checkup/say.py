"""How a check-up speaks: fixed sentences, and money, shares and days as a person reads them."""

from __future__ import annotations

from xindeng.decision.answer import Light
from xindeng.decision.words import AREA_WORDS, LIGHT_WORDS, Language
from xindeng.kernel.money import Money
from xindeng.kernel.time import to_date
from xindeng.language import Value
from xindeng.policy.policy import Policy
from xindeng.policy.texts import show
from xindeng.repair.checkup.debt_words import DEBT
from xindeng.repair.checkup.flow_words import FLOW
from xindeng.repair.checkup.papers import Papers
from xindeng.repair.checkup.way_words import WAY
from xindeng.repair.checkup.words import WORDS
from xindeng.repair.review.tell import one_of


class Say:
    """One language, one policy, one instant, and the papers that a fact can be traced to."""

    def __init__(self, policy: Policy, lang: Language, now: int, papers: Papers) -> None:
        self.policy, self.lang, self.now, self.papers = policy, lang, now, papers
        self.today = policy.zone.day(now)
        self._words = WORDS[lang] | FLOW[lang] | WAY[lang] | DEBT[lang]

    def __call__(self, key: str, **slots: object) -> str:
        """Return one of the fixed sentences with its places filled, as it is said of papers that
        were sent where it is said otherwise of them."""
        other = f"{key}_sent"
        said = self._words[other if self.papers.sent and other in self._words else key]
        said = said.format(**slots) if slots else said
        return one_of(said) if self.lang == "en" else said

    def plain(self, said: str) -> str:
        """Return a sentence of the policy's with its counts as they are meant."""
        return one_of(said) if self.lang == "en" else said

    def has(self, key: str) -> bool:
        """Return whether there is such a sentence."""
        return key in self._words

    def head(self, key: str) -> tuple[str, ...]:
        """Return the column heads of a table."""
        return tuple(self._words[key].split("|"))

    def money(self, minor: int) -> str:
        """Return e.g. ¥8,000, decimals only where needed."""
        return str(Money(minor, self.policy.currency))

    def share(self, value: Value) -> str:
        """Return a ratio, or basis points if whole, in percent; "no data" for None."""
        return (
            self("unknown")
            if value is None
            else show(value, "percent", self.lang, self.policy.currency, self.policy.zone)
        )

    def day(self, day: int) -> str:
        """Return a local day, e.g. 2026-07-05."""
        return to_date(day).isoformat()

    def day_of(self, at: int) -> str:
        """Return the local day of an instant."""
        return self.day(self.policy.zone.day(at))

    def light(self, light: Light) -> str:
        """Return the word of a light."""
        return LIGHT_WORDS[self.lang][light]

    def area(self, name: str) -> str:
        """Return the title of an area, the policy's own if it has one."""
        own = self.policy.area_by_name[name].title
        return own.get(self.lang) or AREA_WORDS[self.lang].get(name, name)

    def party(self, identity: str | None) -> str:
        """Return the name of a counterparty as the papers write it."""
        return self.papers.names.get(identity or "", identity or "—")

    def parameter(self, name: str) -> Value:
        """Return a parameter in force, None where the policy has none of that name."""
        if name not in self.policy.parameter_names:
            return None
        return self.policy.parameter(name, self.today)

    def lines(self) -> str:
        """Return the complaint lines of the policy, e.g. "12378 / 12363"."""
        numbers = (
            self.parameter("complaint_line_finance"),
            self.parameter("complaint_line_credit"),
        )
        return " / ".join(str(number) for number in numbers if number is not None)

    def joined(self, parts: list[str]) -> str:
        """Return parts in a row, as the language joins them."""
        return ("、" if self.lang == "zh" else ", ").join(parts)
