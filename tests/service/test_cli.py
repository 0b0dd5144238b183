"""The command line as a stranger uses it: real processes, a real database, exit codes, messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from xindeng.lab.berka_study import OUTCOMES
from xindeng.lab.papers.person import made_up
from xindeng.lab.papers.reports import write_report
from xindeng.service.policies import read_bundle

pytestmark = pytest.mark.xdist_group("cli")
NOW = "2026-07-01T10:00:00+08:00"


class Shell:
    """Runs `xindeng` with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *words: str, feed: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XINDENG_HOME": str(self.home), "COLUMNS": "120"}
        return subprocess.run(
            [sys.executable, "-m", "xindeng", *words], env=environment, input=feed,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def good(self, *words: str, feed: str | None = None) -> str:
        done = self.run(*words, feed=feed)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def bad(self, *words: str, feed: str | None = None) -> str:
        done = self.run(*words, feed=feed)
        assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture(scope="module")
def shell(test_home: Path, server_url: str) -> Shell:
    """Commands share the suite's embedded server, as several processes share one in use."""
    del server_url
    return Shell(test_home)


def line(kind: str, when: str, **payload: Any) -> str:
    return json.dumps({"borrower": "cli-1", "type": kind, "occurred_at": when, "payload": payload})


def good_borrower() -> str:
    steps = [
        line("identity_step", "2025-01-10", step=step, result="passed")
        for step in ("name_and_id", "document", "face", "bank_card", "mobile")
    ]
    pay = [
        line("payment", f"2026-{month:02d}-10", direction="in", amount=1_000_000 + month,
             category="salary", counterparty="employer") for month in range(1, 7)
    ]  # fmt: skip
    first = [
        line("account_opened", "2025-01-10", birth_day=9_000),
        line("limit_change", "2025-01-10", limit=2_000_000, change="granted"),
    ]
    return "\n".join([*first, *steps, *pay]) + "\n"


def test_from_a_file_to_an_explanation_and_a_replay(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text(good_borrower())
    assert json.loads(shell.good("ingest", str(file), "--json"))["accepted"] == 13
    again = json.loads(shell.good("ingest", "-", "--json", feed=good_borrower()))
    assert (again["accepted"], again["duplicates"]) == (0, 13)

    shown = json.loads(shell.good("show", "cli-1", "--json"))
    assert shown["features"]["limit_shown"] == 2_000_000
    assert "limit_shown" in shell.good("show", "cli-1")

    tried = json.loads(shell.good("precheck", "cli-1", "3000", "--json"))
    assert (
        tried["trial"] and json.loads(shell.good("show", "cli-1", "--json"))["seq"] == shown["seq"]
    )

    made = json.loads(shell.good("decide", "cli-1", "3,000", "--key", "k1", "--json"))
    same = json.loads(shell.good("decide", "cli-1", "3000.00", "--key", "k1", "--json"))
    assert made["id"] == same["id"]
    assert "another request" in shell.bad("decide", "cli-1", "2999", "--key", "k1").lower()
    for audience in ("borrower", "support", "auditor"):
        zh = shell.good("explain", made["id"], "--audience", audience, "--lang", "zh")
        en = shell.good("explain", made["id"], "--audience", audience, "--lang", "en")
        assert "额度" in zh and "Limit" in en
    assert json.loads(shell.good("replay", made["id"], "--json"))["matches"] is True


TRY = ("backtest", "--champion", "consumer_line", "--challenger", "consumer_line", "--lake", "x")


@pytest.mark.parametrize(
    ("words", "feed", "said"),
    [
        (("ingest", "-"), line("paymnt", "2026-01-01") + "\n", "payment"),
        (("ingest", "-"), line("payment", "2026-01-01", direction="in", amount=-5) + "\n", "amount"),
        (("ingest", "-"), line("payment", "2026-01-01", direction="in", amount=10**15) + "\n", "amount"),
        (("ingest", "-"), line("payment", "2026-01-01", direction="up", amount=5) + "\n", "direction"),
        (("ingest", "-"), line("payment", "2026-01-01", direction="in", amount=5, currency="CZK") + "\n", "currency"),
        (("ingest", "-"), line("payment", "2026-01-01", direction="in", amount=float("nan")) + "\n", "stdin:1"),
        (("ingest", "-"), line("payment", "someday", direction="in", amount=5) + "\n", "occurred_at"),
        (("ingest", "-"), "{not json\n", "stdin:1"),
        (("ingest", "no-such-file.ndjson"), None, "no-such-file"),
        (("decide", "nobody", "3000"), None, "nobody"),
        (("decide", "cli-1", "--", "-5"), None, "金额 “-5” 不大于零"),
        (("decide", "cli-1", "NaN"), None, "金额"),
        (("decide", "cli-1", "1.234"), None, "小数"),
        (("decide", "cli-1", "100", "--purpose", "yacht"), None, "用途"),
        (("decide", "cli-1", "100", "--months", "0"), None, "月数"),
        (("decide", "cli-1", "100", "--months", "0", "--lang", "en"), None, "term_months"),
        (("plan", "nobody", "3000"), None, "没有借款人"),
        (("plan", "nobody", "3000", "--lang", "en"), None, "no borrower"),
        (("show", "nobody"), None, "nobody"),
        (("explain", "no-such-decision"), None, "no-such-decision"),
        (("replay", "no-such-decision"), None, "no-such-decision"),
        (("policy", "check", "no-such-policy"), None, "consumer_line"),
        (("lab", "berka", "no-such-folder"), None, "no-such-folder"),
        (("lab", "swaps", "x", "--challenger", "consumer_line", "--generator", "dreamt"), None, "dreamt"),
        (("lab", "learn", "x", "--share", "2"), None, "share"),
        (("backtest", "--champion", "consumer_line", "--challenger", "consumer_line", "--lake", "no-such-lake"),
         None, "no-such-lake"),
        (("backtest", "--champion", "consumer_line", "--challenger", "consumer_line", "--lake", "x",
          "--economics", "no-such-figures.yaml"), None, "no-such-figures.yaml"),
        ((*TRY, "--out", "."), None, "this is a folder"),
        ((*TRY, "--out", "figures.json"), None, "taken by what goes beside"),
        ((*TRY, "--out", "x/manifest.html"), None, "lies in the lake"),
        ((*TRY, "--from", "2026-13-01"), None, "--from"),
        ((*TRY, "--from", "2026-07-01", "--to", "2026-01-01"), None, "2026-01-01 is not after"),
        ((*TRY, "--master", "local[2]"), None, "--engine spark"),
    ],
)  # fmt: skip
def test_bad_input_gives_one_clear_error(shell: Shell, words: tuple[str, ...], feed: str | None,
                                         said: str) -> None:  # fmt: skip
    error = shell.bad(*words, feed=feed)
    assert said in error and ("下一步：" if error.startswith("错误") else "next:") in error
    flagged = (*words, "--json") if "--" not in words else (words[0], "--json", *words[1:])
    as_json = json.loads(shell.bad(*flagged, feed=feed))
    assert as_json["detail"] and as_json["status"] >= 400


def test_a_bad_line_stores_nothing_of_its_file(shell: Shell) -> None:
    fresh = good_borrower().replace("cli-1", "cli-2")
    shell.bad(
        "ingest", "-", feed=fresh + line("payment", "2026-01-01", direction="in", amount=-1) + "\n"
    )
    assert "cli-2" in shell.bad("show", "cli-2")


def test_a_simulated_past_is_backtested_and_judged(shell: Shell, tmp_path: Path) -> None:
    """From nothing to a report: a simulated lake, two policies, figures of one's own, what a lot
    teaches."""
    lake, page = tmp_path / "lake", tmp_path / "report.html"
    shell.good("lab", "economy", str(lake), "--borrowers", "30", "--generator", "misspecified")
    figures = files("xindeng.history").joinpath("economics.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(figures.replace("value: 300,", "value: 900,"), encoding="utf-8")
    words = ("backtest", "--champion", "consumer_line", "--challenger", "consumer_line", "--lake",
             str(lake), "--out", str(page), "--lang", "en")  # fmt: skip
    said = shell.good(*words, "--economics", str(own))
    assert "champion: approved" in said and "<svg" in page.read_text(encoding="utf-8")
    told = json.loads(page.with_suffix(".json").read_bytes())
    count = told["range"]["decisions"]
    assert told["policies"]["champion"]["profit"]["expected"]["all"]["data"] == 900 * count > 0
    assert told["lake"]["source"].startswith("simulation (misspecified)")
    own.write_text(figures.replace("data_cost:", "data_price:"), encoding="utf-8")
    assert "no data_cost" in shell.bad(*words, "--economics", str(own))
    learnt = json.loads(
        shell.good("lab", "learn", str(tmp_path / "learn"), "--borrowers", "30", "--share", "0.9",
                   "--json")
    )  # fmt: skip
    assert learnt["learning"]["arm"]["share_ppm"] == 900_000 and "covered" in learnt


def test_the_shipped_policies_check_and_pass_their_cases(shell: Shell) -> None:
    for name, least in (("consumer_line", 60), ("bank_cashflow", 10)):
        assert "ok" in shell.good("policy", "check", name)
        done = json.loads(shell.good("policy", "test", name, "--json"))
        assert done["cases"] >= 2 * least and done["failed"] == []


@pytest.mark.parametrize(
    "words", [("policy", "submit"), ("policy", "check"), ("challenger", "propose", "new")]
)
def test_a_bundle_that_is_no_text_is_refused_by_its_file(
    shell: Shell, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "policy.yaml").write_bytes(b"name: \xff\n")
    mine = () if words[-1] == "check" else ("--as", "ana", "--why", "w")
    error = shell.bad(*words, str(tmp_path), *mine)
    assert "policy.yaml:1: not UTF-8" in error and "save the file as UTF-8" in error


def test_a_day_that_is_over_publishes_nothing_at_once(shell: Shell) -> None:
    words = ("policy", "submit", "consumer_line", "--as", "ana", "--why", "w", "--from")
    assert "--from: 2020-01-01 is over" in shell.bad(*words, "2020-01-01")
    assert "--from: not a date" in shell.bad(*words, "2026-13-01")


def test_too_few_digits_of_a_hash_are_told_so(shell: Shell) -> None:
    error = shell.bad("policy", "rollback", "c5d", "--as", "ana", "--why", "w")
    assert "too short for a hash" in error and "xindeng policy versions" in error


def test_nobody_simulated_leaves_no_folder_in_the_way(shell: Shell, tmp_path: Path) -> None:
    for words in (("economy",), ("swaps", "--challenger", "consumer_line")):
        error = shell.bad("lab", *words, str(tmp_path / "new"), "--borrowers", "0")
        assert "cannot simulate 0 borrowers" in error and not (tmp_path / "new").exists()


def test_a_file_that_cannot_be_read_or_written_is_one_error(shell: Shell, tmp_path: Path) -> None:
    propose = ("challenger", "propose", "new", "consumer_line", "--as", "ana", "--why", "w")
    error = shell.bad(*propose, "--rails", "no-such-rails.yaml")
    assert "no-such-rails.yaml: no such file" in error and "next:" in error
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "file exists" in shell.bad(*TRY, "--out", str(tmp_path / "file" / "page.html"))


def test_a_broken_bundle_names_file_and_line(shell: Shell, tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[2] / "policies" / "consumer_line"
    for file in source.rglob("*.yaml"):
        copy = tmp_path / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    debt = tmp_path / "areas" / "debt.yaml"
    text = debt.read_text(encoding="utf-8")
    faults = {
        "syntax": ("when: ", "when: ((", 1),
        "code": ("when: ", "when: __import__('os').system('true') > ", 1),
        "deep": ("when: ", "when: " + "(" * 60 + "1" + ")" * 60 + " > ", 1),
        "huge": ("when: ", "when: " + "1 + " * 900, 1),
        "text": ("      auditor:", "      auditer:", 1),
    }
    for fault, (old, new, count) in faults.items():
        debt.write_text(text.replace(old, new, count), encoding="utf-8")
        error = shell.bad("policy", "check", str(tmp_path))
        assert "areas/debt.yaml:" in error, fault


def test_the_demo_ends_with_a_borrower_shown(tmp_path: Path) -> None:
    shell = Shell(Path(os.environ["XINDENG_HOME"]))
    report = json.loads(shell.good("demo", "--borrowers", "60", "--exit", "--json"))
    assert report["draws"] >= 60 and len(report["outcomes"]) >= 3
    assert set(report["outcomes"]) <= set(OUTCOMES)
    told = report["shown"]["explanation"]
    assert told["zh"]["figures"] and told["en"]["reasons"] and report["shown"]["replayed"]
    again = json.loads(shell.good("demo", "--borrowers", "60", "--exit", "--json"))
    assert again["outcomes"] == report["outcomes"] and again["reasons"] == report["reasons"]


def test_a_credit_report_is_taken_in_and_its_second_copy_is_not(
    shell: Shell, tmp_path: Path
) -> None:
    sample = next(one for one in map(made_up, range(99)) if one.report.report_day < 20_000)
    path = tmp_path / "r.html"
    path.write_bytes(write_report(sample, "detailed", "html"))
    assert "--borrower" in shell.bad("ingest", str(path), "--format", "pboc")
    call = ("ingest", str(path), "--format", "pboc", "--borrower", "cli-pboc")
    told = shell.good(*call, "--holder", "somebody else")
    assert "0 already known, 0 set aside" in told and "a person must look" in told
    again = json.loads(shell.good(*call, "--json"))
    assert (again["accepted"], again["skipped"]) == (0, {}) and again["duplicates"] >= 3
    path.write_bytes(b"not a report")
    assert "个人信用报告" in shell.bad(*call)


def fresh(name: str) -> str:
    """Salaries, purchases, a face check and a report of the last months, by this machine's clock."""
    now = datetime.now(UTC)
    told = [
        ("payment", back, {"direction": "in", "amount": 1_000_000 + back, "category": "salary",
                           "counterparty": "employer"}) for back in (150, 120, 90, 60, 30, 3)
    ] + [
        ("purchase", back, {"amount": 4_000, "merchant": f"shop{back % 7}"})
        for back in range(80, 1, -3)
    ] + [("identity_step", 2, {"step": "face", "result": "passed"})]  # fmt: skip
    report = {"report_day": int(now.timestamp()) // 86_400 - 5, "accounts": [
        {"account": "old", "kind": "R2", "lender": "bank", "limit": 1_000_000, "balance": 100_000,
         "grid": "N" * 48}]}  # fmt: skip
    told.append(("credit_report", 1, report))
    lines = [
        line(kind, (now - timedelta(days=back)).isoformat(), **payload)
        for kind, back, payload in told
    ]
    return "\n".join(lines).replace("cli-1", name) + "\n"


def test_a_draw_is_confirmed_after_its_cost_and_repaid(shell: Shell) -> None:
    shell.good("ingest", "-", feed=good_borrower().replace("cli-1", "cli-9") + fresh("cli-9"))
    made = json.loads(shell.good("decide", "cli-9", "1000", "--json"))
    decision = made["id"]
    assert "reasons" in made["explanation"]
    none = shell.bad("confirm", decision, "--yes")
    assert "no payment rail is configured" in none and "--rail sandbox" in none
    assert json.loads(shell.good("line", "show", "cli-9", "--json"))["draws"] == []
    started = time.monotonic()
    no = shell.run("confirm", decision, "--rail", "sandbox", feed="n\n")
    assert time.monotonic() - started > 10, "the cost is read before anybody is asked"
    assert no.returncode == 1 and "14.60%（单利）" in no.stdout.splitlines()[0]
    assert "没有占用额度" in no.stdout
    assert "--yes" in shell.bad("confirm", decision, "--rail", "sandbox", "--json")
    assert json.loads(shell.good("line", "show", "cli-9", "--json"))["draws"] == []
    said = shell.good("confirm", decision, "--rail", "sandbox", "--lang", "en", feed="y\n")
    assert "14.60% a year (simple)" in said.splitlines()[0]
    assert "paid out: paid out" in said and "no real money" in said
    again = json.loads(shell.good("confirm", decision, "--rail", "sandbox", "--yes", "--json"))
    assert again["state"] == "settled" and again["draw"] in said, "the same draw, not another"

    for wrong, word in (("0", "大于零"), ("1.234", "小数"), ("NaN", "不是金额"),
                        ("9999999999999", "超过")):  # fmt: skip
        assert word in shell.bad("repay", "cli-9", wrong)
    assert "大于零" in shell.bad("repay", "cli-9", "--", "-5")
    assert "nobody" in shell.bad("repay", "nobody", "5")
    part = shell.good("repay", "cli-9", "100", "--key", "r1", "--lang", "en")
    assert "left to repay" in part and "no real money" in part
    assert shell.good("repay", "cli-9", "100", "--key", "r1", "--lang", "en") == part
    over = json.loads(shell.good("repay", "cli-9", "1,000", "--json"))
    (last,) = over["parts"]
    assert last["receipt"]["settled"] and last["receipt"]["credit"] == 10_000
    assert "nothing is owed" in shell.bad("repay", "cli-9", "1")
    assert "proven" in shell.good("ledger", "verify")
    assert "no-such" in shell.bad("confirm", "no-such", "--rail", "sandbox", "--yes")


def read_at_once(folder: Path) -> str:
    """The shipped policy with no time to read, for what is not about reading."""
    bundle = read_bundle("consumer_line")
    slow = bundle["products.yaml"]
    quick = slow.replace(b"reading_seconds: 10", b"reading_seconds: 0")
    assert quick != slow
    for name, text in {**bundle, "products.yaml": quick}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return str(folder)


def test_an_answer_lost_by_one_process_is_asked_for_by_key_in_another(
    shell: Shell, tmp_path: Path
) -> None:
    shell.good("ingest", "-", feed=good_borrower().replace("cli-1", "cli-8") + fresh("cli-8"))
    ids = [json.loads(shell.good("decide", "cli-8", "300", "--json", "--product", product))["id"]
           for product in ("interest_first", "equal_principal", "single_repayment")]  # fmt: skip
    shell.good("sandbox", "behave", "time_out", "pending", "time_out_before")
    rail = ("--rail", "sandbox", "--yes", "--json", "--policy", read_at_once(tmp_path))
    lost, pending, unseen = (json.loads(shell.good("confirm", one, *rail)) for one in ids)
    assert [one["state"] for one in (lost, pending, unseen)] == ["unknown"] * 3
    zh, en = (shell.good("line", "show", "cli-8", "--lang", lang) for lang in ("zh", "en"))
    assert "结果未知" in zh and "支付通道未应答" in zh and "did not answer" in en
    left = shell.run("worker", "--once")
    assert "stay as they are" in left.stderr and left.returncode == 0
    assert "未配置支付通道" in shell.run("worker", "--once", "--lang", "zh").stderr
    assert len(json.loads(shell.good("line", "show", "cli-8", "--json"))["draws"]) == 3

    shell.good("worker", "--once", "--rail", "sandbox")
    seen = json.loads(shell.good("line", "show", "cli-8", "--json"))
    states = {one["draw"]: one["state"] for one in seen["draws"]}
    assert states == {pending["draw"]: "unknown", unseen["draw"]: "unknown"}
    assert [one["loan"] for one in seen["loans"]] == [lost["draw"]]
    told = json.loads(shell.good("sandbox", "show", "--json"))
    mine = {lost["draw"], pending["draw"], unseen["draw"]}
    assert mine & set(told["paid"]) == {lost["draw"]}, "asked about by its key, never sent again"
    shell.good("sandbox", "complete", pending["draw"])
    assert "no transfer" in shell.bad("sandbox", "complete", pending["draw"])
    again = json.loads(shell.good("confirm", ids[1], *rail))
    assert (again["draw"], again["state"]) == (pending["draw"], "settled")
    assert "no behaviour" in shell.bad("sandbox", "behave", "vanish")


def test_a_funder_of_the_command_line_says_no_and_stays_with_it(
    shell: Shell, tmp_path: Path
) -> None:
    shell.good("ingest", "-", feed=good_borrower().replace("cli-1", "cli-7") + fresh("cli-7"))
    made = json.loads(shell.good("decide", "cli-7", "300", "--json"))["id"]
    shell.good("sandbox", "behave", "--funder", "quota")
    ports = ("--rail", "sandbox", "--funder", "sandbox", "--yes", "--json",
             "--policy", read_at_once(tmp_path))  # fmt: skip
    said = [json.loads(shell.good("confirm", made, *ports)) for _ in range(2)]
    assert [one["state"] for one in said] == ["void", "void"]
    assert said[0]["cost_sheet"]["charges"][0]["payee"] == "sandbox bank"
