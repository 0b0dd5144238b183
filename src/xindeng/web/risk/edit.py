"""Changing a policy with care: a draft is checked as it is typed, tried on what was recorded,
compared, and proposed; another person puts it in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, Struct

from xindeng.api.resources.money import read_day
from xindeng.kernel.errors import ConflictError, InputError, Problem
from xindeng.policy.bundle import load
from xindeng.policy.cases import CaseResult
from xindeng.policy.check import problems
from xindeng.policy.policy import Policy
from xindeng.service import backtests, proposals
from xindeng.service.changes import Publish
from xindeng.service.rehearse import Rehearsal, rehearse
from xindeng.web.bundles import Changed, Version, changed_of, cut, paste, span_of, version_of
from xindeng.web.cautions import Cautions, cautions_of
from xindeng.web.desk import by, shown, today
from xindeng.web.risk.policy import cases_of, rule_of
from xindeng.web.route import Go, Shown, Visit
from xindeng.web.slips import Again

HERE = "/risk/policy/edit"
MOST_CHANGED = 12
_Hash = Annotated[str, Meta(max_length=64)]
_Day = Annotated[str, Meta(max_length=10)]
_Path = Annotated[str, Meta(max_length=200)]


class DraftForm(Struct):
    """A draft: one file, or one rule of it, in place of what the version `base` says."""

    base: _Hash
    file: _Path
    text: Annotated[str, Meta(max_length=150_000)]
    rule: Annotated[str, Meta(max_length=128)] = ""
    live: bool = False


class ProposeForm(Struct):
    """A draft that another person is to put in force, and why; `despite` cases that fail."""

    base: _Hash
    file: _Path
    text: Annotated[str, Meta(max_length=150_000)]
    why: Annotated[str, Meta(min_length=1, max_length=500)]
    rule: Annotated[str, Meta(max_length=128)] = ""
    from_on: _Day = ""
    despite: bool = False


class BackForm(Struct):
    """A version that was there before, why it should decide again, and from which day on;
    `despite` cases that fail."""

    version: _Hash
    why: Annotated[str, Meta(min_length=1, max_length=500)]
    from_on: _Day = ""
    despite: bool = False


@dataclass(slots=True)
class Checked:
    """What came of a draft: problems, or cases run and hits among the recorded decisions."""

    problems: list[Problem]
    cases: list[CaseResult]
    rules: list[str]
    rehearsal: Rehearsal | None
    changed: Changed
    cautions: Cautions | None = None


def edit(visit: Visit) -> Shown:
    """Show a rule or a file to be changed; nothing is kept until it is proposed."""
    if visit.again is not None:
        return _once_more(visit, visit.again)
    version = version_of(visit, visit.query.get("v", ""))
    named = visit.query.get("rule", "")
    if named or not visit.query.get("file"):
        found = rule_of(version.policy, named)
        text = version.text(found.place.path)
        part = cut(text, span_of(version.policy, found, text))
        return _page(visit, version, found.place.path, found.id, part, None)
    path = visit.query["file"]
    return _page(visit, version, path, "", version.text(path), None)


def _once_more(visit: Visit, sent: Again) -> Shown:
    """Show a draft that was not taken, as it was typed, with what is to be known of it."""
    told = {name: one for name, one in sent.typed.items() if isinstance(one, str)}
    version, path = version_of(visit, told.get("base", "")), told.get("file", "")
    rule, text = told.get("rule", ""), told.get("text", "")
    found = checked(visit, version, draft_of(version, DraftForm(version.hash, path, text, rule)))
    return _page(visit, version, path, rule, text, found)


def check(visit: Visit) -> Shown:
    """Check a draft: every problem by line, its cases, its hits, what differs; nothing is kept."""
    sent: DraftForm = visit.form
    version = version_of(visit, sent.base)
    found = checked(visit, version, draft_of(version, sent))
    if sent.live:
        return shown(visit, "/risk/policy", "risk/checked.html", checked=found,
                     offset=_offset(version, sent))  # fmt: skip
    return _page(visit, version, sent.file, sent.rule, sent.text, found)


def propose(visit: Visit) -> Go:
    """Propose a draft; one that rests on a version that is not in force any more is stale."""
    sent: ProposeForm = visit.form
    version = version_of(visit, sent.base)
    if not version.in_force:
        raise ConflictError(
            "the policy has changed since this draft was begun",
            where=f"version {sent.base[:12]}",
            next_step="open the rule in the version in force, and make the change there",
            code="policy.stale",
        )
    files = draft_of(version, sent)
    if files == dict(version.files):
        raise InputError("this draft changes nothing", where="text", code="policy.same")
    told = {path: data.decode() for path, data in files.items()}
    change = Publish(
        files=told, effective_at=_from(visit, sent), despite=sent.why if sent.despite else "",
        backtest=backtests.digest_of(visit.engine, files),
    )  # fmt: skip
    return _proposed(visit, change, sent.why)


def go_back(visit: Visit) -> Go:
    """Propose that a version that was there before decides again."""
    sent: BackForm = visit.form
    change = Publish(version=sent.version, effective_at=_from(visit, sent),
                     despite=sent.why if sent.despite else "")  # fmt: skip
    return _proposed(visit, change, sent.why)


def _from(visit: Visit, sent: ProposeForm | BackForm) -> int:
    """Return the midnight (µs) from which on it shall decide, 0 for at once."""
    if not sent.from_on:
        return 0
    return visit.engine.policy.zone.midnight(read_day(sent.from_on, "form.from_on"))


def draft_of(version: Version, sent: DraftForm | ProposeForm) -> dict[str, bytes]:
    """Return the bundle with the draft in it; raises NotFoundError for no such file or rule."""
    text = version.text(sent.file)
    new = sent.text.replace("\r\n", "\n")
    if sent.rule:
        found = rule_of(version.policy, sent.rule)
        new = paste(text, span_of(version.policy, found, text), new)
    return {**version.files, sent.file: new.encode()}


def checked(visit: Visit, version: Version, files: dict[str, bytes]) -> Checked:
    """Return what is to be known of a draft before anybody proposes it."""
    changed = changed_of(version.files, files, visit.lang, version.policy.currency)
    if not changed:  # a version that is stored has been checked
        return Checked([], [], [], None, changed)
    found = problems(files)
    if found:
        return Checked(found, [], [], None, changed)
    draft = load(files)
    rules = changed_rules(version.policy, draft)[:MOST_CHANGED]
    cases = [one for name in rules if name in draft.rule_by_id
             for one in cases_of(draft, draft.rule_by_id[name])]  # fmt: skip
    cautions = cautions_of(version.policy, draft, today(visit))
    return Checked([], cases, rules, rehearse(visit.engine, draft, rules), changed, cautions)


def changed_rules(before: Policy, after: Policy) -> list[str]:
    """Return the rules that say something else in one version than in the other, or whose
    parameters do."""

    def said(policy: Policy, name: str) -> Any:
        if name not in policy.rule_by_id:
            return None
        one = policy.rule_by_id[name]
        names = sorted(policy.compiled.conditions[name].parameters)
        specs = [(n, policy.parameter_spec(n).days, policy.parameter_spec(n).values) for n in names]
        return (one.when, one.light, one.effect, one.whose, one.missing, one.enabled, specs,
                name in policy.rule_index)  # fmt: skip

    names = dict.fromkeys([*before.rule_by_id, *after.rule_by_id])
    return [name for name in names if said(before, name) != said(after, name)]


def _proposed(visit: Visit, change: Publish, why: str) -> Go:
    """Go to the proposal; the same one by the same person, pressed twice, is one."""
    me = by(visit)
    for one in proposals.listed(visit.engine, waiting=True):
        if one.change == change and one.row.author == me:
            return Go(f"/desk/proposals/{one.row.id}")
    made = proposals.propose(visit.engine, change, why=why, by=me)
    return Go(f"/desk/proposals/{made.row.id}")


def _page(
    visit: Visit, version: Version, path: str, rule: str, text: str, found: Checked | None
) -> Shown:
    sent = DraftForm(version.hash, path, text, rule)
    return shown(visit, "/risk/policy", "risk/edit.html", version=version, path=path, rule=rule,
                 text=text, checked=found, offset=_offset(version, sent))  # fmt: skip


def _offset(version: Version, sent: DraftForm) -> tuple[str, int]:
    """Return the file of the draft and how many of its lines stand above the part shown."""
    if not sent.rule:
        return sent.file, 0
    return sent.file, rule_of(version.policy, sent.rule).place.line - 1
