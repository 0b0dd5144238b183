"""Our own side as folded from its chain, and the guard of pre-checks."""

from __future__ import annotations

from msgspec import structs

from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.line import PlatformStatus, StanceChange
from xindeng.service.platform import fold_platform


def after(*payloads: Payload):
    return fold_platform(
        Event(f"e{n}", "platform", str(p.__struct_config__.tag), 1, n, n, p, n)
        for n, p in enumerate(payloads, 1)
    )


def stance(segment: str, name: str) -> StanceChange:
    return StanceChange(segment=segment, stance=name, review_day=20_650)  # type: ignore[arg-type]


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
        return structs.replace(stance(segment, "open"), until_day=20_640)

    state = after(stance("all", "tight"), freer("new"))
    assert state.stance_of("new", today=20_639) == ("open", 20_650)
    assert state.stance_of("new", today=20_640) == ("tight", 20_650)
    assert state.stance_of("seasoned", today=20_640) == ("tight", 20_650)
    assert after(freer("new")).stance_of("new", today=20_640) == ("neutral", None)
    every = after(stance("new", "brake"), stance("thin_file", "tight"), freer("all"))
    assert every.stance_of("new", today=20_639)[0] == "open"
    assert every.stance_of("seasoned", today=20_640)[0] == "brake", "of several the strictest"
    # What is set for good stays; what is stricter stays until somebody ends it.
    assert after(freer("new"), stance("new", "open")).stance_of("new", today=20_640)[0] == "open"
    braked = structs.replace(stance("new", "brake"), until_day=20_640)
    assert after(braked).stance_of("new", today=20_640)[0] == "brake"


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
