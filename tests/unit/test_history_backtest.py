"""Backtests over a small simulated economy: what they find, and what they refuse."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from xindeng.history import asked, facts, feedback, static
from xindeng.history import backtest as module
from xindeng.history.backtest import Spec, backtest
from xindeng.history.lake import Lake
from xindeng.history.leakage import LeakageError
from xindeng.history.page import lines, report
from xindeng.history.profit import LINES
from xindeng.kernel.errors import ImportFileError, InputError, PolicyError
from xindeng.lab import swap_study
from xindeng.lab.economy import economy
from xindeng.lab.generators import MISSPECIFIED
from xindeng.policy.bundle import load
from xindeng.service.policies import read_bundle
from xindeng.web.report_page import render

FILES = read_bundle("consumer_line")
CHAMPION = load(FILES)


def with_feature(line: str, condition: str):
    """The champion with one more feature, on which its arrears rest too."""
    text = FILES["features.yaml"].decode()
    old = 'in_arrears: {derive: "'
    assert old in text
    text = text.replace(old, f"{line}\n{old}{condition} OR ", 1)
    return load({**FILES, "features.yaml": text.encode()})


def loosened() -> dict[str, bytes]:
    """The champion's files with one parameter loosened: payments of up to 65 % of income."""
    debt = FILES["parameters/debt.yaml"].decode()
    head, tail = debt.split("max_payment_to_income:", 1)
    tail = tail.replace("{value: 0.50,", "{value: 0.65,", 1)
    return {**FILES, "parameters/debt.yaml": f"{head}max_payment_to_income:{tail}".encode()}


@pytest.fixture(scope="module")
def loose():
    return load(loosened())


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return economy(tmp_path_factory.mktemp("eco") / "lake", CHAMPION, borrowers=90, seed=11)


@pytest.fixture(scope="module")
def found(lake, loose):
    return backtest(lake, CHAMPION, loose, Spec(sample=60))


def test_what_was_decided_is_reproduced_bit_for_bit(lake, found):
    made = lake.manifest.rows["decisions"]
    assert found["range"]["decisions"] == made > 100
    assert found["checks"]["reproduced"] == {"decisions": made, "same": made}
    assert found["checks"]["computed_again"][0] == {
        "decisions": 60,
        "values": 60 * len(CHAMPION.book.base),
    }


CHANGES = (
    ("stance = 'tight', stance_review_day = today + 9", "id % 5 = 1"),
    ("stance = 'brake', stance_review_day = today + 9", "id % 11 = 1"),
    ("maintenance = TRUE", "id % 13 = 1"), ("bureau_available = FALSE", "id % 17 = 1"),
    ("model_available = FALSE", "id % 19 = 1"), ("cleared = 'debt.income_unknown'", "id % 3 = 1"),
    ("request_amount = 1", "id % 23 = 1"),
)  # fmt: skip
UNCONSENTED = (
    ("consent_bureau = FALSE", "id % 7 = 1"),
    ("consent_transactions = FALSE", "id % 29 = 1"),
)


def test_the_query_answers_as_decide_does_whatever_stands_in_the_way(lake):
    """Stances, outages, consents withdrawn, rules cleared, amounts out of reach: row by row."""
    con = facts.connect()
    asked.load(con, lake, 0, 2**62)
    asked.load_facts(con, lake, [CHAMPION])
    asked.make_facts(con, lake, CHAMPION, "facts_a")
    for change, where in CHANGES:
        con.execute(f"UPDATE facts_a SET {change} WHERE {where}")
        told = f"UPDATE {asked.ASKED} SET {change} WHERE {where}"
        con.execute(told.replace("id %", '"row" %'))
    for change, where in UNCONSENTED:
        con.execute(f"UPDATE facts_a SET {change} WHERE {where}")
    holds = asked.HoldHistory(con, lake, CHAMPION.zone)
    quick = static.judge(con, CHAMPION, "facts_a", holds)
    slow = static.judge(con, CHAMPION, "facts_a", holds, one_by_one=True)
    assert quick.asked_one_by_one < slow.asked_one_by_one == quick.answers.num_rows
    for name in (
        "outcome",
        "amount_offered",
        *(f"{k}{w}" for k in "fm" for w in range(quick.words)),
    ):
        assert quick.answers[name].to_pylist() == slow.answers[name].to_pylist(), name
    outcomes = set(quick.answers["outcome"].to_pylist())
    assert outcomes == {"approve", "approve_less", "decline", "review", "retry_later", "too_small"}


