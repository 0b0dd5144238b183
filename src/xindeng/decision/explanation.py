"""An explanation as data: what a page, a support desk or an auditor's file is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from xindeng.decision.answer import Light, Outcome
from xindeng.decision.words import SYMBOLS, WORDS, Language

ACCOUNT: Final = "account"
"""The area of the one safety row, told in place of all others."""


class Figure(Struct, frozen=True, kw_only=True):
    """One of the amounts that are always shown together; `minor` None where it is not told."""

    label: str
    text: str
    minor: int | None


class LightRow(Struct, frozen=True, kw_only=True):
    """One area's light: symbol and word, and the area's title."""

    area: str
    title: str
    light: Light
    word: str


class ReasonRow(Struct, frozen=True, kw_only=True):
    """One reason: the fact, where it comes from, of which day, whose it is, and what to do next.

    `as_of` is a local date, "" where the day of the data is not known; `gate` says whether it stood
    in the way of the amount asked, or is only worth a thought. `rule`, `code` and `effect` are told
    to staff only.
    """

    title: str
    light: Light
    fact: str
    source: str
    as_of: str
    whose: str
    steps: tuple[str, ...]
    gate: bool = True
    until: str = ""
    rule: str = ""
    code: str = ""
    effect: str = ""


class AuditRow(Struct, frozen=True, kw_only=True):
    """One rule as it was evaluated: its state, its condition, and the values that it used."""

    rule: str
    state: str
    when: str
    values: dict[str, int | float | bool | str | None]
    light: str
    effect: str
    whose: str


class ParameterRow(Struct, frozen=True, kw_only=True):
    """One parameter in force: its value as decided with, its unit and its source."""

    name: str
    value: int | float | bool | str | None
    unit: str
    source: str


class Audit(Struct, frozen=True, kw_only=True):
    """What an auditor needs to follow, and to run again, a decision."""

    policy: str
    policy_hash: str
    semantics: int
    stance: str
    segment: str
    neutral_outcome: Outcome
    counted: bool
    fired: str
    missing: str
    rules: tuple[AuditRow, ...]
    parameters: tuple[ParameterRow, ...]
    inputs: dict[str, int | float | bool | str | None]


class Explanation(Struct, frozen=True, kw_only=True):
    """Everything one audience is told, in one language, in the order to show it."""

    audience: str
    lang: Language
    headline: str
    lead: tuple[str, ...]
    figures: tuple[Figure, ...]
    gate: str
    lights: tuple[LightRow, ...]
    reasons: tuple[ReasonRow, ...]
    when: tuple[str, ...]
    notices: tuple[str, ...]
    routes: tuple[str, ...]
    audit: Audit | None = None

    @property
    def veiled(self) -> bool:
        """Return whether only the one safety row is told: the account has to be verified."""
        return any(row.area == ACCOUNT for row in self.lights)

    def lines(self) -> list[str]:
        """Return the explanation as plain lines of text, for a terminal or a letter."""
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        words = WORDS[self.lang]
        yield self.headline
        yield from self.lead
        if self.figures:
            colon = "：" if self.lang == "zh" else ": "
            yield "  ".join(f"{f.label}{colon}{f.text}" for f in self.figures) + (
                f" ({self.gate})" if self.gate and self.lang == "en" else
                f"（{self.gate}）" if self.gate else ""
            )  # fmt: skip
        if self.lights:
            yield f"— {words['lights']}"
            yield from (f"{SYMBOLS[r.light]} {r.title}  {r.word}" for r in self.lights)
        if self.reasons:
            yield f"— {words['reasons']}"
            for place, row in enumerate(self.reasons, 1):
                yield from self._reason_lines(place, row)
        yield from self.when
        yield from self.notices
        yield from self.routes
        if self.audit is not None:
            yield from _audit_lines(self.audit)

    def _reason_lines(self, place: int, row: ReasonRow) -> Iterator[str]:
        words = WORDS[self.lang]
        staff = f" [{row.rule} {row.code} {row.effect}]" if row.rule else ""
        yield f"{place}. {SYMBOLS[row.light]} {row.title} · {row.whose}{staff}"
        yield f"   {row.fact}"
        if row.source:
            key = "source" if row.as_of else "source_undated"
            yield "   " + words[key].format(source=row.source, date=row.as_of)
        if row.until:
            yield f"   {row.until}"
        yield from (f"   {step}" for step in row.steps)


def _audit_lines(audit: Audit) -> Iterator[str]:
    yield f"policy {audit.policy} {audit.policy_hash} semantics {audit.semantics}"
    yield (
        f"stance {audit.stance} segment {audit.segment} "
        f"neutral_outcome {audit.neutral_outcome} counted {audit.counted}"
    )
    yield f"fired 0x{audit.fired} missing 0x{audit.missing}"
    for rule in audit.rules:
        values = ", ".join(f"{name}={value}" for name, value in rule.values.items())
        yield f"{rule.state:7} {rule.rule}: {rule.when}  [{values}]"
    for parameter in audit.parameters:
        yield f"${parameter.name} = {parameter.value} {parameter.unit} ({parameter.source})"
    yield from (f"{name} = {value}" for name, value in audit.inputs.items())
