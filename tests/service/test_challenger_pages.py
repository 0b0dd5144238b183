"""A challenger from the desk: proposed from a draft, run by two, held against the champion, stopped."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_world import ApiWorld
from tests.service.test_desk_pages import HOSTILE, http, press, see, sit, site  # noqa: F401
from tests.service.test_risk_pages import STRICT, changed, form
from xindeng.service import backtests, challengers, proposals
from xindeng.service.policies import read_bundle
from xindeng.store import Store


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: Any) -> ApiWorld:
    made = ApiWorld(store, tmp_path_factory.mktemp("challengers"), read_bundle("consumer_line"))
    made.employ("second", "approver")
    return made


def test_a_draft_is_tried_beside_the_one_in_force_until_somebody_stops_it(http, world):  # noqa: F811
    sit(http, world, "analyst")
    sent = {**changed(form(http), *STRICT), "name": "stricter", "share": "100", "why": HOSTILE}
    refused = press(http, "/risk/challengers", status=422, **sent).text
    assert "Cases of this policy fail" in refused and 'form="drafting" name="despite"' in refused
    sent["despite"] = "true"
    there = [press(http, "/risk/challengers", **sent).headers["location"] for _ in range(2)]
    assert there[0] == there[1]
    assert "<script>alert" not in see(http, there[0])
    assert "No challenger was tried yet" in see(http, "/risk/challengers")
    sit(http, world, "second")
    press(http, there[0] + "/judge", verdict="approved")
    sit(http, world, "analyst")
    assert "runs" in see(http, "/risk/challengers")
    page = see(http, "/risk/challengers/stricter")
    for sign in ("Guard rails", "within", "Let in by the challenger alone", "10.0%", "Stop it now"):
        assert sign in page, sign
    sit(http, world, "support")
    press(http, "/risk/challengers/stricter/stop", status=403, why="x")
    sit(http, world, "analyst")
    press(http, "/risk/challengers/stricter/stop", status=422, why="")
    for _ in range(2):
        press(http, "/risk/challengers/stricter/stop", why=HOSTILE)
    assert not challengers.read(world.engine, "stricter").running
    page = see(http, "/risk/challengers/stricter")
    assert "Ended" in page and "<script>alert" not in page and "Stop it now" not in page
    see(http, "/risk/challengers/none", 404)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"name": "No Name"}, 422), ({"share": "2000"}, 422), ({"for_days": "0"}, 422),
     ({"text": "nonsense: ["}, 422), ({"name": "stricter"}, 409), ({"why": ""}, 422)],
)  # fmt: skip
def test_what_cannot_be_tried_is_not_proposed(http, world, wrong, status):  # noqa: F811
    sit(http, world, "analyst")
    before = len(proposals.listed(world.engine, waiting=True))
    sent = {**changed(form(http), *STRICT), "name": "other", "why": "Try.", "despite": "true",
            **wrong}  # fmt: skip
    press(http, "/risk/challengers", status=status, **sent)
    assert len(proposals.listed(world.engine, waiting=True)) == before


def test_a_proposal_names_the_backtest_of_this_very_draft(http, world, monkeypatch):  # noqa: F811
    """One of another draft is none; and the life of a version is told on one page."""
    monkeypatch.setattr(backtests, "_figures", lambda *_: b'{"made": "up"}')
    sit(http, world, "analyst")
    sent = changed(form(http), "rank: 20", "rank: 23")
    ran = press(http, "/risk/backtests", "attach-key-1", **sent).headers["location"]
    assert backtests.run_waiting(world.engine, world.jwks) == 1
    there = press(http, "/risk/policy/propose", **sent, why="Tried before.").headers["location"]
    assert ran in see(http, there)
    other = changed(form(http), "rank: 20", "rank: 24")
    bare = press(http, "/risk/policy/propose", **other, why="Not tried.", from_on="2026-12-01")
    assert "/risk/backtests/" not in see(http, bare.headers["location"])
    assert "2026-12-01" in see(http, bare.headers["location"])
    sit(http, world, "second")
    for place in (there, bare.headers["location"]):
        press(http, place + "/judge", verdict="approved")
    page = see(http, "/risk/policy/versions")
    assert "backtested" in page and "approved, its time is to come" in page
    assert "analyst → second" in page
