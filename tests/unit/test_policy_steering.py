"""The stance by series: what each fault in steering.yaml gives, and never a look into the future."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from tests.unit.policy_bundle import bundle
from xindeng.kernel.errors import InputError, XindengError
from xindeng.kernel.time import from_date, to_date
from xindeng.policy.bundle import load
from xindeng.policy.check import problems
from xindeng.policy.policy import Policy
from xindeng.policy.stance_view import StancePath, document, first_day, stance_path, stance_view
from xindeng.policy.stance_words import change_line, stance_lines
from xindeng.policy.steering import series as series_module
from xindeng.policy.steering.read import month_of
from xindeng.policy.steering.series import Observed, end_of, observed
from xindeng.service.policies import read_bundle

ROOT = Path(__file__).resolve().parents[2]
STEERING = "steering.yaml"
FILES = {
    **bundle(),
    "stances.yaml": "".join(
        f"{name}: {{texts: {{zh: 姿态, en: stance}}, review_days: 14}}\n"
        for name in ("open", "neutral", "tight", "brake")
    ).encode(),
}
SMALL = """\
series:
  pmi:
    title: {zh: 景气, en: activity}
    column: pmi
    published_after_days: 1
    stale_after_days: 60
    source: made up
indicators:
  quarter: {title: {zh: 季均值, en: mean of a quarter}, series: pmi, take: mean, months: 3, unit: index}
  month: {title: {zh: 当月, en: newest month}, series: pmi, take: mean, months: 1, unit: index}
stances:
  tight:
    needed: 1
    stay_days: 90
    conditions:
      - {indicator: quarter, enter: {below: 49}, leave: {above: 50}, source: by hand}
  brake:
    needed: 1
    stay_days: 30
    conditions:
      - {indicator: month, enter: {below: 40}, leave: {above: 50}, source: by hand}
  open:
    needed: 1
    stay_days: 30
    conditions:
      - {indicator: quarter, enter: {above: 54}, leave: {below: 53}, source: by hand}
  neutral: {stay_days: 60}
segments:
  thin_file:
    tight: {stay_days: 200}
