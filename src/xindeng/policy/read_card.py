"""scorecard.yaml and limits.yaml → Scorecard, Limits."""

from __future__ import annotations

import re
from typing import Any

from xindeng.kernel.money import MAX_AMOUNT
from xindeng.policy.model import Behaviour, LimitCell, LimitRemedy, Limits, Place
from xindeng.policy.parameters import SEGMENTS
from xindeng.policy.reader import NAME, Reader, Sink
from xindeng.scoring.scorecard import About, Band, Bin, Characteristic, Scorecard

_BAND = re.compile(r"[A-Z][A-Z0-9_]{0,15}")
_MOST_POINTS = 100_000


def read_scorecard(value: Any, sink: Sink) -> Scorecard | None:
    """Return the card, or None after problems that leave no card."""
    before = len(sink.problems)
    reader = Reader(value, 1, sink, "scorecard.yaml")
    name = reader.text("name")
    base = reader.integer("base", low=-_MOST_POINTS, high=_MOST_POINTS)
    bounds = [bound for bound, _ in reader.items("bounds")]
    if len(bounds) != 2 or any(type(b) is not int for b in bounds) or bounds[0] >= bounds[1]:
        sink.add(
            reader.at("bounds"),
            "scorecard.bounds",
            f"`bounds` is {bounds}",
            "write two integers such as [300, 900]",
        )
        bounds = [0, 1]
    found = reader.reader("characteristics")
    characteristics = tuple(
        _characteristic(column, Reader(spec, line, sink, f"characteristic {column}"))
        for column, spec, line in found.entries()
    )
    if found.ok and not characteristics:
        sink.add(found.line, "scorecard.empty", "the card has no characteristic", "add one")
    bands = _bands(reader)
    about = _about(reader.reader("about")) if reader.has("about") else None
    reader.finish()
    if len(sink.problems) > before:
        return None
    return Scorecard(name, base, bounds[0], bounds[1], characteristics, bands, about)


def _about(reader: Reader) -> About:
    """Return the card's own account of itself; what was fitted names its sample and figures."""
    made = reader.choice("made", ("by_hand", "fitted"))
    auc, ks = (reader.number(name) for name in ("auc", "ks"))
    for name, value in (("auc", auc), ("ks", ks)):
        if value is not None and not 0 <= value <= 1:
            reader.sink.add(reader.at(name), "scorecard.about", f"`{name}` is {value}",
                            "write a share of one, e.g. 0.71")  # fmt: skip
    if made == "fitted" and auc is None:
        reader.sink.add(reader.line, "scorecard.about", "a fitted card without its `auc`",
                        "say how well it told good from bad on its sample")  # fmt: skip
    found = About(
        made, reader.day("day"), reader.bilingual("by"), reader.bilingual("purpose"),
        reader.bilingual("data"), reader.bilingual("limits"), auc, ks,
    )  # fmt: skip
    reader.finish()
    return found


def _characteristic(column: str, reader: Reader) -> Characteristic:
    label = reader.bilingual("label", required=False)
    missing = reader.integer("missing", low=-_MOST_POINTS, high=_MOST_POINTS)
    bins: list[Bin] = []
    specs = list(reader.readers("bins"))
    for index, spec in enumerate(specs):
        points = spec.integer("points", low=-_MOST_POINTS, high=_MOST_POINTS)
        lt = spec.number("lt")
        members = tuple(m for m, _ in spec.items("is", required=False))
        spec.finish()
        if (lt is None and not members) != (index == len(specs) - 1) or (
            lt is not None and members
        ):
            spec.sink.add(
                spec.line,
                "scorecard.bin",
                f"{spec.what} cannot stand here",
                "each bin but the last has `lt` or `is`; the last has neither",
            )
        previous = bins[-1].lt if bins else None
        if lt is not None and previous is not None and lt <= previous:
            spec.sink.add(
                spec.line,
                "scorecard.bin_order",
                f"lt {lt} does not rise above {previous}",
                "order the bins from low to high",
            )
        if any(not isinstance(m, str | bool) for m in members):
            spec.sink.add(
                spec.line, "scorecard.bin", "`is` takes words or true/false", "use `lt` for numbers"
            )
        bins.append(Bin(points, lt, members))
    if not bins:
        reader.sink.add(
            reader.line, "scorecard.bin", f"{reader.what} has no bin", "add `bins: [{points: 0}]`"
        )
        bins.append(Bin(0))
    reader.finish()
    return Characteristic(column, tuple(bins), missing, label)


