"""Checks of a rule's texts: placeholders that exist, in a format that fits, and none withheld."""

from __future__ import annotations

from xindeng.kernel.errors import InputError, Problem
from xindeng.policy.compile import Compiled
from xindeng.policy.model import Rule
from xindeng.policy.read_bundle import Bundle
from xindeng.policy.reader import nearest
from xindeng.policy.texts import FORMATS, Slot, slots


def check_texts(rule: Rule, bundle: Bundle, compiled: Compiled, problems: list[Problem]) -> None:
    """Add the problems of one rule's texts."""
    for language, audiences in rule.texts.items():
        for audience, text in audiences.items():
            withheld = rule.whose == "withheld" and audience == "borrower"
            line = rule.at(f"texts.{language}.{audience}")
            for code, what, next_step in _faults(text, withheld, bundle, compiled):
                where = f"rule {rule.id}, {language} text for the {audience}"
                problems.append(Problem(rule.place.path, line, code, f"{where}: {what}", next_step))


def _faults(
    text: str, withheld: bool, bundle: Bundle, compiled: Compiled
) -> list[tuple[str, str, str]]:
    try:
        found = slots(text)
    except InputError as error:
        return [("text.placeholder", error.what, error.next_step)]
    if withheld and found:
        next_step = "say only that the account must be verified, and how"
        return [("text.withheld", f"shows {found[0]} of a withheld rule", next_step)]
    faults = []
    for slot in found:
        fault = _slot_fault(slot, bundle, compiled)
        if fault is not None:
            faults.append(("text.placeholder", *fault))
    return faults


def _slot_fault(slot: Slot, bundle: Bundle, compiled: Compiled) -> tuple[str, str] | None:
    schema = compiled.parameters if slot.parameter else compiled.schema
    name = f"${slot.name}" if slot.parameter else slot.name
    column = schema.get(slot.name)
    if column is None:
        known = bundle.incomplete or name in compiled.broken
        return None if known else (f"unknown {name}", nearest(slot.name, schema))
    if slot.format not in FORMATS:
        return f"unknown format in {slot}", nearest(slot.format, FORMATS)
    if column.kind not in FORMATS[slot.format]:
        fitting = ", ".join(f for f, kinds in FORMATS.items() if column.kind in kinds)
        return f"{slot} but {name} is {column.kind}", f"use one of: {fitting}"
    return None
