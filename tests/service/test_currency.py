"""A borrower's amounts are in one currency; a policy of another never reads them as its own."""

from __future__ import annotations

import pytest

from tests.decision_policy import files
from tests.service_world import World, asks, event
from xindeng.kernel.errors import ConflictError
from xindeng.service import line
from xindeng.service.draw import draw
from xindeng.service.explain import explain
from xindeng.service.precheck import precheck
from xindeng.service.show import show
from xindeng.store import Store


@pytest.fixture
def home(store: Store) -> World:
    return World(store)


@pytest.fixture
def abroad(store: Store) -> World:
    bundle = files()
    head = bundle["policy.yaml"]
    assert b"currency: CNY" in head
    bundle["policy.yaml"] = head.replace(b"currency: CNY", b"currency: CZK")
    return World(store, bundle)


def test_a_policy_of_another_currency_is_refused_before_anything_is_read(
    home: World, abroad: World
) -> None:
    home.settle("c1")
    made = draw(home.engine, "c1", asks(1_000), "k1")
    before = home.counts()
    foreign = asks(1_000, currency="CZK")
    for act in (
        lambda: precheck(abroad.engine, "c1", foreign),
        lambda: draw(abroad.engine, "c1", foreign, "k2"),
        lambda: show(abroad.engine, "c1"),
        lambda: line.show(abroad.engine, "c1"),
        lambda: explain(abroad.engine, made.id),
        lambda: abroad.tell("c1", event("payment", "2026-06-01", direction="in", amount=5)),
    ):
        with pytest.raises(ConflictError, match=r"amounts are in CNY, policy .* is in CZK") as told:
            act()
        assert told.value.code == "borrower.currency"
    assert home.counts() == before
    assert show(home.engine, "c1").features["limit_shown"] == 2_000_000


def test_the_first_event_settles_the_currency(home: World, abroad: World) -> None:
    abroad.settle("c2")
    assert show(abroad.engine, "c2").features["limit_shown"] == 2_000_000
    with pytest.raises(ConflictError, match="amounts are in CZK"):
        home.settle("c2")


def test_the_platforms_chain_serves_policies_of_every_currency(home: World, abroad: World) -> None:
    status = {"part": "model", "available": True}
    for number, world in enumerate((home, abroad)):
        world.tell("platform", event("platform_status", f"2026-06-0{number + 1}", **status))
