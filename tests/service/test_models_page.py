"""The page of models and of drift: figures of a known sample, a planted shift that is seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_world import ApiWorld
from tests.service.test_desk_pages import http, see, sit, site  # noqa: F401  (fixtures)
from tests.service_world import ordinary
from xindeng.kernel.time import DAY, HOUR
from xindeng.policy.bundle import load
from xindeng.policy.check import problems
from xindeng.service import drift as drifting
from xindeng.service.draw import draw
from xindeng.service.policies import read_bundle
from xindeng.service.product import request_of
from xindeng.store import Store


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: Any) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("models"), read_bundle("consumer_line"))


def decide(world: ApiWorld, name: str, count: int, *, income: int, yuan: int) -> None:
    for number in range(count):
        who = f"{name}-{number:03}"
        world.tell(who, *ordinary(income=income + number * 1_000))
        draw(world.engine, who, request_of(world.engine, yuan * 100, 12, "consumption"), "k")


def test_what_has_moved_comes_first_and_nothing_is_said_of_few(http, world, monkeypatch):  # noqa: F811
    monkeypatch.setattr(drifting, "LEAST", 20)
    sit(http, world, "analyst")
    assert "nothing to compare yet" in see(http, "/risk/models/drift")
    decide(world, "early", 30, income=900_000, yuan=8_000)
    world.now += 40 * DAY
    decide(world, "late", 30, income=900_000, yuan=2_000)
    world.now += HOUR
    found = drifting.drift(world.engine, 30)
    assert found.counts == (30, 30) and not any(one.name == "now" for one in found.columns)
    by_name = {one.name: one for one in found.columns}
    assert by_name["request_amount"].verdict == "act"
    assert by_name["request_amount"].typical == (800_000, 200_000)
    assert by_name["request_term_months"].verdict == "stable"
    assert found.columns[0].shift.psi == max(one.shift.psi for one in found.columns)
    monkeypatch.setattr(drifting, "LEAST", 31)
    drifting._measured.cache_clear()
    assert {one.verdict for one in drifting.drift(world.engine, 30).columns} == {"few"}


def test_the_card_tells_what_it_is(http, world):  # noqa: F811
    world.move_to("2026-09-10 12:00")
    sit(http, world, "analyst")
    page = see(http, "/risk/models")
    for sign in ("points set by hand", "fitted on no sample", "On our own loans", "no data", "+40"):
        assert sign in page, sign
    sit(http, world, "support")
    see(http, "/risk/models", 403)


def test_a_fitted_card_says_how_well_it_does():
    files = read_bundle("consumer_line")
    text = files["scorecard.yaml"].replace(b"made: by_hand", b"made: fitted")
    codes = [one.code for one in problems({**files, "scorecard.yaml": text})]
    assert codes == ["scorecard.about"]
    told = text.replace(b"made: fitted", b"made: fitted\n  auc: 0.71\n  ks: 0.3")
    card = load({**files, "scorecard.yaml": told}).card
    assert card is not None and card.about is not None and (card.about.auc, card.about.ks) == (
        0.71, 0.3)  # fmt: skip
    wild = told.replace(b"0.71", b"71")
    assert problems({**files, "scorecard.yaml": wild})[0].code == "scorecard.about"
