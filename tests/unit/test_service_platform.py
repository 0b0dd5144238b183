"""Our own side as folded from its chain, and the guard of pre-checks."""

from __future__ import annotations

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