def test_loosening_lets_people_in_and_nobody_out(found):
    swap = found["swap"]
    assert swap["in"]["count"] > 0 and swap["out"]["count"] == 0
    assert all("debt.payment_to_income_high" in e["champion_rules"] for e in swap["in"]["examples"])
    risk = swap["in"]["risk"]
    assert (
        0 <= risk["best"] <= risk["low"] <= risk["expected"] <= risk["high"] <= risk["worst"] <= 1
    )
    assert risk["known"] == 0, "refused requests have no outcome"
    assert found["reasons_moved"].keys() == {"debt.payment_to_income_high"}
    assert "debt" in found["lights_moved"]
    counts = [found["swap"][name]["count"] for name in ("in", "out", "both", "neither")]
    assert sum(counts) == found["range"]["decisions"]


def test_rates_and_sums_hold_together(found):
    for side in ("champion", "challenger"):
        one = found["policies"][side]
        assert sum(one["totals"]["outcomes"].values()) == found["range"]["decisions"]
        for state in one["outcomes"].values():
            assert state["total"] == state["good"] + state["bad"]
        for kind in ("expected", "realised"):
            account = one["profit"][kind]["all"]
            costs = sum(
                account[k]
                for k in LINES if k not in ("interest", "fees")
            )  # fmt: skip
            assert account["profit"] == pytest.approx(account["interest"] + account["fees"] - costs)
            parts = one["profit"][kind]["segments"].values()
            assert account["loss"] == pytest.approx(sum(p["loss"] for p in parts))
        for rule in one["rules"].values():
            assert rule["unique"] <= rule["fired"] + rule["missing"]
    assert all(
        "not_asked" not in found["policies"][s]["totals"]["outcomes"]
        for s in ("champion", "challenger")
    )
    for group in found["policies"]["champion"]["fairness"].values():
        assert sum(g["total"] for g in group["groups"].values()) == found["range"]["decisions"]


def test_the_report_can_be_read_in_both_languages(found):
    for lang in ("zh", "en"):
        page = render(report(found, lang))
        assert page.count("<section") == 11 and "<svg" in page and "<script" not in page
        assert not re.search(r"\bnan\b", page.lower())
        assert 10 <= page.count('class="chart"') < page.count("<table"), "a table behind each"
        assert len(lines(found, lang)) >= 7
    assert json.loads(json.dumps(found))["mode"] == "static"
    with pytest.raises(InputError, match="format 1"):
        report({**found, "format": 1}, "en")


def test_no_risk_is_told_where_no_loan_has_an_end(lake, loose, found, monkeypatch):
    """Nothing known is not nothing bad: a young book shows a dash, never 0 %."""
    young = CHAMPION.zone.parse("2025-12-01")
    monkeypatch.setattr(lake, "manifest", msgspec.structs.replace(lake.manifest, upto=young))
    told = backtest(lake, CHAMPION, loose, Spec(sample=20))
    champion = told["policies"]["champion"]
    assert champion["totals"]["approved"]["hits"] > 0
    assert (champion["expected_bad"]["known"], champion["expected_bad"]["expected"]) == (0, None)
    assert champion["expected_bad"]["worst"] == 1
    expected = champion["profit"]["expected"]["all"]
    assert expected["loss"] is expected["profit"] is told["swap"]["both"]["profit"]["loss"] is None
    assert expected["funding"] > 0 > expected["profit_low"], "what does not rest on risk is told"
    assert render(report(told, "en")).count("–") > render(report(found, "en")).count("–")
    said = lines(told, "en")
    assert any("has an end by at_90_mob_12 yet" in line for line in said)
    assert [line for line in said if "expected bad rate –, expected profit –" in line] == said[3:5]
    assert "has an end by" not in "".join(lines(found, "en"))


def test_the_champion_lived_through_again_is_what_it_was(lake, loose, tmp_path):
    spec = Spec(mode="feedback", sample=5)
    found = backtest(lake, CHAMPION, loose, spec, work=tmp_path / "work")
    static = backtest(lake, CHAMPION, loose, Spec(sample=5))
    assert found["policies"]["champion"]["totals"] == static["policies"]["champion"]["totals"]
    assert found["policies"]["champion"]["rules"] == static["policies"]["champion"]["rules"]
    # Who borrowed more owes more, so later requests of theirs pass less often than facts say.
    assert 0 < found["swap"]["in"]["count"] <= static["swap"]["in"]["count"]


def test_the_predicted_swap_set_is_what_really_happens_within_the_error_stated(
    lake, loose, tmp_path
):
    """The challenger is let loose on the same people, wishes and luck; the backtest never saw it."""
    real = economy(tmp_path / "real", loose, borrowers=90, seed=11)
    study = swap_study.compare(lake, real, CHAMPION, loose, Spec(mode="feedback", sample=5))
    assert study.predicted > 5 and study.truth.total > 3
    assert study.precision.share == study.recall.share == 1, "up to there both lives are one"
    assert study.within, (study.risk, study.truth)
    # Worlds that differ in luck alone would be told apart: the check is not blind.
    wrong = replace(study, risk={**study.risk, "seen_high": study.truth.share - 0.001})
    assert not wrong.within


