"""Our own side as folded from its chain, and the guard of pre-checks."""

from __future__ import annotations

import pytest
from msgspec import structs

from xindeng.decision.facts import PlatformState
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.line import PlatformStatus, StanceChange
from xindeng.service.platform import fold_platform
from xindeng.service.stood import fold_stances, looser


def told(*payloads: Payload) -> list[Event]:
    return [
        Event(f"e{n}", "platform", str(p.__struct_config__.tag), 1, n, n, p, n)
        for n, p in enumerate(payloads, 1)
    ]


def after(*payloads: Payload) -> PlatformState:
    return fold_platform(told(*payloads))


def stance(segment: str, name: str) -> StanceChange:
    return StanceChange(segment=segment, stance=name, review_day=20_650)  # type: ignore[arg-type]


def until(segment: str, name: str, last: int | None) -> StanceChange:
    return structs.replace(stance(segment, name), until_day=last)


def status(part: str, available: bool, until: int | None = None) -> PlatformStatus:
    return PlatformStatus(part=part, available=available, until=until)  # type: ignore[arg-type]


def test_nothing_told_means_all_is_well() -> None:
    state = after()
    assert not state.maintenance and state.model_available and state.bureau_available
    assert state.funder_available and state.until is None
    assert state.stance_of("new") == ("neutral", None)


def test_a_stance_for_all_replaces_those_of_segments() -> None:
    state = after(stance("all", "tight"), stance("new", "brake"))
    assert state.stance_of("new") == ("brake", 20_650)
    assert state.stance_of("seasoned") == ("tight", 20_650)
    assert after(stance("new", "brake"), stance("all", "neutral")).stance_of("new")[0] == "neutral"


def test_a_freer_stance_ends_on_its_last_day_though_nobody_ends_it() -> None:
    def freer(segment: str) -> StanceChange:
        return until(segment, "open", 20_640)

    state = after(stance("all", "tight"), freer("new"))
    assert state.stance_of("new", today=20_639) == ("open", 20_650)
    assert state.stance_of("new", today=20_640) == ("tight", 20_650)
    assert state.stance_of("seasoned", today=20_640) == ("tight", 20_650)
    assert after(freer("new")).stance_of("new", today=20_640) == ("neutral", None)
    assert after(freer("new")).stance_of("new", "tight", today=20_640) == ("tight", None)
    every = after(stance("new", "brake"), stance("thin_file", "tight"), freer("all"))
    assert every.stance_of("new", today=20_639)[0] == "open"
    ends = {
        name: every.stance_of(name, today=20_640)[0] for name in ("new", "thin_file", "seasoned")
    }
    assert ends == {"new": "brake", "thin_file": "tight", "seasoned": "neutral"}, "each its own"
    # What is set for good stays; what is stricter stays until somebody ends it.
    assert after(freer("new"), stance("new", "open")).stance_of("new", today=20_640)[0] == "open"
    assert after(until("new", "brake", 20_640)).stance_of("new", today=20_640)[0] == "brake"


def test_a_segment_that_stands_as_all_do_is_not_named() -> None:
    state = after(stance("new", "brake"), stance("all", "tight"), stance("dormant", "brake"))
    assert state.stance == {"all": ("tight", 20_650), "dormant": ("brake", 20_650)}


@pytest.mark.parametrize(
    ("before", "change", "found"),
    [
        ([("new", "brake", None)], ("new", "tight", None), "new"),
        ([("new", "brake", None)], ("all", "tight", None), "new"),
        ([("new", "tight", None)], ("new", "tight", None), None),
        ([("new", "tight", None)], ("seasoned", "open", None), "seasoned"),
        ([("all", "neutral", None)], ("all", "brake", 30), None),
        # A strict stance that would end sooner, a freer one that would last longer.
        ([("new", "brake", 40)], ("new", "brake", 30), "new"),
        ([("new", "brake", 40)], ("new", "brake", 50), None),
        ([("new", "tight", None), ("new", "open", 40)], ("new", "open", 50), "new"),
        ([("new", "tight", None), ("new", "open", 40)], ("new", "open", None), "new"),
        ([("new", "tight", None), ("new", "open", 40)], ("new", "open", 30), None),
        ([("new", "tight", None), ("new", "open", 40)], ("new", "neutral", 50), "new"),
        # What has ended needs nobody to end it.
        ([("new", "tight", 15)], ("new", "neutral", None), None),
    ],
)
def test_looser_on_any_day_to_come_takes_two(
    before: list[tuple[str, str, int | None]], change: tuple[str, str, int | None],
    found: str | None,
) -> None:  # fmt: skip
    stood = fold_stances(told(*(until(*one) for one in before)))
    assert looser(stood, until(*change), "neutral", 20) == found


def test_parts_go_away_and_come_back() -> None:
    away = [
        status("model", False, 50),
        status("funder", False, 70),
        status("maintenance", False, 60),
    ]
    state = after(*away)
    assert state.maintenance and not state.model_available and not state.funder_available
    assert state.bureau_available and state.until == 70
    back = after(*away, status("funder", True))
    assert back.funder_available and back.until == 60
    assert after(*away, status("bureau", False)).until is None, "one without a date: not known"
