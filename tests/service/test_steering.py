"""The stance that follows published series, from a file to what a refused borrower is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.service.test_stories import OLD_CARD, Person, text
from tests.service_world import World, event
from xindeng.access import staff
from xindeng.cli.app import app
from xindeng.decision.answer import Light, Outcome
from xindeng.decision.request import Request
from xindeng.intake.macro_series import read_series
from xindeng.kernel.errors import ConflictError, ForbiddenError, InputError
from xindeng.kernel.time import HOUR, from_date, to_date
from xindeng.policy.steering.series import Observed
from xindeng.service import proposals
from xindeng.service.book_series import STEERING, book_series
from xindeng.service.policies import read_bundle
from xindeng.service.precheck import precheck
from xindeng.service.replay import replay
from xindeng.service.stances import standings
from xindeng.service.steer import Steered, Steersman, look, set_by_hand, steer
from xindeng.store import actions, open_store

ANA, BO = "staff:ana", "staff:bo"


@pytest.fixture
def world(test_home: Path, new_database: Callable[[], str]) -> Iterator[World]:
    """A store of its own: one platform's stance is everybody's."""
    with open_store(test_home, new_database()) as store:
        yield World(store, read_bundle("consumer_line"))


def day(told: str) -> int:
    return from_date(date.fromisoformat(told))


def economy(world: World, folder: Path, *last: float) -> dict[str, Observed]:
    """The index at 51 for two years, then `last` from January 2026 on."""
    values = [51.0] * 24 + list(last)
    rows = [f"{2024 + n // 12}-{n % 12 + 1:02d},{one}" for n, one in enumerate(values)]
    path = folder / "economy.csv"
    path.write_text("month,pmi_manufacturing\n" + "\n".join(rows), encoding="utf-8")
    return read_series(path, world.engine.policy.steering.series.values())


def at(world: World, when: str) -> None:
    world.now = world.at(when)


def one(found: list[Steered], segment: str = "seasoned") -> Steered:
    return next(each for each in found if each.segment == segment)


def recorded(world: World, actor: str) -> list[tuple[str, Any]]:
    with world.store.snapshot() as conn:
        return [(each.kind, each.unseal(None)) for each in actions.of_actor(conn, actor)]


def test_refused_because_of_series_it_is_our_side_and_says_when_it_is_reviewed(
    world: World, tmp_path: Path
) -> None:
    person = Person(world, "braked", "2026-02-02")
    person.salary(10_000, "2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01")
    person.report("2026-01-20", accounts=[OLD_CARD])
    calm = precheck(world.engine, "braked", Request(500_000))
    assert calm.decision is not None and calm.decision.outcome is Outcome.APPROVE
    series = economy(world, tmp_path, 38.0)
    assert {each.did for each in steer(world.engine, series)} == {"tightened"}
    stood = standings(world.engine, day("2026-02-02"))["seasoned"]
    assert (stood.stance, stood.by, stood.review_day) == ("brake", "series", day("2026-02-16"))
    stored = person.asks("2026-02-02 09:00", 5_000)
    made = stored.decision
    assert made.outcome is Outcome.RETRY_LATER and made.stance == "brake"
    assert made.our_side and made.neutral_outcome is Outcome.APPROVE and not made.counted
    assert made.lights["attempts"] is Light.GREEN and Light.RED not in made.lights.values()
    for lang, words in (("zh", "平台"), ("en", "our")):
        told = text(person.told(stored, lang))
        assert "◇" in told and "2026-02-16" in told and words in told
        # What steers is for those who steer: a borrower is told whose doing it is, and until when.
        assert "pmi" not in told.lower() and "38" not in told
    assert replay(world.engine, stored.id).decision == made


def test_it_tightens_alone_reviews_and_proposes_to_loosen(world: World, tmp_path: Path) -> None:
    at(world, "2026-02-02 08:00")
    series = economy(world, tmp_path, 38.0)
    assert one(steer(world.engine, series)).did == "tightened"
    again = steer(world.engine, series)
    assert {each.did for each in again} == {"stands"}, "once is enough"
    at(world, "2026-02-16 08:00")
    reviewed = one(steer(world.engine, series))
    assert (reviewed.did, reviewed.stood.since) == ("reviewed", day("2026-02-02"))
    assert reviewed.stood.review_day == day("2026-03-02")
    kinds = [kind for kind, _ in recorded(world, STEERING)]
    assert kinds.count("stance.tightened") == 5 and kinds.count("stance.reviewed") == 5
    body = next(body for kind, body in recorded(world, STEERING) if kind == "stance.tightened")
    (condition,) = [each for each in body["seen"]["levels"][0]["conditions"] if each["on"]]
    assert (condition["value"], condition["series"][0]["published"]) == (38.0, "2026-02-01")


def test_what_is_not_seen_is_never_loosened_by_series(world: World, tmp_path: Path) -> None:
    at(world, "2026-02-02 08:00")
    steer(world.engine, economy(world, tmp_path, 38.0))
    at(world, "2026-05-02 08:00")
    found = one(steer(world.engine, economy(world, tmp_path, 38.0, 52.0, 52.0, 52.0)))
    # Our own book was never read, being empty: nobody can see how late the loans are.
    assert (found.view.held, found.stood.stance, found.proposal) == ("blind", "brake", None)
    assert "late_30_now" in found.view.blind


def narrow(world: World) -> World:
    """The same policy, steered by the index alone."""
    files = dict(read_bundle("consumer_line"))
    whole = files["steering.yaml"].decode()
    series = whole[whole.index("  pmi:\n") : whole.index("  output:\n")]
    made = whole[whole.index("  pmi_quarter:\n") : whole.index("  output_gap:\n")]
    level = "{{needed: 1, stay_days: {stay}, conditions: [{{indicator: {name}, enter: {{below: {low}}}, leave: {{above: 50}}, source: x}}]}}"
    files["steering.yaml"] = (
        f"series:\n{series}indicators:\n{made}stances:\n"
        f"  tight: {level.format(stay=30, name='pmi_quarter', low=48)}\n"
        f"  brake: {level.format(stay=30, name='pmi_month', low=45)}\n"
    ).encode()
    made_of = World(world.store, files)
    made_of.now = world.now
    return made_of


def test_a_person_lets_loosening_pass_rung_by_rung(world: World, tmp_path: Path) -> None:
    world = narrow(world)
    at(world, "2026-02-02 08:00")
    steer(world.engine, economy(world, tmp_path, 38.0))
    series = economy(world, tmp_path, 38.0, 52.0, 52.0, 53.0)
    at(world, "2026-03-05 08:00")
    first = one(steer(world.engine, series))
    assert first.did == "proposed" and first.stood.stance == "brake"
    second = one(steer(world.engine, series))
    assert (second.did, second.proposal) == ("waits", first.proposal)
    assert first.proposal is not None
    with pytest.raises(ForbiddenError):
        proposals.judge(world.engine, first.proposal, "approved", by=STEERING)
    proposals.judge(world.engine, first.proposal, "approved", by=BO)
    stood = standings(world.engine, day("2026-02-02"))["seasoned"]
    assert (stood.stance, stood.since) == ("tight", day("2026-03-05"))
    assert standings(world.engine, day("2026-02-02"))["new"].stance == "brake"


def test_by_hand_it_tightens_at_once_and_ends_on_its_day(world: World, tmp_path: Path) -> None:
    world = narrow(world)
    at(world, "2026-02-10 08:00")
    series = economy(world, tmp_path, 51.0, 51.0)
    steer(world.engine, series)
    until = day("2026-03-01")
    assert set_by_hand(world.engine, "new", "tight", until, "losses rise", by=ANA) is None
    stood = standings(world.engine, day("2026-02-10"))["new"]
    assert (stood.stance, stood.until_day, stood.by) == ("tight", until, "person")
    assert stood.reason == "staff:ana: losses rise"
    assert one(steer(world.engine, series), "new").did == "by_hand"
    assert one(look(world.engine, series), "new").did == "by_hand"
    assert recorded(world, ANA)[-1][0] == "stance.set"
    at(world, "2026-03-01 08:00")
    assert one(steer(world.engine, series), "new").did == "lapsed"
    assert standings(world.engine, day("2026-02-10"))["new"].stance == "neutral"


def test_by_hand_it_loosens_only_with_another_person(world: World, tmp_path: Path) -> None:
    world = narrow(world)
    at(world, "2026-02-02 08:00")
    series = economy(world, tmp_path, 38.0)
    steer(world.engine, series)
    until = day("2026-02-20")
    made = set_by_hand(world.engine, "all", "neutral", until, "a strike, not a slump", by=ANA)
    assert made is not None
    assert standings(world.engine, day("2026-02-02"))["new"].stance == "brake"
    with pytest.raises(ForbiddenError):
        proposals.judge(world.engine, made.row.id, "approved", by=ANA)
    proposals.judge(world.engine, made.row.id, "approved", by=BO)
    stood = standings(world.engine, day("2026-02-02"))["new"]
    assert (stood.stance, stood.until_day) == ("neutral", until)
    # The condition it was set against does not undo it; it ends on its day, and brake stands again.
    assert one(steer(world.engine, series), "new").did == "by_hand"
    at(world, "2026-02-20 08:00")
    assert one(steer(world.engine, series), "new").did == "lapsed"
    back = standings(world.engine, day("2026-02-02"))["new"]
    assert (back.stance, to_date(back.since).isoformat()) == ("brake", "2026-02-20")


def test_no_door_loosens_with_one_person_alone(world: World, tmp_path: Path) -> None:
    """An import, a stream and a wish by hand: whatever lends more freely takes two."""
    at(world, "2026-02-02 08:00")
    set_by_hand(world.engine, "new", "tight", day("2026-03-20"), "caution", by=ANA)
    before = world.counts()
    for more in (
        {"segment": "all", "stance": "open"}, {"segment": "new", "stance": "neutral"},
        {"segment": "new", "stance": "neutral", "by": "series"},
        {"segment": "new", "stance": "tight", "until_day": day("2026-02-05")},
    ):  # fmt: skip
        # Stricter for others in the same file does not carry it through.
        events = [
            event("stance_change", "2026-02-02", review_day=day("2026-03-01"), **one)
            for one in ({"segment": "dormant", "stance": "brake"}, more)
        ]
        with pytest.raises(ForbiddenError) as caught:
            world.tell("platform", *events)
        assert caught.value.code == "stance.looser" and "set-stance" in caught.value.next_step
        assert world.counts() == before
    stricter = event("stance_change", "2026-02-02", review_day=day("2026-03-01"), segment="all",
                     stance="brake")  # fmt: skip
    assert world.tell("platform", {**stricter, "id": "b"}).accepted == 1
    assert world.tell("platform", {**stricter, "id": "b"}).duplicates == 1


def test_by_hand_a_freer_stance_lasts_longer_only_with_another_person(
    world: World, tmp_path: Path
) -> None:
    world = narrow(world)
    at(world, "2026-02-02 08:00")
    steer(world.engine, economy(world, tmp_path, 38.0))
    made = set_by_hand(world.engine, "new", "neutral", day("2026-02-20"), "a strike", by=ANA)
    assert made is not None
    proposals.judge(world.engine, made.row.id, "approved", by=BO)
    longer = set_by_hand(world.engine, "new", "neutral", day("2026-04-20"), "still", by=ANA)
    assert longer is not None, "brake would have stood again on 20 February"
    assert set_by_hand(world.engine, "new", "neutral", day("2026-02-10"), "over", by=ANA) is None
    assert standings(world.engine, day("2026-02-02"))["new"].until_day == day("2026-02-10")


def test_what_begins_after_it_was_set_by_hand_tightens_all_the_same(
    world: World, tmp_path: Path
) -> None:
    world = narrow(world)
    at(world, "2026-01-20 08:00")
    steer(world.engine, economy(world, tmp_path))
    set_by_hand(world.engine, "all", "tight", day("2026-03-20"), "caution", by=ANA)
    at(world, "2026-02-02 08:00")
    found = one(steer(world.engine, economy(world, tmp_path, 38.0)))
    assert (found.did, found.stood.stance) == ("tightened", "brake")


def test_wishes_that_cannot_be_are_refused(world: World) -> None:
    at(world, "2026-02-02 08:00")
    for segment, stance, until, error in (
        ("everybody", "tight", "2026-02-20", InputError), ("new", "shut", "2026-02-20", InputError),
        ("new", "tight", "2026-02-02", ConflictError), ("new", "tight", "2027-02-02", ConflictError),
    ):  # fmt: skip
        with pytest.raises(error):
            set_by_hand(world.engine, segment, stance, day(until), "why", by=ANA)
    with pytest.raises(InputError, match="reason"):
        set_by_hand(world.engine, "new", "open", day("2026-02-20"), " ", by=ANA)


def book(world: World, month: str, **figures: int) -> None:
    """Have the book of a month say what the test says, read on the second of the next."""
    rows = {"loans": 1_000, "balance": 100_000, "loans_1_30": 100, "late_1_30": 4_000,
            "late_31_60": 1_000, "late_31": 1_500, "decided": 400, "approved": 300}  # fmt: skip
    with world.store.transaction() as conn:
        now = world.engine.clock()
        actions.record(conn, STEERING, "book.reading", month, {"month": month, **rows, **figures},
                       ident=world.engine.new_id(now), at=now)  # fmt: skip


def seen(world: World) -> dict[str, list[tuple[int, float]]]:
    with world.store.snapshot() as conn:
        found = book_series(world.engine.policy, conn)
    return {name: [(each.published, each.value) for each in series.all]
            for name, series in found.items()}  # fmt: skip


def test_our_own_book_is_read_once_after_each_month_and_counts_from_then(
    world: World, tmp_path: Path
) -> None:
    at(world, "2026-02-02 08:00")
    steer(world.engine, economy(world, tmp_path, 51.0))
    steer(world.engine, economy(world, tmp_path, 51.0))
    readings = [body for kind, body in recorded(world, STEERING) if kind == "book.reading"]
    assert [one["month"] for one in readings] == ["2026-01"] and readings[0]["loans"] == 0
    # Too few loans are no figure, and a month that nobody read in its first days stays missing.
    assert seen(world) == {"late_30": [], "roll": [], "approvals": []}
    at(world, "2026-03-20 08:00")
    steer(world.engine, economy(world, tmp_path, 51.0, 51.0))
    assert len([kind for kind, _ in recorded(world, STEERING) if kind == "book.reading"]) == 1


def test_the_book_tightens_as_the_economy_does(world: World, tmp_path: Path) -> None:
    at(world, "2026-02-02 08:00")
    book(world, "2026-01")
    at(world, "2026-03-02 08:00")
    book(world, "2026-02", late_31_60=2_400, late_31=6_000)
    found = seen(world)
    assert found["late_30"] == [(day("2026-02-02"), 1.5), (day("2026-03-02"), 6.0)]
    assert found["roll"] == [(day("2026-03-02"), 60.0)]
    assert found["approvals"][0] == (day("2026-02-02"), 75.0)
    # A roll rate of 60 % in its first month is one of three: too few to be a mean of a quarter.
    tightened = one(steer(world.engine, economy(world, tmp_path, 48.0, 49.0)))
    marks = {each.indicator: each for level in tightened.view.levels for each in level.conditions
             if level.stance == "tight"}  # fmt: skip
    assert marks["late_30_now"].on and marks["late_30_now"].value == 6.0
    assert marks["roll_quarter"].status == "early"
    assert (tightened.did, tightened.stood.stance) == ("tightened", "tight")


def test_a_worker_steers_by_the_hour_and_outlives_a_broken_file(
    world: World, tmp_path: Path
) -> None:
    at(world, "2026-02-02 08:00")
    heard: list[str] = []
    looked: list[int] = []

    def reads(engine: Any) -> dict[str, Observed]:
        looked.append(engine.clock())
        if len(looked) == 1:
            raise InputError("this file cannot be read")
        return economy(world, tmp_path, 38.0)

    steersman = Steersman(world.engine, reads, lambda error: heard.append(error.what))
    for _ in range(4):
        steersman()
    assert heard == ["this file cannot be read"] and len(looked) == 2
    assert standings(world.engine, day("2026-02-02"))["new"].stance == "brake"
    world.now += HOUR
    steersman()
    assert len(looked) == 3


def test_the_command_line_steers_and_sets_by_hand(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINDENG_DATABASE_URL", world.store.uri)
    monkeypatch.setenv("XINDENG_PASSWORD", "correct horse battery")
    for name in ("ana", "bo"):
        staff.save(world.engine, name, "correct horse battery", ("approver",))
    months = "\n".join(f"2025-{month:02d},{38 if month == 12 else 51}" for month in range(1, 13))
    path = tmp_path / "economy.csv"
    path.write_text(f"month,pmi_manufacturing\n{months}\n", encoding="utf-8")

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["policy", *words])
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    english = ("--lang", "en")
    assert "new: neutral, as from the start" in run("stance", *english)
    dry = json.loads(run("steer", "--series", str(path), "--dry-run", "--json"))
    assert {each["did"] for each in dry} == {"stands"}
    set_ = run("set-stance", "new", "tight", "--until", in_days(20), "--as", "ana", "--why", "x",
               *english)  # fmt: skip
    assert "new is tight from now" in set_
    told = run("set-stance", "new", "open", "--until", in_days(20), "--as", "ana", "--why", "x",
               *english)  # fmt: skip
    assert "xindeng proposals approve" in told
    assert "by hand, until" in run("stance", *english)
    # On the day before nobody had set it.
    assert "new: neutral, as from the start" in run("stance", "--on", in_days(-1), *english)


def in_days(count: int) -> str:
    return (datetime.now(tz=UTC).date() + timedelta(days=count)).isoformat()
