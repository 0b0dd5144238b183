"""The policy as it is: bundle tree, files, rules with their cases, versions, differences."""

from __future__ import annotations

from collections import Counter
from typing import Any

from xindeng.kernel.errors import NotFoundError
from xindeng.policy.cases import CaseResult, run_case
from xindeng.policy.model import Rule
from xindeng.policy.policy import Policy
from xindeng.service.rehearse import rehearse
from xindeng.service.versions import lives
from xindeng.web.bundles import changed_of, cut, span_of, version_of
from xindeng.web.desk import shown, today
from xindeng.web.route import Shown, Visit

AT_A_GLANCE = 250
"""Recorded decisions that a rule's page looks through; a draft is tried on more."""


def tree(visit: Visit) -> Shown:
    """Show the bundle: areas with their rules, and one file's text where it is asked for."""
    version = version_of(visit, visit.query.get("v", ""))
    policy, path = version.policy, visit.query.get("file", "")
    rules: dict[str, list[Rule]] = {area: [] for area in policy.areas}
    for rule in policy.all_rules:
        rules.setdefault(rule.area, []).append(rule)
    return shown(
        visit, "/risk/policy", version=version, policy=policy, rules=rules,
        files=sorted(version.files), path=path, text=version.text(path) if path else "",
        off=policy.disabled_areas, counted=Counter(rule.place.path for rule in policy.all_rules),
    )  # fmt: skip


def rule(visit: Visit) -> Shown:
    """Show a rule: what it says, its cases run, what it hit among the newest decisions."""
    version = version_of(visit, visit.query.get("v", ""))
    policy = version.policy
    found = rule_of(policy, visit.query.get("id", ""))
    text = version.text(found.place.path)
    in_force = policy.rule_index.get(found.id) is not None
    hits = rehearse(visit.engine, policy, [found.id], AT_A_GLANCE) if in_force else None
    return shown(
        visit, "/risk/policy", version=version, policy=policy, rule=found,
        cases=cases_of(policy, found), text=cut(text, span_of(policy, found, text)),
        hits=hits, in_force=in_force, parameters=parameters_of(visit, policy, found),
    )  # fmt: skip


def versions(visit: Visit) -> Shown:
    """Show every version that ever decided, was published or proposed, newest first."""
    rows = list(reversed(lives(visit.engine)))
    return shown(visit, "/risk/policy", rows=rows, in_force=visit.engine.policy.hash)


def diff(visit: Visit) -> Shown:
    """Show what differs between two versions; the second is the one in force
    unless it is named."""
    before = version_of(visit, visit.query.get("a", ""))
    after = version_of(visit, visit.query.get("b", ""))
    changed = changed_of(before.files, after.files, visit.lang, after.policy.currency)
    return shown(visit, "/risk/policy", before=before, after=after, changed=changed)


def rule_of(policy: Policy, ident: str) -> Rule:
    """Return a rule by its id, the first where none is named; raises NotFoundError."""
    if not ident and policy.all_rules:
        return policy.all_rules[0]
    if ident not in policy.rule_by_id:
        raise NotFoundError("no such rule in this bundle", code="not_found.rule")
    return policy.rule_by_id[ident]


def cases_of(policy: Policy, found: Rule) -> list[CaseResult]:
    """Run the cases of a rule."""
    return [
        CaseResult(found, case, number, run_case(policy, found, case))
        for number, case in enumerate(found.cases, 1)
    ]


def parameters_of(visit: Visit, policy: Policy, found: Rule) -> list[tuple[str, str, Any, str]]:
    """Return (name, in words, value in force, unit) of the parameters that a condition names."""
    day, names = today(visit), policy.compiled.conditions[found.id].parameters
    specs = [policy.parameter_spec(name) for name in sorted(names)]
    return [
        (one.name, one.description.get(visit.lang, one.name),
         one.on(day) if day >= one.days[0] else None, one.unit)
        for one in specs
    ]  # fmt: skip