"""


def small(text: str = SMALL) -> Policy:
    return load({**FILES, STEERING: text.encode()})


def months(first: str, values: str) -> list[tuple[int, float, int | None]]:
    start = month_of(first)
    assert start is not None
    return [(start + n, float(one), None) for n, one in enumerate(values.split()) if one != "-"]


def seen(policy: Policy, values: str, first: str = "2020-01") -> dict[str, Observed]:
    return {"pmi": observed(policy.steering.series["pmi"], months(first, values))}


def day(text: str) -> int:
    return from_date(date.fromisoformat(text))


def told(path: StancePath) -> list[tuple[str, str]]:
    return [(to_date(one.day).isoformat(), one.after) for one in path.changes]


def walk(
    values: str, last: str, segment: str | None = None, text: str = SMALL, first: str = "2020-01"
) -> StancePath:
    policy = small(text)
    data = seen(policy, values, first)
    return stance_path(policy, data, first_day(data), day(last), segment)


FAULTS = {
    "unknown series": ("series: pmi, take: mean, months: 1", "series: pim, take: mean, months: 1",
                       "steering.series", "month: {title"),
    "unknown indicator": ("indicator: month", "indicator: months", "steering.indicator",
                          "indicator: months"),
    "flaps": ("enter: {below: 49}, leave: {above: 50}", "enter: {below: 50}, leave: {above: 50}",
              "steering.flap", "indicator: quarter, enter: {below: 50}"),
    "left on the same side": ("enter: {below: 40}, leave: {above: 50}",
                              "enter: {below: 40}, leave: {below: 50}", "steering.side",
                              "indicator: month"),
    "no stay": ("    needed: 1\n    stay_days: 30\n    conditions:\n      - {indicator: month",
                "    needed: 1\n    conditions:\n      - {indicator: month", "bundle.missing_key",
                "needed: 1\n    conditions"),
    "no lag": ("    published_after_days: 1\n", "", "bundle.missing_key", "title: {zh: 景气"),
    "a lag into the future": ("published_after_days: 1", "published_after_days: -20",
                              "bundle.type", "published_after_days"),
    "stale at once": ("stale_after_days: 60", "stale_after_days: 20", "steering.stale", "title: {zh: 景气"),
    "never": ("needed: 1\n    stay_days: 90", "needed: 3\n    stay_days: 90", "steering.never",
              "needed: 3"),
    "no threshold": ("enter: {below: 40}", "enter: {}", "steering.bound", "indicator: month"),
    "two thresholds": ("enter: {below: 40}", "enter: {below: 40, above: 50}", "steering.bound",
                       "indicator: month"),
    "open while tight": ("enter: {above: 54}, leave: {below: 53}",
                         "enter: {above: 49.5}, leave: {below: 49.2}", "steering.overlap",
                         "above: 49.5"),
    "unused": ("indicator: month, enter", "indicator: quarter, enter", "steering.unused",
               "month: {title"),
    "a stance that is none": ("  brake:\n", "  shut:\n", "bundle.unknown_key", "shut:"),
    "a segment that is none": ("  thin_file:\n", "  thin:\n", "bundle.unknown_key", "thin:"),
}  # fmt: skip


def test_the_small_steering_is_sound() -> None:
    assert small().steering.levels_of("thin_file")["tight"].stay_days == 200
    assert not problems(read_bundle("consumer_line"))


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_at_its_line(name: str) -> None:
    old, new, code, at = FAULTS[name]
    assert old in SMALL, "the fault must really be planted"
    text = SMALL.replace(old, new, 1)
    found = problems({**FILES, STEERING: text.encode()})
    mine = [one for one in found if one.path == STEERING and one.code == code]
    assert mine, found
    line = text[: text.index(at)].count("\n") + 1
    assert line in {one.line for one in mine}, mine
    assert all(one.next_step for one in mine)


def test_it_tightens_at_once_and_loosens_rung_by_rung_after_its_stay() -> None:
    path = walk("51 51 38 51 51 51 52 52 52", "2020-12-31")
    # The collapse of March is public on 1 April; the quarter's mean is below 49 as well.
    assert told(path)[:2] == [("2020-04-01", "brake"), ("2020-05-01", "tight")]
    # Its conditions end with June's value on 1 July; 90 days since 1 May are over on 30 July.
    assert told(path)[2] == ("2020-07-30", "neutral")
    assert [one.because for one in path.changes] == ["entered", "left", "stay_over"]
    later = walk("51 51 38 51 51 51 52 52 52 52 52", "2020-12-31", "thin_file")
    assert told(later)[2] == ("2020-11-17", "neutral")


def test_between_its_thresholds_a_condition_stays_what_it_was() -> None:
    shaking = "51 51 51 48.8 48.8 48.8 " + "49.4 49.9 49.2 49.6 " * 3
    assert [stance for _, stance in told(walk(shaking, "2021-05-31"))] == ["tight"]
    # The same shaking without room between the two thresholds would be refused by the check.
    narrow = SMALL.replace("leave: {above: 50}, source: by hand}\n  brake", "leave: {above: 49.01}, "
                           "source: by hand}\n  brake").replace("stay_days: 90", "stay_days: 1")  # fmt: skip
    assert len(told(walk("51 51 51 " + "48.5 48.5 48.5 49.6 49.6 49.6 " * 2, "2021-04-30",
                         text=narrow))) > 2  # fmt: skip


def test_a_series_that_ends_or_is_missing_never_loosens() -> None:
    # Tight, then good months; but the last good value is stale before the least stay is over.
    path = walk("51 51 44 44 44 52", "2021-06-30")
    assert [stance for _, stance in told(path)] == ["tight"]
    assert path.end.blind == ("quarter", "month")
    assert any("stale" in line for line in stance_lines(path.end, "en"))
    policy = small()
    view = stance_view(policy, {"pmi": seen(policy, "51 51 44 44 44 44 44 44 52 53 53")["pmi"]},
                       day("2021-03-31"), standing=("tight", day("2020-04-01")))  # fmt: skip
    assert (view.stance, view.wanted, view.held) == ("tight", "neutral", "blind")
    missing = stance_view(policy, {"other": seen(policy, "51")["pmi"]}, day("2021-03-31"),
                          standing=("brake", day("2020-04-01")))  # fmt: skip
    assert (missing.wanted, missing.held) == ("neutral", "blind")


def test_open_needs_to_see_and_ends_when_it_cannot() -> None:
    path = walk("55 55 55 55 55 55", "2020-12-31")
    assert told(path) == [("2020-04-01", "open"), ("2020-08-30", "neutral")]


def test_what_is_known_on_a_day_is_all_that_counts() -> None:
    """Whatever comes later, every earlier day keeps its stance: paths are prefixes."""
    rng = random.Random(7)
    values = " ".join(f"{rng.gauss(50, 2.5):.1f}" for _ in range(96))
    policy = small()
    data = seen(policy, values, "2012-01")
    whole = stance_path(policy, data, first_day(data), day("2020-03-31"))
    assert len(whole.changes) > 8
    for one in whole.changes:
        for at in (one.day - 1, one.day):
            had = {"pmi": data["pmi"].until(at)}
            part = stance_path(policy, had, first_day(data), at)
            assert part.changes == tuple(each for each in whole.changes if each.day <= at)


def test_a_planted_look_ahead_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    everything: Callable[..., int] = lambda published, at: len(published)  # noqa: E731
    monkeypatch.setattr(series_module, "bisect_right", everything)
    with pytest.raises(XindengError, match="rests on a value published on") as caught:
        walk("51 51 44 44 44 52", "2020-07-01")
    assert caught.value.code == "series.look_ahead"


def test_a_value_published_before_its_month_was_over_is_refused() -> None:
    spec = small().steering.series["pmi"]
    month = month_of("2020-03")
    assert month is not None
    with pytest.raises(InputError, match="before the month was over") as caught:
        observed(spec, [(month, 38.0, end_of(month) - 3)])
    assert caught.value.code == "series.look_ahead"
    with pytest.raises(InputError, match="two values"):
        observed(spec, [(month, 38.0, None), (month, 39.0, None)])


def test_a_later_publication_of_a_month_counts_from_its_day() -> None:
    policy = small()
    month = month_of("2020-03")
    assert month is not None
    first, revised = end_of(month) + 1, end_of(month) + 40
    values = [(month, 51.0, first), (month, 38.0, revised)]
    data = {"pmi": observed(policy.steering.series["pmi"], values)}
    assert stance_view(policy, data, revised - 1).stance == "neutral"
    assert stance_view(policy, data, revised).stance == "brake"


@pytest.mark.parametrize(
    ("take", "value"),
    [("take: mean, months: 3", 52.0), ("take: change, months: 4", -1.0),
     ("take: gap, months: 1, over: 5", -0.2), ("take: rise, months: 1, over: 4", 1.0)],
)  # fmt: skip
def test_each_way_to_make_an_indicator(take: str, value: float) -> None:
    policy = small(SMALL.replace("take: mean, months: 1", take))
    data = seen(policy, "53 52 51 53 52")
    view = stance_view(policy, data, day("2020-06-10"))
    found = {each.indicator: each for level in view.levels for each in level.conditions}
    assert found["month"].value == pytest.approx(value)
    assert found["month"].series[0].month == "2020-05"
    assert to_date(found["month"].series[0].published) == date(2020, 6, 1)


def test_explaining_names_value_month_publication_thresholds_and_what_comes_next() -> None:
    policy = small()
    view = stance_view(policy, seen(policy, "51 51 44 44 44 44"), day("2020-07-20"))
    assert (view.stance, to_date(view.since)) == ("tight", date(2020, 4, 1))
    assert to_date(view.review_on) == date(2020, 7, 22)
    english = "\n".join(stance_lines(view, "en", explain=True))
    for part in ("tight, since 2020-04-01", "mean of a quarter 44.0", "enters below 49",
                 "leaves above 50", "activity of 2020-06: 44, published 2020-07-01",
                 "to brake: 1 more must begin, of newest month below 40",
                 "to neutral: 1 must end, of mean of a quarter above 50"):  # fmt: skip
        assert part in english
    early = stance_view(policy, seen(policy, "51 51 44 44"), day("2020-06-10"))
    assert any("; not before 2020-06-30" in line for line in stance_lines(early, "en"))
    chinese = "\n".join(stance_lines(view, "zh", explain=True))
    for part in ("收紧，自 2020-04-01 起，最迟 2020-07-22 复核", "低于 49", "2020-07-01 公布"):
        assert part in chinese
    plain = document(view, policy)
    assert plain["levels"][1]["conditions"][0]["series"][0]["published"] == "2020-07-01"
    change = document(walk("51 51 44", "2020-06-01").changes[0], policy)
    assert change_line(change, "en").endswith("holding: mean of a quarter 48.7")


def test_a_policy_without_steering_says_so() -> None:
    plain: Mapping[str, bytes] = {path: text for path, text in FILES.items() if path != STEERING}
    with pytest.raises(InputError, match="no steering"):
        stance_view(load(plain), seen(small(), "50"), day("2020-03-01"))
    with pytest.raises(InputError, match="nothing was published"):
        stance_view(small(), seen(small(), "50"), day("2019-03-01"))
    with pytest.raises(InputError, match="no segment"):
        stance_view(small(), seen(small(), "50"), day("2020-03-01"), "everybody")


def test_the_example_of_the_how_to_is_sound() -> None:
    page = (ROOT / "docs" / "how-to" / "steer-the-stance.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    assert not problems({**FILES, STEERING: example.encode()})


def test_wherever_a_series_ends_nothing_is_loosened_after_its_last_value_is_stale() -> None:
    rng = random.Random(11)
    policy = small(SMALL.replace("months: 3", "months: 1"))
    values = [round(rng.gauss(50, 8), 1) for _ in range(60)]
    held = 0
    for months_seen in range(6, 60):
        data = seen(policy, " ".join(map(str, values[:months_seen])), "2012-01")
        stale = end_of(data["pmi"].all[-1].month) + 60
        path = stance_path(policy, data, first_day(data), stale + 2_000)
        late = [one for one in path.changes if one.day > stale]
        assert all(one.tightens for one in late), (months_seen, late)
        held += path.end.held == "blind"
    assert held > 5, "series must really end while a looser stance was wanted"
