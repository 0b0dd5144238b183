"""The neighbourhood of an account as a small drawing: itself in the middle, ties around it.

Who is flagged is a square, who is known here a full circle, anybody else a hollow one, so that
nobody needs colours to tell them apart. The table beside it says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin
from typing import Final

from markupsafe import Markup

from xindeng.service.neighbourhood import Account, Neighbourhood

SIZE: Final = 460
_RINGS: Final = {1: 110, 2: 195}
_ALONE: Final = {1: 165}
"""The ring where nobody stands behind those that are near."""
_FIRST: Final = 16


def draw_ties(found: Neighbourhood, alternative: str) -> Markup:
    """Return the drawing as one `<svg>` element."""
    places = _places(found.accounts)
    parts = [
        Markup('<line class="tie{strong}" x1="{a}" y1="{b}" x2="{c}" y2="{d}"/>').format(
            a=places[tie.one][0], b=places[tie.one][1], c=places[tie.other][0],
            d=places[tie.other][1], strong=" strong" if sum(tie.kinds.values()) > 2 else "",
        )
        for tie in found.ties
    ]  # fmt: skip
    parts += [_account(one, *places[one.number]) for one in found.accounts]
    head = Markup('<svg class="chart ties" viewBox="0 0 {n} {n}" role="img" aria-label="{alt}">')
    return head.format(n=SIZE, alt=alternative) + Markup("").join(parts) + Markup("</svg>")


def _places(accounts: Sequence[Account]) -> dict[int, tuple[float, float]]:
    """Return where each account stands: on the ring of its distance, evenly, from the top on."""
    middle = SIZE / 2
    found = {0: (middle, middle)}
    rings = _RINGS if any(one.steps == 2 for one in accounts) else _ALONE
    for steps, radius in rings.items():
        ring = [one.number for one in accounts if one.steps == steps]
        for place, number in enumerate(ring):
            turn = 2 * pi * (place + (steps - 1) / 2) / len(ring) - pi / 2
            found[number] = (round(middle + radius * cos(turn), 1),
                             round(middle + radius * sin(turn), 1))  # fmt: skip
    return found


def _account(one: Account, x: float, y: float) -> Markup:
    kind = "flagged" if one.flags else "known" if one.handle else "other"
    size = _FIRST if one.steps == 0 else 12
    if one.flags:
        shape = Markup('<rect class="node {k}" x="{x}" y="{y}" width="{w}" height="{w}" rx="2"/>')
        drawn = shape.format(k=kind, x=x - size, y=y - size, w=2 * size)
    else:
        drawn = Markup('<circle class="node {k}" cx="{x}" cy="{y}" r="{r}"/>').format(
            k=kind, x=x, y=y, r=size
        )
    text = Markup('<text class="node-name {k}" x="{x}" y="{y}" text-anchor="middle">{n}</text>')
    return drawn + text.format(k=kind, x=x, y=y + 4, n=one.number or "●")
