"""The checks of holds.yaml and of the remedies, each with a planted fault that it must find."""

from __future__ import annotations

import pytest

from xindeng.policy.check import problems
from xindeng.service.policies import read_bundle

FILES = read_bundle("consumer_line")


def planted(path: str, old: str, new: str) -> dict[str, bytes]:
    text = FILES[path].decode()
    assert old in text, "the fault must really be planted"
    return {**FILES, path: text.replace(old, new, 1).encode()}


FAULTS = {
    "kind of a rule absent": ("holds.yaml", "\ncash_flow:\n", "\nbureau_:\n", "hold.absent"),
    "unknown kind": ("holds.yaml", "\nbureau:\n", "\nburea:\n", "bundle.unknown_key"),
    "no words": ("holds.yaml", "  title: {zh: 资金往来观察, en: observation of money in and out}\n", "",
                 "bundle.missing_key"),
    "length": ("holds.yaml", "days: $sudden_inflow_hold_days", "days: a week", "hold.length"),
    "unknown parameter": ("holds.yaml", "$hold_security_max_days", "$hold_security_most",
                          "expression.parameter"),
    "kind longer than its cap": ("holds.yaml", "days: 7\n", "days: 31\n", "hold.too_long"),
    "rule longer than the cap": ("areas/line.yaml", "mode: block, days: 30", "mode: block, days: 181",
                                 "hold.too_long"),
    "depends on the amount": ("holds.yaml", "release_when: NOT sudden_inflow",
                              "release_when: request_amount < 5", "hold.amount"),
    "never true": ("holds.yaml", "release_when: NOT sudden_inflow",
                   "release_when: limit_shown < 0", "hold.never"),
    "nobody judges": ("holds.yaml", "  release_when: NOT sudden_inflow\n", "", "hold.unjudged"),
    "unknown column": ("holds.yaml", "NOT sudden_inflow\n", "NOT sudden_inflows\n", "expression.name"),
    "expiry": ("holds.yaml", "on_expiry: human", "on_expiry: forget", "bundle.choice"),
    "stops": ("holds.yaml", "[accrual, collection]", "[repayment]", "bundle.choice"),
    "remedy of a derived feature": ("limits.yaml", "ext_nonbank_lenders: \"LEAST", "exposure: \"LEAST",
                                    "limits.remedy"),
    "remedy of another type": ("limits.yaml", "set: {line_dpd: 0", "set: {line_dpd: \"1.5\"",
                               "limits.remedy"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "code"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(path: str, old: str, new: str, code: str) -> None:
    found = problems(planted(path, old, new))
    assert code in {problem.code for problem in found}, [str(p) for p in found]
    assert all(problem.line >= 1 for problem in found)


def test_as_shipped_there_is_none() -> None:
    assert problems(FILES) == []


@pytest.mark.parametrize("kind", ["manual", "identity_theft", "own_lock"])
def test_kinds_that_no_rule_places_are_needed_too(kind: str) -> None:
    text = FILES["holds.yaml"].decode()
    start = text.index(f"\n{kind}:\n") + 1
    rest = text[start:].splitlines(keepends=True)
    end = next((i for i, line in enumerate(rest[1:], 1) if line[0] not in " #\n"), len(rest))
    files = {**FILES, "holds.yaml": (text[:start] + "".join(rest[end:])).encode()}
    assert "hold.absent" in {problem.code for problem in problems(files)}


def test_a_policy_without_holds_is_a_policy() -> None:
    files = {path: data for path, data in FILES.items() if path != "holds.yaml"}
    assert problems(files) == []
