"""policy.yaml, stances.yaml, segments.yaml and repair.yaml → what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xindeng.kernel.money import MINOR_DIGITS
from xindeng.kernel.time import zone
from xindeng.policy.model import ACTIONS, AREAS, Area, Head, Place, RepairAction, Segment, Stance
from xindeng.policy.parameters import SEGMENTS, STANCES
from xindeng.policy.reader import Reader, Sink, nearest
from xindeng.policy.source import Items

_LADDER = ("monitor", "cap", "block")


def read_head(value: Any, sink: Sink) -> Head:
    """Return policy.yaml as a Head; problems go to the sink."""
    reader = Reader(value, 1, sink, "policy.yaml")
    areas = []
    found = reader.reader("areas")
    for name, spec, line in found.entries():
        if name not in AREAS:
            found.sink.add(line, "area.unknown", f"unknown area {name!r}", nearest(name, AREAS))
            continue
        area = Reader(spec, line, sink, f"area {name}")
        areas.append(Area(name, area.flag("enabled", True), area.bilingual("title", False), line))
        area.finish()
    if found.ok and not areas:
        sink.add(found.line, "area.none", "no area is declared", "declare e.g. `debt: {}`")
    currency = reader.choice("currency", MINOR_DIGITS)
    zone_name = reader.text("zone")
    if zone_name and not sink.guard(reader.at("zone"), "head.zone", lambda: zone(zone_name)):
        zone_name = "UTC"
    head = Head(
        name=reader.name("name"),
        version=reader.text("version"),
        title=reader.bilingual("title"),
        currency=currency or "CNY",
        zone=zone_name or "UTC",
        areas=tuple(areas),
        stance_default=reader.choice("stance_default", STANCES, "neutral"),
        ladder=reader.words("ladder", _LADDER),
    )
    reader.finish()
    return head


def read_stances(value: Any, sink: Sink) -> tuple[Stance, ...]:
    """Return the stances of stances.yaml; neutral must be among them."""
    reader = Reader(value, 1, sink, "stances.yaml")
    stances: list[Stance] = []
    for name in STANCES:
        if not reader.has(name):
            continue
        spec = reader.reader(name)
        review = spec.integer("review_days", 0, 1, 400) or None
        stances.append(Stance(name, spec.bilingual("texts"), review))
        spec.finish()
    if reader.ok and not reader.has("neutral"):
        sink.add(1, "stance.neutral", "there is no neutral stance", "add `neutral: {texts: …}`")
    if reader.has("review"):
        usual = reader.reader("review")
        days = usual.integer("days", None, 1, 400) or None
        stances = [replace(s, review_days=s.review_days or days) for s in stances]
        usual.bilingual("texts", required=False)
        usual.finish()
    reader.finish()
    return tuple(stances)


def read_segments(value: Any, sink: Sink) -> tuple[Segment, ...]:
    """Return the ordered segments of segments.yaml."""
    if not isinstance(value, Items):
        sink.add(1, "bundle.shape", "segments.yaml must be a list", "write `- {id: …, when: …}`")
        return ()
    segments: list[Segment] = []
    for spec, line in zip(value, value.lines, strict=True):
        reader = Reader(spec, line, sink, "a segment")
        name = reader.choice("id", SEGMENTS)
        when = reader.expression("when")
        title = reader.bilingual("title", required=False)
        reader.finish()
        if name in {s.name for s in segments}:
            sink.add(line, "segment.twice", f"segment {name} stands twice", "keep one")
        elif name:
            segments.append(Segment(name, when, title, Place(sink.path, reader.at("when"))))
    last_line = value.lines[-1] if value else 1
    if not segments or segments[-1].when.upper() != "TRUE":
        sink.add(
            last_line,
            "segment.last",
            "the last segment does not take everybody who is left",
            'end the list with a segment of `when: "TRUE"`',
        )
    return tuple(segments)


def read_repair(value: Any, sink: Sink) -> dict[str, RepairAction]:
    """Return the repair actions of repair.yaml by name."""
    reader = Reader(value, 1, sink, "repair.yaml")
    found = reader.reader("actions")
    actions = {}
    for name in ACTIONS:
        if not found.has(name):
            continue
        spec = found.reader(name)
        actions[name] = RepairAction(
            name,
            spec.bilingual("texts"),
            spec.bilingual("details", required=False),
            spec.bilingual("channel", required=False),
            spec.integer("lag_days", 0, 0, 400),
        )
        spec.finish()
    found.finish()
    reader.finish()
    return actions
