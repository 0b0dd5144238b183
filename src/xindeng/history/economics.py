"""economics.yaml → the shares and prices that profit is reckoned with, dated and by segment."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from xindeng.kernel.errors import ImportFileError, Problem
from xindeng.kernel.time import to_date
from xindeng.policy.parameters import ParameterBook
from xindeng.policy.read_parameters import read_named

FILE: Final = "economics.yaml"
NEEDED: Final = {
    "funding_rate": "ratio", "loss_given_default": "ratio", "fraud_loss": "ratio",
    "undrawn_conversion": "ratio", "interest_before_default": "ratio", "data_cost": "fen",
    "funder_share": "ratio", "servicing_rate": "ratio", "vat_rate": "ratio",
    "capital_ratio": "ratio", "capital_return": "ratio",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Economics:
    """The figures of one file, by the names of `NEEDED`."""

    book: ParameterBook

    @property
    def changes(self) -> list[int]:
        """Return the local days from which any figure is another, in order."""
        return sorted({day for one in self.book.parameters for day in one.days})

    def on(self, day: int, segment: str) -> dict[str, float]:
        """Return every figure in force on a local day for a segment; raises InputError before the
        first."""
        values = self.book.on(day, "neutral", segment or None)
        return {n: float(v or 0) for n, v in zip(self.book.names, values, strict=True)}

    def told(self, day: int) -> dict[str, dict[str, Any]]:
        """Return each figure in force on a day with its unit, convention, first day and source."""
        found = {}
        for one in self.book.parameters:
            since = max(d for d in one.days if d <= day)
            found[one.name] = {
                "value": one.on(day), "unit": one.unit, "convention": one.convention,
                "since": str(to_date(since)), "source": one.source_on(day),
                "title": dict(one.description),
                "segments": {name: one.on(day, "neutral", name) for name in one.segment},
            }  # fmt: skip
        return found


def read_economics(data: bytes, where: str) -> Economics:
    """Return the figures of a file; raises ImportFileError with every problem, each with its
    line: a figure that is missing, of another unit, without a source or out of bounds."""
    problems: list[Problem] = []
    found = read_named(data, where, NEEDED, problems, "economics")
    for name in found.keys() - NEEDED.keys():
        line, what = found[name].line, f"nothing uses {name}"
        problems.append(Problem(where, line, "economics.unknown", what, "remove it"))
    if problems:
        raise ImportFileError(
            "\n".join(map(str, problems)), where=f"{where}:{problems[0].line}",
            next_step="mend each line that is named", code="economics.file",
        )  # fmt: skip
    return Economics(ParameterBook(tuple(found[name] for name in NEEDED)))


def shipped() -> Economics:
    """Return the figures that ship with xindeng."""
    return read_economics(files("xindeng.history").joinpath(FILE).read_bytes(), FILE)
