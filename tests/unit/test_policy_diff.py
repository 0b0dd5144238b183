"""Two versions compared: what is told of each change, and that none goes unseen."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.policy_bundle import bundle
from xindeng.cli.app import app
from xindeng.kernel.errors import PolicyError
from xindeng.policy.check import problems
from xindeng.policy.diff.compare import compare
from xindeng.policy.diff.words import diff_lines

FILES = bundle()
DEBT, SCORE, PARAMETERS = "areas/debt.yaml", "areas/score.yaml", "parameters/debt.yaml"
RUNNER = CliRunner()


def other(path: str, old: str, new: str, files: Mapping[str, bytes] = FILES) -> dict[str, bytes]:
    text = files[path].decode()
    assert old in text, "the change must really be made"
    return {**files, path: text.replace(old, new, 1).encode()}


def told(after: Mapping[str, bytes], lang: str = "en") -> str:
    return "\n".join(diff_lines(compare(FILES, after), lang))


CHANGES = {
    "a new value": (
        PARAMETERS, '    2026-01-01: {value: 0.48, source: "second"}\n',
        '    2026-01-01: {value: 0.48, source: "second"}\n    2026-12-01: {value: 0.55, source: x}\n',
        "max_payment_to_income from 2026-12-01: 0.48 → 0.55 (looser)",
        "max_payment_to_income 自 2026-12-01 起：0.48 → 0.55（更宽松）"),
    "a value of a time": (
        PARAMETERS, "value: 0.50", "value: 0.40",
        "max_payment_to_income from 2024-01-01 until before 2026-01-01: 0.50 → 0.40 (stricter)",
        "自 2024-01-01 起、2026-01-01 前：0.50 → 0.40（更严格）"),
    "money": (PARAMETERS, "value: 10000, source: product}}\namount",
              "value: 20000, source: product}}\namount",
              "min_draw from 2024-01-01: 100.00 CNY → 200.00 CNY", "100.00 CNY → 200.00 CNY"),
    "a shift": (PARAMETERS, "brake: {multiply: 0.5}", "brake: {multiply: 0.6}",
                "max_payment_to_income under stance brake: × 0.5 → × 0.6 (looser)", "（更宽松）"),
    "a shift of a segment": (PARAMETERS, "thin_file: {value: 0.40}", "thin_file: {value: 0.35}",
                             "under segment thin_file: 0.40 → 0.35 (stricter)", "0.40 → 0.35"),
    "a source": (PARAMETERS, 'source: "first"', 'source: "a law"',
                 "source of 2024-01-01: first → a law", "来源：first → a law"),
    "a condition": (SCORE, "when: score < 600", "when: score < 590",
                    "score.low, when: score < 600 → score < 590", "score < 590"),
    "an effect": (DEBT, "light: yellow\n  effect: warn", "light: yellow\n  effect: review",
                  "debt.due_seen, effect: warn → review (stricter)", "（更严格）"),
    "a text": (DEBT, "月供占收入过高", "月供占比过高",
               "debt.payment_to_income_high, zh.support: 月供占收入过高。 → 月供占比过高。", "zh.support"),
    "an inner parameter": (DEBT, "value: 500000", "value: 400000",
                           "due_watch from 2024-01-01: 5,000.00 CNY → 4,000.00 CNY", "due_watch"),
    "a case": (SCORE, "given: {score: 599}", "given: {score: 598}",
               "score.low: 1 cases gone, 1 new", "减少 1 个用例，增加 1 个"),
    "a segment": ("segments.yaml", "- {id: new,", "- {id: dormant,", "new removed", "新增 dormant"),
    "a review": ("stances.yaml", "review_days: 14", "review_days: 7", "tight, review_days: 14 → 7",
                 "tight 的 review_days"),
    "a feature": ("features.yaml", "op: robust_z(amount), over: 60", "op: robust_z(amount), over: 50",
                  "inflow_surprise, over: 60 → 50", "inflow_surprise"),
    "a derived feature": ("features.yaml", "FLOOR(inflow_90d / 3)", "FLOOR(inflow_90d / 4)",
                          "income, derive: FLOOR(inflow_90d / 3) → FLOOR(inflow_90d / 4)", "income"),
    "an area": ("policy.yaml", "location: {enabled: false}", "location: {enabled: true}",
                "location switched on", "启用 location"),
    "a hash alone": (SCORE, "- id: score.low", "# a note\n- id: score.low",
                     "areas/score.yaml: comments, order or layout alone", "内容哈希因此不同"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_in_rules_and_parameters(name: str) -> None:
    path, old, new, english, chinese = CHANGES[name]
    after = other(path, old, new)
    assert english in told(after)
    assert chinese in told(after, "zh")


def test_a_rule_that_comes_or_goes_is_told_with_what_it_does() -> None:
    text = FILES[DEBT].decode()
    cut = text.index("- id: debt.due_seen")
    without = {**FILES, DEBT: text[:cut].encode()}
    assert "rule debt.due_seen removed: it warns when monthly_due > $due_watch" in told(without)
    found = diff_lines(compare(without, FILES), "en")
    assert any("rule debt.due_seen added: warns when" in line for line in found)
    gone = {path: data for path, data in FILES.items() if path != SCORE}
    gone["policy.yaml"] = FILES["policy.yaml"].replace(b"  score: {}\n", b"")
    assert "rule score.low removed: it declines when score < 600 (looser)" in told(gone)


def test_the_same_is_the_same_and_a_broken_bundle_is_refused() -> None:
    assert told(FILES) == "the two versions are the same"
    with pytest.raises(PolicyError):
        compare(FILES, other(SCORE, "light: red", "light: rd"))


def test_no_number_of_a_bundle_changes_unseen() -> None:
    """Each number of each file, raised by a little: wherever the bundle still checks, it is told."""
    tried = 0
    for path, data in FILES.items():
        text = data.decode()
        for found in re.finditer(r"(?<![\w.$:-])(\d+)(\.\d+)?(?![\w.:-])", text):
            new = f"{int(found[1]) + 1}" if found[2] is None else f"{found[1]}{found[2]}1"
            after = {**FILES, path: (text[: found.start()] + new + text[found.end() :]).encode()}
            if problems(after):
                continue
            tried += 1
            told_of = compare(FILES, after)
            assert told_of and told_of[0].kind != "layout", (path, found[0], new)
    assert tried > 40


def written(folder: Path, files: Mapping[str, bytes]) -> str:
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return str(folder)


def test_the_command_exits_as_diff_does(tmp_path: Path) -> None:
    a = written(tmp_path / "a", FILES)
    b = written(tmp_path / "b", other(PARAMETERS, "value: 0.48", "value: 0.45"))
    broken = written(tmp_path / "c", other(SCORE, "light: red", "light: rd"))
    assert RUNNER.invoke(app, ["policy", "diff", a, a]).exit_code == 0
    found = RUNNER.invoke(app, ["policy", "diff", a, b, "--json"])
    assert found.exit_code == 1
    (one,) = json.loads(found.stdout)["differences"]
    assert (one["name"], one["from"], one["leaning"]) == (
        "max_payment_to_income", "2026-01-01", "stricter")  # fmt: skip
    assert one["place"].startswith("parameters/debt.yaml:")
    for pair, name in (((a, broken), broken), ((broken, a), broken), ((broken, broken), broken)):
        refused = RUNNER.invoke(app, ["policy", "diff", *pair])
        assert refused.exit_code == 2
        assert f"{name}: the policy has" in refused.stderr
    assert RUNNER.invoke(app, ["policy", "diff", a, str(tmp_path / "none")]).exit_code == 2
