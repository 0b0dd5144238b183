"""What every benchmark prints last: one JSON object with each figure, its unit and its target."""

from __future__ import annotations

import json
import math
import operator
import os
import platform
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `target` such as "<=150" decides `ok`, "" is for information."""

    name: str
    value: float
    unit: str
    target: str = ""

    @property
    def ok(self) -> bool:
        """Whether the target is met; a value that is not a number never is."""
        if not self.target:
            return True
        bound = float(self.target[2:])
        return not math.isnan(self.value) and _COMPARE[self.target[:2]](self.value, bound)


def machine() -> dict[str, object]:
    """Return what the figures were measured on, and how busy it was at the end."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "system": platform.system(),
        "load": round(os.getloadavg()[0], 1),
    }


def versions(*packages: str) -> dict[str, str]:
    """Return the installed versions of the peers measured against."""
    return {package: version(package) for package in packages}


def processor_seconds() -> float:
    """Return the processor time so far of this process and of its children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def finish(name: str, figures: Sequence[Figure], **counted: object) -> int:
    """Print a table, then the JSON line; return 0 if every target is met, else 1."""
    for figure in figures:
        verdict = "" if not figure.target else ("ok" if figure.ok else "MISSED")
        goal = f"target {figure.target}" if figure.target else ""
        print(f"{figure.name:32} {figure.value:14,.3f} {figure.unit:12} {goal:18} {verdict}")
    ok = all(figure.ok for figure in figures)
    print(
        json.dumps(
            {
                "benchmark": name,
                "machine": machine(),
                "counted": counted,
                "figures": [
                    {
                        "name": figure.name,
                        "value": round(figure.value, 4),
                        "unit": figure.unit,
                        "target": figure.target or None,
                    }
                    for figure in figures
                ],
                "ok": ok,
            },
            ensure_ascii=False,
        )
    )
    return 0 if ok else 1


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the sorted values lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, math.ceil(share * len(ranked)) - 1))]
