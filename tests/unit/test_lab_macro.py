"""The demo's made-up series: the same each time, read as any file, and with a path to show."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from xindeng.intake.macro_series import read_series
from xindeng.kernel.time import from_date
from xindeng.lab.macro import MONTHS, macro_csv
from xindeng.policy.bundle import load
from xindeng.policy.stance_view import first_day, stance_path, stance_view
from xindeng.service.policies import read_bundle

DAY = from_date(date(2026, 11, 2))


def test_it_is_the_same_each_time_and_ends_before_the_day():
    table = macro_csv(DAY)
    assert table == macro_csv(DAY)
    rows = table.splitlines()
    assert len(rows) == MONTHS + 1 and rows[-1].startswith("2026-10,")
    assert len({row.count(",") for row in rows}) == 1


def test_the_stance_has_indicators_and_a_path_through_slack_and_stop(tmp_path: Path):
    place = tmp_path / "series.csv"
    place.write_text(macro_csv(DAY), encoding="utf-8")
    policy = load(read_bundle("consumer_line"))
    series = policy.steering.series
    found = read_series(place, series.values())
    assert set(found) == {name for name, one in series.items() if not one.portfolio}
    own = frozenset(name for name, one in series.items() if one.portfolio)
    path = stance_path(policy, found, first_day(found), DAY, apart=own)
    stances = {one.after for one in path.changes}
    assert {"tight", "brake", "neutral"} <= stances
    view = stance_view(policy, found, DAY, apart=own)
    known = [one for level in view.levels for one in level.conditions if one.value is not None]
    assert len(known) > 5 and any(one.on for one in known) and view.coming