def _bands(reader: Reader) -> tuple[Band, ...]:
    bands: list[Band] = []
    specs = list(reader.readers("bands"))
    for index, spec in enumerate(specs):
        name = spec.text("id")
        least = spec.integer("at_least", low=-_MOST_POINTS) if spec.has("at_least") else None
        spec.finish()
        last = index == len(specs) - 1
        falling = not bands or last or (least or 0) < (bands[-1].at_least or 0)
        if (least is None) != last or not falling or not _BAND.fullmatch(name):
            spec.sink.add(
                spec.line,
                "scorecard.band",
                f"band {name!r} cannot stand here",
                "bands are UPPER_CASE and fall from the best; only the last has no `at_least`",
            )
        elif name in {band.name for band in bands}:
            spec.sink.add(spec.line, "scorecard.band", f"band {name} stands twice", "rename one")
        bands.append(Band(name, least))
    return tuple(bands)


def read_limits(value: Any, sink: Sink, bands: frozenset[str]) -> Limits:
    """Return the limit matrix; `bands` are the score bands (empty: not checked)."""
    reader = Reader(value, 1, sink, "limits.yaml")
    starter = reader.reader("starter", required=False)
    first = {s: starter.integer(s, high=MAX_AMOUNT) for s in SEGMENTS if starter.has(s)}
    starter.finish()
    behaviours: list[Behaviour] = []
    for spec in reader.readers("behaviours", required=False):
        when = spec.expression("when")
        title = spec.bilingual("title", required=False)
        place = Place(sink.path, spec.at("when"))
        behaviours.append(Behaviour(spec.name("id"), when, place, title))
        spec.finish()
    if behaviours and behaviours[-1].when.upper() != "TRUE":
        sink.add(
            behaviours[-1].place.line,
            "limits.last",
            "the last behaviour does not take the rest",
            'end the list with `when: "TRUE"`',
        )
    names = [b.name for b in behaviours if NAME.fullmatch(b.name)]
    cells = [_cell(spec, names, bands) for spec in reader.readers("matrix", required=False)]
    seen: set[tuple[str, str, str]] = set()
    for cell in cells:
        key = (cell.segment, cell.band, cell.behaviour)
        if key in seen:
            sink.add(cell.place.line, "limits.twice", f"{' × '.join(key)} stands twice", "keep one")
        seen.add(key)
    remedies = tuple(_remedy(spec) for spec in reader.readers("remedies", required=False))
    raising = reader.expression("raise_when") if reader.has("raise_when") else None
    cutting = reader.expression("cut_when") if reader.has("cut_when") else None
    reader.finish()
    places = [Place(sink.path, reader.at(key)) for key in ("raise_when", "cut_when")]
    return Limits(
        first, tuple(behaviours), tuple(cells), remedies, raising, places[0], cutting, places[1]
    )


def _remedy(reader: Reader) -> LimitRemedy:
    found = reader.reader("set")
    sets = {name: found.expression(name) for name, _, _ in found.entries()}
    remedy = LimitRemedy(
        name=reader.name("id"),
        sets=sets,
        days=reader.integer("days", 0, 0, 400),
        texts=reader.bilingual("texts"),
        place=Place(reader.sink.path, reader.at("set")),
    )
    reader.finish()
    return remedy


def _cell(reader: Reader, behaviours: list[str], bands: frozenset[str]) -> LimitCell:
    cell = LimitCell(
        segment=reader.choice("segment", SEGMENTS),
        band=reader.choice("band", bands) if bands else reader.text("band"),
        behaviour=reader.choice("behaviour", behaviours),
        target=reader.integer("target", high=MAX_AMOUNT),
        step=reader.integer("step", high=MAX_AMOUNT),
        min_gap_days=reader.integer("min_gap_days", high=3650),
        place=Place(reader.sink.path, reader.line),
    )
    reader.finish()
    return cell
