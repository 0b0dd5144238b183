"""The history of the three numbers in words: what changed, from what to what, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import groupby
from typing import Final

from xindeng.decision.words import Language
from xindeng.events.fields import Payload
from xindeng.events.line import HoldReleased, LimitChange
from xindeng.policy.policy import Policy
from xindeng.policy.texts import show
from xindeng.servicing.history import NumberChange
from xindeng.servicing.limits import cause as limit_cause
from xindeng.servicing.three_numbers import ThreeNumbers, area_title, line_of

_EVENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "limit_change": "额度调整", "limit_warning": "额度预警",
        "limit_warning_withdrawn": "额度预警撤销",
        "cost_sheet_shown": "费用明示已展示", "draw_reserved": "借款确认，占用额度",
        "draw_released": "借款在途结束", "disbursement": "借款放款", "repayment": "还款入账",
        "instalment_due": "账单到期", "delinquency": "日终逾期更新", "decision": "借款申请有了结果",
        "draw_attempt": "借款申请", "hold_placed": "暂停借款（还款不受影响）",
        "hold_extended": "暂停延长", "hold_released": "暂停结束",
        "flow_explained": "资金说明有了结果",
        "credit_report": "征信报告更新", "bureau_summary": "征信报告更新",
        "credit_inquiry": "新的征信查询", "external_debt": "外部负债更新",
        "loan_application": "其他机构的借款申请", "payment": "账户资金往来",
        "income_evidence": "收入证明更新", "identity_step": "实名认证步骤",
        "security_incident": "账户安全情况", "security_clearance": "安全核实通过",
        "credential_change": "密码或验证方式变更", "device_change": "使用新设备",
        "payout_card": "收款卡变更", "hardship_request": "困难求助",
        "hardship_overdue": "困难求助未按期答复，是我们的延误",
        "hardship_resolved": "困难求助已答复", "restructuring": "借款重组",
        "dues_moved": "到期应还调整",
        "dispute": "征信异议进展", "funder_response": "资金方答复",
    },
    "en": {
        "limit_change": "limit changed", "limit_warning": "early warning of the limit",
        "limit_warning_withdrawn": "early warning of the limit withdrawn",
        "cost_sheet_shown": "cost sheet shown",
        "draw_reserved": "draw confirmed, room taken", "draw_released": "draw no longer on its way",
        "disbursement": "draw paid out", "repayment": "repayment booked",
        "instalment_due": "instalment fell due", "delinquency": "arrears as aged at end of day",
        "decision": "answer to a draw", "draw_attempt": "draw asked for",
        "hold_placed": "draws paused (repayments go on as usual)",
        "hold_extended": "pause extended", "hold_released": "pause ended",
        "flow_explained": "explanation of a flow answered", "credit_report": "new credit report",
        "bureau_summary": "new credit report", "credit_inquiry": "new credit enquiry",
        "external_debt": "debts elsewhere updated", "loan_application": "application elsewhere",
        "payment": "money in or out of the account", "income_evidence": "evidence of income",
        "identity_step": "step of the identity check", "security_incident": "account security",
        "security_clearance": "security check passed", "credential_change": "credentials changed",
        "device_change": "new device used", "payout_card": "payout card changed",
        "hardship_request": "request for help", "hardship_resolved": "request for help answered",
        "hardship_overdue": "request for help unanswered in time, our delay",
        "dues_moved": "what is due was changed",
        "restructuring": "loan restructured", "dispute": "dispute of a report moved on",
        "funder_response": "answer of the funder",
    },
}  # fmt: skip

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "first": "起始", "other": "资料更新", "platform": "平台安排变化", "safety": "账户需要核实",
        "time": "时间到期，无需任何操作",
        "later": "时间推移，统计窗口前移后重新核算",
        "now": "现受“{area}”限制", "freed": "“{area}”的限制解除",
        "why": "原因：{why}", "condition": "解除条件已满足", "expired": "复核日已到",
        "review": "人工复核通过", "customer": "本人申请解锁", "replaced": "由新的安排取代",
    },
    "en": {
        "first": "to begin with", "other": "new data", "platform": "our side changed",
        "safety": "the account needs to be verified", "time": "time alone; nothing was needed",
        "later": "time went by, and the windows that count moved on",
        "now": "now held back by: {area}", "freed": "no longer held back by: {area}",
        "why": "cause: {why}", "condition": "what it waited for has happened",
        "expired": "its review date came", "review": "a person looked at it",
        "customer": "unlocked as asked", "replaced": "replaced by another",
    },
}  # fmt: skip


def history_lines(
    policy: Policy,
    changes: Sequence[NumberChange],
    language: Language,
    *,
    audience: str = "borrower",
) -> list[str]:
    """Return one line a change for staff; for a borrower one a minute, as it stood at its end.

    To a borrower nothing is said of what is withheld for safety, also not which event it
    followed; and until a hold stands of which they were told, not even that something is: dated
    to the minute, that would map what is watched for. While the account has to be verified, all
    areas that withhold a reason stay untold, as under Why: whoever holds it now would learn how
    long to wait. How things stood where a look back begins is no change and is not told.
    """
    if audience != "borrower":
        return [_staff_line(policy, change, before, language)
                for change, before in zip(changes, [None, *changes], strict=False)]  # fmt: skip
    veiled = bool(changes) and changes[-1].told.borrowable is None
    quiet = {rule.area for rule in policy.rules if rule.whose == "withheld"} if veiled else set()
    lines: list[str] = []
    cooling, hidden_before = False, False
    shown, named = None, None
    if changes and _edge(changes[0]):
        start, *changes = changes
        cooling = start.told.area in quiet
        named = None if start.told.borrowable is None else _veil(start.told, quiet)
        shown = None if named is None else named.amounts
    for at, found in groupby(changes, lambda one: _at(policy, one, language)):
        steps = list(found)
        last, seen = steps[-1], [_veil(step.told, quiet) for step in steps]
        numbers, waited = seen[-1], cooling
        hidden, cooling = numbers.borrowable is None, last.told.area in quiet
        own = any(step.own for step in steps)
        if last.cause == "time" and waited and not hidden:
            shown, named = numbers.amounts, numbers
        if not own and ((hidden and not last.held) or numbers.amounts == shown):
            continue
        secret = hidden_before or any(one.borrowable is None for one in seen)
        why = _why(policy, steps, language, secret, (named, numbers))
        lines.append(f"{at}  {line_of(policy, numbers, language)}  {why}")
        hidden_before, shown, named = hidden, numbers.amounts, numbers
    return lines


def _staff_line(
    policy: Policy, change: NumberChange, before: NumberChange | None, language: Language
) -> str:
    gates = (before.told if before is not None else None, change.told)
    why = _why(policy, [change], language, False, gates)
    return f"{_at(policy, change, language)}  {line_of(policy, change.after, language)}  {why}"


def _at(policy: Policy, change: NumberChange, language: Language) -> str:
    return show(change.at, "datetime", language, policy.currency, policy.zone)


def _veil(told: ThreeNumbers, quiet: Set[str]) -> ThreeNumbers:
    """Return what may be told of numbers while the areas in `quiet` are not spoken of."""
    if told.area not in quiet:
        return told
    return ThreeNumbers(limit=told.limit, available=told.available, borrowable=None)


def _edge(change: NumberChange) -> bool:
    """Say whether nothing happened: a look back begins there, after the line was granted."""
    granted = change.event is not None and change.event.type == "limit_change"
    return change.before is None and not granted and not change.own


def _plain(change: NumberChange) -> bool:
    """Say whether the change is one of the line itself, which tells nothing of a suspicion."""
    return change.own or (change.event is not None and change.event.type in {
        "limit_change", "disbursement", "repayment", "draw_reserved", "draw_released",
    })  # fmt: skip


def _why(
    policy: Policy, steps: Sequence[NumberChange], language: Language, secret: bool,
    gates: tuple[ThreeNumbers | None, ThreeNumbers],
) -> str:  # fmt: skip
    """Return the causes of the steps of a line; `gates` are in what the line before it told and
    in what it tells itself."""
    words = _WORDS[language]
    parts: list[str] = []
    for step in steps:
        untold = secret and not _plain(step)
        parts += [words["safety"]] if untold else _cause(step, language)
    if not secret:
        parts += _gates(policy, *gates, language)
    said = ("，" if language == "zh" else ", ").join(dict.fromkeys(parts))
    return words["why"].format(why=said)


def _cause(change: NumberChange, language: Language) -> list[str]:
    words = _WORDS[language]
    if change.before is None:
        return [words["first"]]
    if change.event is not None:
        named = _EVENTS[language].get(change.event.type, words["other"])
        return [named, *_detail(change.event.payload, language)]
    less = (change.after.borrowable or 0) < (change.before.borrowable or 0)
    return [words["later" if less and change.cause == "time" else change.cause]]


def _detail(payload: Payload, language: Language) -> list[str]:
    if isinstance(payload, LimitChange):
        return [limit_cause(payload.reason, language)]
    if isinstance(payload, HoldReleased):
        return [_WORDS[language][payload.how]]
    return []


def _gates(
    policy: Policy, before: ThreeNumbers | None, after: ThreeNumbers, language: Language
) -> list[str]:
    said, words = [], _WORDS[language]
    was = before.gate if before is not None else None
    if was == after.gate or (before is not None and before.area == after.area):
        return []
    if was is not None and before is not None and before.area and not _withheld(policy, was):
        said.append(words["freed"].format(area=area_title(policy, before.area, language)))
    if after.gate is not None and after.area and not _withheld(policy, after.gate):
        said.append(words["now"].format(area=area_title(policy, after.area, language)))
    return said


def _withheld(policy: Policy, rule: str) -> bool:
    return policy.rule_by_id[rule].whose == "withheld"
