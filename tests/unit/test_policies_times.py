"""How long a step takes is told in one place of the policy, and so cannot contradict itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy
from xindeng.service.policies import read_bundle

AT_ONCE = re.compile(r"当天|当日|即时|the same day|the day it is")
OF_A_LOAN_HERE = {"settle_overdue", "pay_down"}
"""What is paid to us shows at once, and is told so."""


def said(policy: Policy) -> Iterator[tuple[str, str]]:
    """(where, text): whatever is said of a step that takes days to show in the data."""
    slow = {name for name, one in policy.repair.items() if one.lag_days} - OF_A_LOAN_HERE
    for name in slow:
        one = policy.repair[name]
        for texts in (one.texts, one.details, one.channel):
            yield from ((f"repair {name}", text) for text in texts.values())
    for rule in policy.rules:
        if slow & set(rule.repair[:1]):
            for by in rule.texts.values():
                yield from ((f"rule {rule.id}", text) for text in by.values())
            if rule.hold is not None:
                kind = policy.line.kinds[rule.hold.kind]
                yield from ((f"hold {rule.hold.kind}", text) for text in kind.ends.values())


def faults(policy: Policy) -> list[str]:
    return [f"{where}: {text}" for where, text in said(policy) if AT_ONCE.search(text)]


def test_no_text_of_a_step_that_takes_days_says_that_it_works_at_once():
    policy = load(read_bundle("consumer_line"))
    places = {where for where, _ in said(policy)}
    assert {"repair explain_flow", "rule cash_flow.sudden_inflow", "hold cash_flow"} <= places
    assert faults(policy) == []


def test_a_text_that_contradicts_the_days_is_found():
    files = read_bundle("consumer_line")
    for path, right, wrong in (
        ("holds.yaml", "通过后即恢复。", "通过当天即恢复。"),
        ("areas/cash_flow.yaml", "once it is accepted", "the day it is accepted"),
        ("repair.yaml", "通过后即恢复借款。", "认可后当天生效。"),
    ):
        planted = files[path].replace(right.encode(), wrong.encode(), 1)
        assert planted != files[path]
        assert len(faults(load({**files, path: planted}))) == 1


def test_each_wait_says_what_does_not_lengthen_it():
    policy = load(read_bundle("consumer_line"))
    for rule in ("attempts.day_cooldown", "attempts.week_cooldown"):
        texts = policy.rule_by_id[rule].texts
        assert "等候期间再申请的不计入" in texts["zh"]["borrower"]
        assert "asking during the wait is not counted" in texts["en"]["borrower"]
