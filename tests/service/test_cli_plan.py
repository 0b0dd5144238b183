"""`xindeng plan` as a stranger uses it: made, listed, ticked off, looked at again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.repair_life import card, loan, report, sound
from tests.service.test_cli import Shell, shell

pytestmark = pytest.mark.xdist_group("cli")
__all__ = ["shell"]


@pytest.fixture(scope="module")
def owing(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A borrower in good order but for too much to repay each month."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:00+00:00")
    told = [
        *sound(now),
        report(now, loan("home", 3_900, 60_000, 60), card("card", 4_000, 20_000),
               loan("small", 700, 1_300, 2)),
    ]  # fmt: skip
    lines = [json.dumps({"borrower": "cli-plan", "type": kind, "occurred_at": at, "payload": about})
             for kind, at, about in told]  # fmt: skip
    file: Path = tmp_path_factory.mktemp("plan") / "events.ndjson"
    file.write_text("\n".join(lines))
    shell.good("ingest", str(file), "--known-at", "occurred")
    return "cli-plan"


def test_a_plan_from_the_refusal_to_the_tick(shell: Shell, owing: str) -> None:
    refused = shell.good("decide", owing, "3000")
    assert "xindeng plan --decision" in refused
    decision = refused.rpartition("--decision ")[2].split()[0]
    assert f"--decision {decision}" in shell.good("explain", decision)

    made = json.loads(shell.good("plan", "--decision", decision, "--json"))
    assert made["decision"] == decision and made["plans"]["status"] == "plan"
    assert made["plans"]["plans"] and len(made["standing"]) == len(made["plans"]["plans"])
    zh = shell.good("plan", owing, "3000")
    assert "按本版政策核算" in zh and "可通过¥3,000" in zh and "还款照常" in zh
    en = shell.good("plan", owing, "--lang", "en", "--goal", "cheapest")
    assert "passes from" in en and "no promise to lend" in en and "2026" in en

    merged = json.loads(shell.good("plan", owing, "3000", "--offer", "甲银行:3%:60", "--json"))
    actions = {step["action"] for one in merged["plans"]["plans"] for step in one["steps"]}
    assert "consolidate" in actions and "甲银行" in str(merged["told"])

    listed = json.loads(shell.good("plan", "list", owing, "--json"))
    assert listed[0]["id"] == made["id"] and len(listed) == 4
    assert made["id"] in shell.good("plan", "list", owing)
    assert json.loads(shell.good("plan", "done", made["id"], "1", "1", "--json"))["new"] is True
    assert json.loads(shell.good("plan", "done", made["id"], "1", "1", "--json"))["new"] is False
    for lang, said in (((), "之前已经记下"), (("--lang", "en"), "It was noted before")):
        assert said in shell.good("plan", "done", made["id"], "1", "1", *lang)
    assert "已记下。是否完成" in shell.good("plan", "done", listed[1]["id"], "1", "1")
    assert "✓" in shell.good("plan", "show", made["id"])
    again = json.loads(shell.good("plan", "reprove", owing, "--json"))
    assert again["broken"] == 0 and again["failed"] == [] and again["watched"] >= 3
    assert json.loads(shell.good("plan", "reprove", owing, "--json"))["looked_at"] == 0
    assert "核算了 0 份，其中 0 份不再成立" in shell.good("plan", "reprove", owing, "--lang", "zh")
    assert "0 looked at, 0 of them broken" in shell.good("plan", "reprove", owing)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "nobody", "3000"), "nobody"),
        (("plan", "--decision", "no-such-decision"), "no-such-decision"),
        (("plan", "make"), "没有写是谁的改善计划"),
        (("plan", "make", "--lang", "en"), "whose plan"),
        (("plan", "cli-plan", "3000", "--decision", "x"), "只能写一个"),
        (("plan", "cli-plan", "-", "--months", "0"), "月数"),
        (("plan", "show", "no-such-plan"), "no-such-plan"),
        (("plan", "cli-plan", "3000", "--offer", "甲银行:0.072:24"), "比例"),
        (("plan", "cli-plan", "3000", "--offer", "甲银行"), "机构:利率:月数"),
    ],
)
def test_bad_input_gives_one_clear_error(
    shell: Shell, owing: str, words: tuple[str, ...], said: str
) -> None:
    words = tuple("3000" if word == "-" else word for word in words)
    error = shell.bad(*words)
    assert said in error and ("下一步：" if error.startswith("错误") else "next:") in error
