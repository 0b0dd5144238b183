# ruff: noqa: E501
"""Differences in words, for analysts; both languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from xindeng.kernel.money import MINOR_DIGITS
from xindeng.kernel.time import to_date
from xindeng.policy.diff.model import Difference

_LONGEST: Final = 160
EFFECTS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "decline": "拒绝", "retry_later": "暂不放款", "review": "转人工", "hold": "进入观察", "cap": "限制金额",
        "cut_limit": "下调额度", "zero_limit": "额度归零", "warn": "提示",
    },
    "en": {
        "decline": "declines", "retry_later": "refuses for now", "review": "sends to a person",
        "hold": "places a hold", "cap": "caps the amount", "cut_limit": "cuts the limit",
        "zero_limit": "zeroes the limit", "warn": "warns",
    },
}  # fmt: skip
_WORDS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "head": "概况", "area": "领域", "parameter": "参数", "rule": "规则", "text": "文案", "case": "用例",
        "segment": "客群", "stance": "策略姿态", "steering": "姿态条件", "feature": "特征", "scorecard": "评分卡",
        "limits": "额度矩阵", "hold": "观察", "product": "产品", "repair": "改善动作", "calendar": "日历",
        "learning": "试验放款", "layout": "仅注释或排版",
        "looser": "（更宽松）", "stricter": "（更严格）", "nothing": "无",
        "value": "{name} 自 {day} 起：{before} → {after}{lean}",
        "value_until": "{name} 自 {day} 起、{until} 前：{before} → {after}{lean}",
        "thing_added": "新增 {name}{lean}", "thing_removed": "删除 {name}{lean}",
        "parameter_added": "新增 {name}，值为 {after}", "parameter_removed": "删除 {name}，原值 {before}",
        "rule_added": "新增 {name}：当 {after} 时{effect}{lean}",
        "rule_removed": "删除 {name}：原在 {before} 时{effect}{lean}",
        "switched_on": "启用 {name}{lean}", "switched_off": "停用 {name}{lean}",
        "shift": "{name} 在 {field} 下：{before} → {after}{lean}",
        "source": "{name} 在 {day} 的来源：{before} → {after}",
        "changed": "{name} 的 {field}：{before} → {after}{lean}",
        "cases": "{name}：减少 {before} 个用例，增加 {after} 个",
        "layout_line": "{name}：只有注释、顺序或排版不同；内容哈希因此不同",
        "same": "两个版本完全相同", "yes": "是", "no": "否",
    },
    "en": {
        "head": "the policy", "area": "areas", "parameter": "parameters", "rule": "rules",
        "text": "texts", "case": "cases", "segment": "segments", "stance": "stances",
        "steering": "what moves the stance", "feature": "features", "scorecard": "scorecard",
        "limits": "limit matrix", "hold": "holds", "product": "products", "repair": "repair actions",
        "calendar": "calendar", "learning": "test and learn", "layout": "comments or layout alone",
        "looser": " (looser)", "stricter": " (stricter)", "nothing": "none",
        "value": "{name} from {day}: {before} → {after}{lean}",
        "value_until": "{name} from {day} until before {until}: {before} → {after}{lean}",
        "thing_added": "{name} added{lean}", "thing_removed": "{name} removed{lean}",
        "parameter_added": "{name} added, {after}", "parameter_removed": "{name} removed, was {before}",
        "rule_added": "rule {name} added: {effect} when {after}{lean}",
        "rule_removed": "rule {name} removed: it {effect} when {before}{lean}",
        "switched_on": "{name} switched on{lean}", "switched_off": "{name} switched off{lean}",
        "shift": "{name} under {field}: {before} → {after}{lean}",
        "source": "{name}, source of {day}: {before} → {after}",
        "changed": "{name}, {field}: {before} → {after}{lean}",
        "cases": "{name}: {before} cases gone, {after} new",
        "layout_line": "{name}: comments, order or layout alone; the hash differs all the same",
        "same": "the two versions are the same", "yes": "yes", "no": "no",
    },
}  # fmt: skip


def grouped(
    found: Sequence[Difference], lang: str, currency: str = "CNY"
) -> list[tuple[str, list[str]]]:
    """Return the differences as (heading, lines) by kind."""
    groups: dict[str, list[str]] = {}
    for one in found:
        groups.setdefault(_WORDS[lang][one.kind], []).append(line(one, lang, currency))
    return list(groups.items())


def diff_lines(found: Sequence[Difference], lang: str, currency: str = "CNY") -> list[str]:
    """Return the differences in lines: a heading for each kind, one line for each difference."""
    words = _WORDS[lang]
    if not found:
        return [words["same"]]
    lines: list[str] = []
    for heading, told in grouped(found, lang, currency):
        lines += [heading, *(f"  {one}" for one in told)]
    return lines


def line(one: Difference, lang: str, currency: str = "CNY") -> str:
    """Return one difference in words, without its kind."""
    words = _WORDS[lang]
    key = _key(one)
    effect = EFFECTS[lang].get(one.field, one.field)
    return words[key].format(
        name=one.name, field=one.field, effect=effect,
        before=_shown(one.before, one.unit, lang, currency),
        after=_shown(one.after, one.unit, lang, currency),
        day=_day(one.day), until=_day(one.until), lean=words[one.leaning] if one.leaning else "",
    )  # fmt: skip


def document(one: Difference, currency: str = "CNY") -> dict[str, Any]:
    """Return a difference as plain data, with its words in both languages."""
    return {
        "kind": one.kind, "name": one.name, "what": one.what, "field": one.field or None,
        "before": one.before, "after": one.after, "unit": one.unit or None,
        "from": _day(one.day) or None, "until": _day(one.until) or None,
        "leaning": one.leaning or None, "place": one.place or None,
        "text": {lang: line(one, lang, currency) for lang in _WORDS},
    }  # fmt: skip


def _key(one: Difference) -> str:
    if one.kind == "layout":
        return "layout_line"
    if one.kind == "case":
        return "cases"
    if one.what != "changed":
        known = one.kind in ("parameter", "rule")
        return f"{one.kind if known else 'thing'}_{one.what}"
    if one.field == "enabled":
        return "switched_on" if one.after else "switched_off"
    if one.kind == "parameter" and one.field == "value":
        return "value" if one.until is None else "value_until"
    if one.kind == "parameter" and one.field == "source":
        return "source"
    if one.kind == "parameter" and one.field.startswith(("stance ", "segment ")):
        return "shift"
    return "changed"


def _shown(value: Any, unit: str, lang: str, currency: str) -> str:
    words = _WORDS[lang]
    if value is None:
        return words["nothing"]
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if unit == "fen" and not isinstance(value, str):
        digits = MINOR_DIGITS[currency]
        return f"{value / 10**digits:,.{digits}f} {currency}"
    if unit == "ratio" and not isinstance(value, str):
        return f"{value:.2f}" if round(value, 2) == value else f"{value:g}"
    text = str(value)
    if isinstance(value, str):
        text = " ".join(text.split())
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return text if unit in ("", "ratio", "number", "flag", "count") else f"{text} {unit}"


def _day(day: int | None) -> str:
    return "" if day is None else to_date(day).isoformat()