def test_it_holds_in_an_economy_of_other_laws_too(loose, tmp_path):
    """Nothing here was tuned on the second generator, which differs in what causes what."""
    study = swap_study.swap_study(
        tmp_path, CHAMPION, loose, borrowers=90, seed=11, generator=MISSPECIFIED,
        spec=Spec(mode="feedback", sample=5),
    )  # fmt: skip
    assert study.generator == "misspecified" and study.predicted > 2 and study.truth.total > 3
    assert study.precision.share == study.recall.share == 1
    assert study.within, (study.risk, study.truth)
    told = study.told()
    assert told["real_gain"] == study.profit[1] - study.profit[0] != 0
    assert json.loads(json.dumps(told))["within"]


def test_a_replay_that_was_cut_short_goes_on(lake, loose, tmp_path, monkeypatch):
    monkeypatch.setattr(feedback, "CHUNK", 20)
    spec, work = Spec(mode="feedback", sample=5, threads=1), tmp_path / "work"
    whole = backtest(lake, CHAMPION, loose, spec)
    chunk, ran = feedback._chunk, []

    def dies(number):
        ran.append(number)
        if len(ran) == 4:
            raise KeyboardInterrupt
        return chunk(number)

    monkeypatch.setattr(feedback, "_chunk", dies)
    with pytest.raises(KeyboardInterrupt):
        backtest(lake, CHAMPION, loose, spec, work=work)
    kept = len(list(work.iterdir()))
    assert kept == 3
    ran.clear()
    monkeypatch.setattr(feedback, "_chunk", lambda n: (ran.append(n), chunk(n))[1])
    again = backtest(lake, CHAMPION, loose, spec, work=work)
    assert again == whole
    assert len(ran) == len(list(work.iterdir())) - kept
    killed = tmp_path / "killed"
    done = _killed_in_the_middle(lake.folder, killed, tmp_path / "loose")
    ran.clear()
    assert backtest(lake, CHAMPION, loose, spec, work=killed) == whole
    assert 0 < len(ran) <= 2 * (len(list(work.iterdir())) // 2) - done


_RUN = """
import sys
from pathlib import Path
from xindeng.history import feedback
from xindeng.history.backtest import Spec, backtest
from xindeng.history.lake import Lake
from xindeng.service.policies import load_policy
feedback.CHUNK = 20
spec = Spec(mode="feedback", sample=5, threads=1)
lake, loose, work = map(Path, sys.argv[1:])
backtest(Lake.open(lake), load_policy("consumer_line"), load_policy(loose), spec, work=work)
"""


def _killed_in_the_middle(lake, work, folder) -> int:
    """Run the same backtest in a process of its own and kill it outright; return what it kept."""
    for path, content in loosened().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    command = [sys.executable, "-c", _RUN, str(lake), str(folder), str(work)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        until = time.monotonic() + 180
        while len(list(work.glob("*.json"))) < 2:
            assert running.poll() is None and time.monotonic() < until, (
                "it never came to the middle"
            )
            time.sleep(0.02)
        running.kill()
    return len(list(work.glob("*.json")))


def test_a_fact_from_the_future_is_caught_as_leakage(lake, loose, monkeypatch):
    """A feature that counts what arrived after the decision makes its rules look brilliant."""
    honest = facts.book_sql

    def peeks(features, dense=()):
        return honest(features, dense).replace("e.seq < r.seq", "e.seq < r.seq + 50")

    monkeypatch.setattr(facts, "book_sql", peeks)
    with pytest.raises(LeakageError, match="not those that had arrived") as caught:
        backtest(lake, CHAMPION, loose, Spec())
    assert "rules" in caught.value.where


def test_a_rule_edited_to_refer_to_a_later_event_is_caught(lake, monkeypatch):
    """A rule on what became of the loan: honestly it sees nothing, and peeking is refused."""
    late = with_feature("last_delinquency: {event: delinquency, op: max(dpd), window: 3660d, default: 0}",
                        "last_delinquency > 0")  # fmt: skip
    with pytest.raises(InputError, match="did not exist then"):
        backtest(lake, CHAMPION, late, Spec())  # nobody was late before the first decision
    since = CHAMPION.zone.day(CHAMPION.zone.parse("2025-07-15"))
    found = backtest(lake, CHAMPION, late, Spec(first=since, sample=100))
    assert found["checks"]["computed_again"][1]["decisions"] == 100
    honest = facts.book_sql

    def peeks(features, dense=()):
        if all(f.name != "last_delinquency" for f in features):
            return honest(features, dense)
        return honest(features, dense).replace("e.seq < r.seq", "TRUE")

    monkeypatch.setattr(facts, "book_sql", peeks)
    with pytest.raises(LeakageError, match="last_delinquency"):
        backtest(lake, CHAMPION, late, Spec(first=since, sample=400))


def test_a_lake_from_before_there_was_an_arm_is_read(lake, loose, found, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(lake.folder, copy)
    other = Lake.open(copy)
    table = pq.read_table(copy / other.manifest.of("decisions")[0].path)
    other.replace("decisions", table.drop_columns(["learning"]))
    old = backtest(Lake.open(copy), CHAMPION, loose, Spec(sample=60))
    assert {**old, "lake": None} == {**found, "lake": None}


def test_policies_share_their_facts_where_their_features_are_the_same(lake, loose, monkeypatch):
    """Computing them is most of the work, and a parameter moves none of them."""
    honest, made = facts.make_features, []
    monkeypatch.setattr(
        facts,
        "make_features",
        lambda *args, **more: (made.append(args[2]), honest(*args, **more))[1],
    )
    backtest(lake, CHAMPION, loose, Spec(sample=5))
    assert len(made) == 1
    more = with_feature("seen_7d: {event: login, op: count, window: 7d}", "seen_7d > 1000")
    found = backtest(lake, CHAMPION, more, Spec(sample=5))
    assert len(made) == 3 and made[1] != made[2]
    a, b = (one["values"] for one in found["checks"]["computed_again"])
    assert b == a + 5


def test_facts_that_do_not_reproduce_are_refused(lake, loose, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(lake.folder, copy)
    other = Lake.open(copy)
    table = pq.read_table(copy / other.manifest.of("decisions")[0].path)
    outcome = table["outcome"].to_pylist()
    outcome[3] = "approve" if outcome[3] != "approve" else "decline"
    place = table.column_names.index("outcome")
    other.replace("decisions", table.set_column(place, "outcome", [outcome]))
    with pytest.raises(LeakageError, match="come out differently"):
        backtest(other, CHAMPION, loose, Spec(sample=5))


class TestBadInput:
    def test_a_bundle_that_fails_its_check(self):
        with pytest.raises(PolicyError):
            load({**FILES, "areas/debt.yaml": b"- id: debt.nonsense\n  when: nothing > 1\n"})

    def test_a_range_with_no_decisions(self, lake, loose):
        with pytest.raises(InputError, match="no decisions") as caught:
            backtest(lake, CHAMPION, loose, Spec(first=0, last=10))
        assert "its decisions are of 2025" in caught.value.next_step

    def test_a_truncated_file(self, lake, loose, tmp_path):
        copy = tmp_path / "copy"
        shutil.copytree(lake.folder, copy)
        part = Lake.open(copy).manifest.of("events/type=payment")[0]
        path = copy / part.path
        path.write_bytes(path.read_bytes()[:-100])
        with pytest.raises(ImportFileError, match="cut off") as caught:
            backtest(Lake.open(copy), CHAMPION, loose, Spec())
        assert part.path in caught.value.where

    def test_a_rule_whose_feature_did_not_exist_then(self, lake):
        later = with_feature("restructured_times: {event: restructuring, op: count, window: all}",
                             "restructured_times > 3")  # fmt: skip
        with pytest.raises(InputError, match="did not exist then") as caught:
            backtest(lake, CHAMPION, later, Spec())
        assert caught.value.code == "backtest.feature" and "." in caught.value.where

    def test_a_day_before_the_policys_first_version(self, lake):
        text = FILES["parameters/debt.yaml"].decode().replace("2020-01-01:", "2026-01-01:", 1)
        young = load({**FILES, "parameters/debt.yaml": text.encode()})
        with pytest.raises(InputError, match="has no value on") as caught:
            backtest(lake, CHAMPION, young, Spec(sample=5))
        assert caught.value.code == "policy.not_in_force"

    @pytest.mark.parametrize(
        "change",
        [{"mode": "guess"}, {"engine": "abacus"}, {"outcome": "luck"}, {"groups": ["zodiac"]}],
    )
    def test_words_that_mean_nothing(self, lake, loose, change):
        with pytest.raises(InputError) as caught:
            backtest(lake, CHAMPION, loose, replace(Spec(), **change))
        assert caught.value.next_step.startswith("use")

    def test_another_zone(self, lake, loose):
        bank = load(read_bundle("bank_cashflow"))
        if bank.zone.name != CHAMPION.zone.name:
            with pytest.raises(InputError, match="days in the lake"):
                backtest(lake, CHAMPION, bank, Spec())
        assert Path(lake.folder).is_dir() and module.FORMAT
