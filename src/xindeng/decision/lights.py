"""From rules to lights: an area shows the worst of what its rules say."""

from __future__ import annotations

from xindeng.decision.answer import Light
from xindeng.decision.board import SEVERITY, Board, bits


def lights_of(
    board: Board, fired: int, missing: int, ours: int, unseen: int = 0
) -> dict[str, Light]:
    """Return the light of every area that has rules, in the policy's order.

    The masks are bits over the policy's rules; `ours` are those that only our side made fire,
    `unseen` those that lack data for want of a consent: that is no caution about anybody.
    """
    lights = board.green.copy()
    for index in bits(fired | missing):
        bit = 1 << index
        light = board.light_fired[index] if fired & bit else board.light_missing[index]
        if ours & bit:
            light = Light.OUR_SIDE
        elif unseen & bit:
            light = Light.NO_DATA
        area = board.rules[index].area
        if SEVERITY[light] > SEVERITY[lights[area]]:
            lights[area] = light
    return lights
