"""Where two SQL engines part: all else is spelled so that both read it alike.

Names stand in double quotes (a Spark session must be told, see `history.spark.session`), STRING is
a text and FILTER (WHERE …) a condition in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Dialect:
    """One engine's own ways.

    `divide` is the operator between whole numbers that cuts towards zero; `without` begins the
    columns that a star leaves out; `escapes` says that a backslash within a text has a meaning.
    """

    name: str
    divide: str
    without: str
    escapes: bool = False

    def text(self, value: str) -> str:
        """Return a text as a literal."""
        kept = value.replace("\\", "\\\\") if self.escapes else value
        return "'" + kept.replace("'", "''") + "'"


DUCKDB: Final = Dialect("duckdb", divide="//", without="EXCLUDE")
SPARK: Final = Dialect("spark", divide="div", without="EXCEPT", escapes=True)
