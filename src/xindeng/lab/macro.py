"""Made-up monthly series of an economy, for the demo: nobody's statistics, the same each time.

Each column wanders about its own level; a slack year and one month of sudden stop are planted, so
that the stance has a path to show. The newest months are calm but for weak household spending.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from xindeng.policy.steering.series import month_at, month_text

MONTHS: Final = 72
_SEED: Final = 20_261_102
# Column: level, how far it wanders in a month, how much of that stays, what slack takes off.
_COLUMNS: Final[dict[str, tuple[float, float, float, float]]] = {
    "pmi_manufacturing": (50.6, 0.25, 0.5, 1.9),
    "industrial_value_added_yoy": (5.6, 0.35, 0.5, 3.2),
    "retail_sales_yoy": (5.4, 0.5, 0.5, 4.6),
    "cpi_yoy": (1.6, 0.15, 0.7, 0.4),
    "m1_yoy": (5.2, 0.5, 0.7, 2.0),
    "urban_unemployment_rate": (5.0, 0.06, 0.6, -0.7),
    "consumer_confidence": (101.0, 0.9, 0.6, 9.0),
    "rrr_large_banks": (9.5, 0.0, 0.0, 0.0),
}
_SLACK: Final = range(40, 28, -1)
"""Months before the last in which the economy is slack."""
_STOP: Final = 17
"""How many months before the last everything stands still for a month."""
_STOPPED: Final = 43.1
_SOFT: Final = range(7, -1, -1)
"""The newest months, in which households spend less."""


def macro_csv(day: int) -> str:
    """Return the series as a CSV table with a row for each whole month before a local day."""
    last = month_at(day) - 1
    lines = [",".join(("month", *_COLUMNS))]
    lines += [",".join((month_text(last - back), *values)) for back, values in _rows()]
    return "\n".join(lines) + "\n"


def _rows() -> Iterator[tuple[int, list[str]]]:
    """Yield (months before the last, the values of each column)."""
    lots = Random(_SEED)
    away = dict.fromkeys(_COLUMNS, 0.0)
    for back in range(MONTHS - 1, -1, -1):
        values = []
        for name, (level, step, stays, slack) in _COLUMNS.items():
            away[name] = stays * away[name] + lots.gauss(0.0, step)
            value = level + away[name]
            if back in _SLACK:
                value -= slack
            if name == "pmi_manufacturing" and back == _STOP:
                value = _STOPPED
            if name == "retail_sales_yoy" and back in _SOFT:
                value -= slack
            values.append(f"{value:.1f}")
        yield back, values
