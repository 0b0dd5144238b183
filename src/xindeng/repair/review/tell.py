"""A finding in words."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from xindeng.decision.words import Language
from xindeng.kernel.time import Zone
from xindeng.language import Value
from xindeng.policy.texts import Slot, render
from xindeng.repair.review.findings import Finding
from xindeng.repair.review.terms import ReviewTerms
from xindeng.repair.review.words import FINDINGS, GONE, GONE_UNKNOWN, JOINED, PUBLIC_KINDS, UNTOLD

_ONE: Final = re.compile(
    r"(?<![\d.,-])1 (month|day|account|time|record|payment|guarantee|copy|hour)s\b"
)
_COUNTED: Final = re.compile(r"(?<![\d.,-])(\d[\d,]*)((?: [a-z-]+){1,3}?)\(s\)")
_WAITING: Final = frozenset({"overdue_now", "overdue_small", "bad_debt", "late_heavy", "late_some"})


def one_of(said: str) -> str:
    """Return an English text with "1 months" in the singular, and "2 account(s)" as it is meant."""
    said = _COUNTED.sub(lambda m: m[1] + m[2] + ("" if m[1] == "1" else "s"), said)
    return _ONE.sub(r"1 \1", said)


class Told(Struct, frozen=True, kw_only=True):
    """A finding as a person reads it; `when` and `step` may be empty."""

    title: str
    meaning: str
    step: str
    when: str


class Teller:
    """Fills places with facts and terms, in one language and currency."""

    def __init__(self, terms: ReviewTerms, lang: Language, zone: Zone, currency: str) -> None:
        self.terms, self.lang, self.zone, self.currency = terms, lang, zone, currency

    def fill(self, text: str, facts: dict[str, Value]) -> str:
        """Return `text` with `{name:format}` from facts and `{$name:format}` from the terms."""

        def value(slot: Slot) -> Value:
            found: Value = getattr(self.terms, slot.name) if slot.parameter else facts[slot.name]
            return found

        said = render(text, value, language=self.lang, currency=self.currency, zone=self.zone)
        return one_of(said) if self.lang == "en" else said

    def tell(self, finding: Finding) -> Told:
        """Return the words of one finding."""
        facts = dict(finding.facts)
        told = FINDINGS[self.lang] if facts.get("months", 1) else {
            **FINDINGS[self.lang], **UNTOLD[self.lang]
        }  # fmt: skip
        said = told[finding.kind]
        if isinstance(facts.get("what"), str):
            facts["what"] = PUBLIC_KINDS[self.lang][str(facts["what"])]
        joined = JOINED[self.lang] if facts.get("joined") else ""
        return Told(
            title=self.fill(said.title, facts),
            meaning=self.fill(said.meaning, facts) + joined,
            step=self.fill(said.step, facts),
            when=self._when(finding),
        )

    def _when(self, finding: Finding) -> str:
        if finding.gone_on is not None:
            return self.fill(GONE[self.lang], {"day": finding.gone_on})
        return GONE_UNKNOWN[self.lang] if finding.kind in _WAITING else ""
