"""The ties of an account: only where the policy uses them and consent stands, and never a name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_world import ApiWorld
from tests.service.test_desk_pages import HTML, http, see, sit, site  # noqa: F401  (fixtures)
from tests.service_world import event
from xindeng.kernel.errors import NotFoundError
from xindeng.service import erasure
from xindeng.service.neighbourhood import MOST, follow, neighbourhood
from xindeng.service.policies import read_bundle
from xindeng.store import Store
from xindeng.web.demo import _switched_on

ANN, RING, FAR = "customer-0001", "customer-0002", "customer-0003"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: Any) -> ApiWorld:
    files = read_bundle("consumer_line")
    on = {name: _switched_on(files[name], name) for name in ("policy.yaml", "features.yaml")}
    made = ApiWorld(store, tmp_path_factory.mktemp("ties"), {**files, **on})
    made.move_to("2026-09-10 12:00")
    yes = event("consent", "2026-08-01", category="network", granted=True)
    made.tell(ANN, yes, *[tie(RING, "transfer", day) for day in (1, 2, 3)], tie(RING, "contact", 2),
              tie(EVIL, "contact", 4),
              event("network_snapshot", "2026-09-09", exposure_ppm=310_000, flagged_contacts=1,
                    contacts=3))  # fmt: skip
    made.tell(RING, yes, tie(ANN, "transfer", 1), tie(FAR, "shared_device", 2),
              event("account_flag", "2026-09-01", flag="ring_member", raised=True),
              event("account_flag", "2026-09-02", flag="mule_suspect", raised=True),
              event("account_flag", "2026-09-03", flag="mule_suspect", raised=False))  # fmt: skip
    made.tell(FAR, tie("customer-0004", "contact", 1))  # never consented
    return made


def tie(other: str, kind: str, day: int) -> dict[str, Any]:
    return event("relation", f"2026-09-0{day}", other=other, kind=kind)


def test_who_is_around_and_how_they_are_tied(world):
    found = neighbourhood(world.engine, ANN)
    assert [(one.steps, one.flags) for one in found.accounts] == [
        (0, ()), (1, ()), (1, ("ring_member",)), (2, ()),
    ]  # fmt: skip
    ring = next(one for one in found.accounts if one.flags)
    ties = {(tie.one, tie.other): dict(tie.kinds) for tie in found.ties}
    # Both tell of the transfers; they are the same ones.
    assert ties[0, ring.number] == {"transfer": 3, "contact": 1}
    assert ties[ring.number, 3] == {"shared_device": 1}
    assert found.snapshot is not None and found.snapshot[0].exposure_ppm == 310_000
    assert [bool(one.handle) for one in found.accounts] == [True, False, True, True]
    assert follow(world.engine, ANN, ring.handle) == RING
    for handle in ("", "0" * 24, neighbourhood(world.engine, RING).accounts[0].handle[:-1]):
        with pytest.raises(NotFoundError):
            follow(world.engine, ANN, handle)


def test_nothing_is_read_without_consent_or_where_the_policy_uses_no_ties(world):
    assert neighbourhood(world.engine, FAR) == neighbourhood(world.engine, FAR).__class__()
    world.tell(FAR, event("consent", "2026-09-05", category="network", granted=True))
    assert len(neighbourhood(world.engine, FAR).accounts) == 2
    world.tell(FAR, event("consent", "2026-09-06", category="network", granted=False))
    found = neighbourhood(world.engine, FAR)
    assert (found.consent, found.accounts, found.ties) == (False, (), ())
    off = ApiWorld.__mro__[1](world.store, read_bundle("consumer_line"))
    assert neighbourhood(off.engine, ANN).off
    with pytest.raises(NotFoundError):
        neighbourhood(world.engine, "nobody")


def test_most_are_counted_and_whoever_was_erased_is_nobody_here(world):
    many = "customer-0100"
    world.tell(many, event("consent", "2026-08-01", category="network", granted=True),
               *[tie(f"other-{n:03}", "contact", 1 + n % 9) for n in range(MOST + 6)])  # fmt: skip
    found = neighbourhood(world.engine, many)
    assert (len(found.accounts), found.left_out) == (MOST + 1, 6)
    gone = "customer-0101"
    world.tell(gone, event("account_flag", "2026-09-01", flag="ring_member", raised=True))
    world.tell(many, tie(gone, "contact", 9))
    assert any(one.flags for one in neighbourhood(world.engine, many).accounts)
    erasure.erase(world.engine, gone, by="staff:second")
    assert not any(one.flags for one in neighbourhood(world.engine, many).accounts)


def test_the_page_names_nobody_but_whom_it_is_about(http, world):  # noqa: F811
    sit(http, world, "analyst")
    text = see(http, f"/risk/ties/{ANN}")
    assert RING not in text and EVIL not in text and "alert(1)" not in text
    assert "part of a ring" in text and "transfers × 3" in text and "31.0%" in text
    assert 'class="node flagged"' in text and "<table" in text
    handle = next(one.handle for one in neighbourhood(world.engine, ANN).accounts if one.flags)
    answer = http.get(f"/risk/ties/{ANN}/on?at={handle}", headers=HTML, follow_redirects=False)
    assert answer.headers["location"] == f"/risk/ties/{RING}"
    see(http, f"/risk/ties/{ANN}/on?at=x", 404)
    assert "not consented" in see(http, "/risk/ties/customer-0003")
    there = http.get(f"/risk/ties?borrower={ANN}", headers=HTML, follow_redirects=False)
    assert there.headers["location"] == f"/risk/ties/{ANN}"
    sit(http, world, "support")
    see(http, f"/risk/ties/{ANN}", 403)
    assert "/risk/ties" not in see(http, f"/desk/borrowers/{ANN}")
