"""The flow rules on the simulated population, blinded: how many wages and rents they still find."""

from __future__ import annotations

from pathlib import Path

import pytest

from xindeng.lab.flow_study import FlowStudy, flow_study
from xindeng.lab.simulate import simulate


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> FlowStudy:
    folder: Path = tmp_path_factory.mktemp("people")
    simulate(folder, borrowers=120, seed=11)
    return flow_study(folder)


def test_wages_without_a_word_are_found(study: FlowStudy) -> None:
    assert study.borrowers == 120
    print(f"wages: precision {study.salary.precision}, recall {study.salary.recall}")
    assert (study.salary.recall or 0) >= 0.95
    assert (study.salary.precision or 0) >= 0.85


def test_what_no_paper_proves_is_counted_for_nobody(study: FlowStudy) -> None:
    assert study.false_income == 0


def test_rent_without_a_word_is_found_more_often_than_not(study: FlowStudy) -> None:
    print(f"rent: precision {study.rent.precision}, recall {study.rent.recall}")
    assert (study.rent.recall or 0) >= 0.6
    assert (study.rent.precision or 0) >= 0.6
