"""The colour of each light on a terminal, beside its symbol and word."""

from __future__ import annotations

from typing import Final

from xindeng.decision.answer import Light

STYLES: Final = {
    Light.GREEN: "green",
    Light.YELLOW: "yellow",
    Light.RED: "red",
    Light.NO_DATA: "dim",
    Light.OUR_SIDE: "cyan",
}
