"""areas/*.yaml → rules, their inline parameters and cases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from xindeng.events.line import HoldKind, HoldMode
from xindeng.policy.model import (
    AUDIENCES,
    CATEGORIES,
    CONSENTS,
    EFFECTS,
    EXPECTATIONS,
    LIGHTS,
    MISSING,
    WHOSE,
    Case,
    DataUse,
    HoldSpec,
    Place,
    Rule,
)
from xindeng.policy.parameters import SEGMENTS, STANCES, Parameter
from xindeng.policy.read_parameters import read_parameters
from xindeng.policy.reader import LANGUAGES, NAME, Reader, Sink
from xindeng.policy.source import Items, Table

_REASON = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
_LASTS = re.compile(r"\d{1,4}|\$[a-z][a-z0-9_]*")


def read_rules(value: Any, area: str, sink: Sink) -> Iterator[tuple[Rule, list[Parameter | str]]]:
    """Yield the rules of one area's file with the parameters written inside them."""
    if not isinstance(value, Items):
        sink.add(1, "bundle.shape", f"{sink.path} must be a list of rules", "write `- id: …`")
        return
    for spec, line in zip(value, value.lines, strict=True):
        yield _rule(Reader(spec, line, sink, "a rule"), area)


def _rule(reader: Reader, area: str) -> tuple[Rule, list[Parameter | str]]:
    sink = reader.sink
    rule_id = reader.text("id")
    if rule_id:
        reader.what = f"rule {rule_id}"
        prefix, _, name = rule_id.partition(".")
        if prefix != area or not NAME.fullmatch(name):
            sink.add(
                reader.at("id"),
                "rule.id",
                f"rule {rule_id!r} stands in area {area}",
                f"name it {area}.something_in_snake_case, or move it",
            )
    reason = reader.text("reason")
    if reason and not _REASON.fullmatch(reason):
        sink.add(
            reader.at("reason"),
            "rule.reason",
            f"reason {reason!r} is not UPPER_SNAKE",
            f"write {re.sub(r'[^A-Z0-9]+', '_', reason.upper())}",
        )
    parameters: list[Parameter | str] = []
    if reader.has("parameters"):
        inline = reader.table["parameters"]
        what = f"`parameters` of {reader.what}"
        parameters = list(read_parameters(inline, reader.at("parameters"), sink, what, rule_id))
    texts, text_lines = _texts(reader)
    rule = Rule(
        id=rule_id,
        area=area,
        when=reader.expression("when"),
        light=reader.choice("light", LIGHTS),
        effect=reader.choice("effect", EFFECTS),
        reason=reason,
        whose=reader.choice("whose", WHOSE),
        missing=reader.choice("missing", MISSING, ""),
        until=reader.text("until") if reader.has("until") else None,
        hold=_hold(reader.reader("hold")) if reader.has("hold") else None,
        repair=reader.words("repair"),
        data=_data(reader.reader("data")),
        texts=texts,
        cases=tuple(_case(c) for c in reader.readers("cases", required=False)),
        rank=reader.integer("rank", 100, 0, 1000),
        enabled=reader.flag("enabled", True),
        place=Place(sink.path, reader.line),
        title=reader.bilingual("title", required=False),
        lines={**reader.table.lines, **text_lines},
    )
    reader.finish()
    return rule, parameters


def _hold(reader: Reader) -> HoldSpec:
    units = [unit for unit in ("days", "hours") if reader.has(unit)]
    unit = units[0] if units else "days"
    lasts = reader.text(unit, "1") if units else "1"
    if len(units) != 1 or not _LASTS.fullmatch(lasts):
        reader.sink.add(
            reader.line,
            "rule.hold_length",
            f"{reader.what} lasts {lasts!r} {' and '.join(units)}",
            "write one of `days: 7`, `hours: 12`, `days: $parameter`",
        )
        lasts = "1"
    mode = reader.choice("mode", get_args(HoldMode))
    cap = reader.expression("cap") if reader.has("cap") or mode == "cap" else None
    hold = HoldSpec(reader.choice("kind", get_args(HoldKind)), mode, unit, lasts, cap, reader.line)
    reader.finish()
    return hold


def _data(reader: Reader) -> DataUse:
    use = DataUse(
        reader.choice("category", CATEGORIES),
        reader.name("purpose"),
        reader.choice("consent", CONSENTS),
        reader.line,
    )
    reader.finish()
    return use


def _texts(reader: Reader) -> tuple[dict[str, dict[str, str]], dict[str, int]]:
    """Return language → audience → text, and the line of each by "texts.zh.borrower".

    Each absent text is a problem of its own.
    """
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    lines: dict[str, int] = {}
    spec = reader.reader("texts")
    if not spec.ok:
        return found, lines
    for language in LANGUAGES:
        if not spec.has(language):
            reader.sink.add(
                spec.line,
                "text.absent",
                f"{reader.what} says nothing in {language}",
                f"add `{language}: {{borrower: …, support: …, auditor: …}}`",
            )
            continue
        texts = spec.reader(language)
        for audience in AUDIENCES:
            value = texts.table.get(audience) if texts.has(audience) else None
            if isinstance(value, str) and value.strip():
                found[language][audience] = value.strip()
                lines[f"texts.{language}.{audience}"] = texts.at(audience)
            elif texts.ok:
                reader.sink.add(
                    texts.at(audience),
                    "text.absent",
                    f"{reader.what} has no {language} text for the {audience}",
                    f"add `{audience}: …` under `texts: {language}:`",
                )
        texts.finish()
    spec.finish()
    return found, lines


def _case(reader: Reader) -> Case:
    given = reader.reader("given")
    values: dict[str, Any] = {}
    for name, value, line in given.entries():
        if isinstance(value, Table | Items):
            given.sink.add(line, "case.value", f"{name} is not a single value", "give one value")
        else:
            values[name] = value
    case = Case(
        given=values,
        day=reader.day("on"),
        stance=reader.choice("stance", STANCES, "neutral"),
        segment=reader.choice("segment", SEGMENTS, "") or None,
        expect=reader.choice("expect", EXPECTATIONS),
        place=Place(reader.sink.path, reader.line),
    )
    reader.finish()
    return case
