"""A stance and its indicators in words, for those who steer; both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from xindeng.kernel.time import to_date
from xindeng.policy.stance_view import ConditionView, LevelView, NextView, StanceView
from xindeng.policy.steering.model import Bound

NAMES: Final = {
    "zh": {"open": "宽松", "neutral": "中性", "tight": "收紧", "brake": "暂停"},
    "en": {"open": "open", "neutral": "neutral", "tight": "tight", "brake": "brake"},
}
_UNITS: Final = {
    "zh": {"percent": " %", "points": " 点", "index": ""},
    "en": {"percent": " %", "points": " points", "index": ""},
}
_W: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "head": "{day} 的策略姿态（{segment}）：{stance}，自 {since} 起，最迟 {review} 复核",
        "everybody": "未单列的客群", "level": "{stance}：{on} 项成立，需 {needed} 项",
        "on": "■ 成立", "off": "● 未成立", "unseen": "○ 看不到",
        "condition": "{mark}  {title} {value}，自 {since}（{enter} 成立，{leave} 结束）",
        "no_value": "无数值", "below": "低于 {value}", "above": "高于 {value}",
        "early": "当时还没有足够的数据", "stale": "最近一期已过期", "missing": "缺这项数据",
        "series": "{title} {month}：{value}，{published} 公布（{source}）",
        "threshold": "门槛依据：{source}",
        "held_stay": "各项条件指向{wanted}，但至少要到 {until} 才可放宽。",
        "held_blind": "各项条件指向{wanted}，但有数据缺失或过期（{blind}），因此不放宽。",
        "blind": "缺失或过期的数据不会带来放宽：{blind}。",
        "apart": "没有给出账本，未计入本平台的数据（{apart}）；需要它们的宽松姿态因此不会出现。",
        "enter": "转为{to}：还需成立 {count} 项，可以是 {of}",
        "enter_now": "转为{to}：下一次评估即可",
        "leave": "转为{to}：还需结束 {count} 项，可以是 {of}{not_before}",
        "not_before": "；不早于 {day}",
        "next": "接下来什么会改变它：", "nothing": "没有条件能再改变它", "of": "、",
        "change": "{day}  {before} → {after}  {why}",
        "holding": "成立：{what}",
        "still": "仍成立：{what}", "stay_over": "最短停留期满", "ended": "结束：{what}",
        "and": "；", "end": "{day} 为{stance}，自 {since} 起",
    },
    "en": {
        "head": "stance of {day} ({segment}): {stance}, since {since}, reviewed by {review}",
        "everybody": "segments without rules of their own",
        "level": "{stance}: {on} of its conditions hold, {needed} are needed",
        "on": "■ holds", "off": "● not", "unseen": "○ unseen",
        "condition": "{mark}  {title} {value}, since {since} (enters {enter}, leaves {leave})",
        "no_value": "without a value", "below": "below {value}", "above": "above {value}",
        "early": "there was not enough data yet", "stale": "its last value is too old",
        "missing": "the series is missing",
        "series": "{title} of {month}: {value}, published {published} ({source})",
        "threshold": "threshold: {source}",
        "held_stay": "The conditions point to {wanted}, but it stays until {until} at least.",
        "held_blind": "The conditions point to {wanted}, but {blind} is missing or stale, "
        "so nothing is loosened.",
        "blind": "Missing or stale, which never loosens anything: {blind}.",
        "apart": "The platform's own book ({apart}) was left out, as none was given; a stance that "
        "needs it, such as open, is not to be had.",
        "enter": "to {to}: {count} more must begin, of {of}",
        "enter_now": "to {to}: at the next look",
        "leave": "to {to}: {count} must end, of {of}{not_before}",
        "not_before": "; not before {day}",
        "next": "what would change it next:", "nothing": "no condition can change it", "of": ", ",
        "change": "{day}  {before} → {after}  {why}", "holding": "holding: {what}",
        "still": "still holding: {what}", "stay_over": "its least stay was over",
        "ended": "ended: {what}", "and": "; ", "end": "{stance} on {day}, since {since}",
    },
}  # fmt: skip


def stance_lines(view: StanceView, lang: str, *, explain: bool = False) -> list[str]:
    """Return the stance in lines for a terminal; with `explain` every condition and series."""
    words = _W[lang]
    lines = [
        words["head"].format(
            day=_day(view.day), segment=view.segment or words["everybody"],
            stance=NAMES[lang][view.stance], since=_day(view.since), review=_day(view.review_on),
        )
    ]  # fmt: skip
    if lang in view.text:
        lines.append(f"  {view.text[lang]}")
    lines += [f"  {line}" for line in notes(view, lang)]
    for level in view.levels:
        if explain:
            lines += _level(level, lang)
        elif level.on and level.stance == view.stance:
            lines.append("  " + _head(level, lang))
            lines += [f"    {condition_lines(one, lang)[0]}" for one in level.conditions if one.on]
    lines.append(words["next"])
    lines += [f"  {next_line(view, one, lang)}" for one in view.coming] or [
        f"  {words['nothing']}"]  # fmt: skip
    return lines


def notes(view: StanceView, lang: str) -> Iterator[str]:
    """Yield what must not be overlooked: what holds a looser stance back, what nobody can see."""
    words, titles = _W[lang], _titles(view, lang)
    blind = words["of"].join(titles.get(name, name) for name in view.blind)
    wanted = NAMES[lang][view.wanted]
    if view.held == "stay":
        yield words["held_stay"].format(wanted=wanted, until=_day(view.stay_until))
    elif view.held == "blind":
        yield words["held_blind"].format(wanted=wanted, blind=blind)
    if blind and view.held != "blind":
        yield words["blind"].format(blind=blind)
    if view.apart:
        yield words["apart"].format(
            apart=words["of"].join(title[lang] for title in view.apart.values())
        )


def next_line(view: StanceView, one: NextView, lang: str) -> str:
    """Return what would move the stance, with the thresholds that it takes."""
    words = _W[lang]
    found = {each.indicator: each for level in view.levels for each in level.conditions
             if level.stance == (one.to if one.how == "enter" else view.stance)}  # fmt: skip
    bounds = []
    for each in (found[name] for name in one.indicators):
        bound = each.enter if one.how == "enter" else each.leave
        bounds.append(f"{each.title[lang]} {bound_words(each, bound, lang)}")
    key = "enter_now" if one.how == "enter" and one.count <= 0 else one.how
    return words[key].format(
        to=NAMES[lang][one.to], count=one.count, of=words["of"].join(bounds),
        not_before="" if one.not_before is None
        else words["not_before"].format(day=_day(one.not_before)),
    )  # fmt: skip


def condition_lines(one: ConditionView, lang: str) -> list[str]:
    """Return a condition, the series behind it and where its thresholds come from."""
    words = _W[lang]
    mark = words["on" if one.on else "off" if one.status == "known" else "unseen"]
    value = words["no_value"] if one.value is None else figure(one.value, one.unit, lang)
    lines = [words["condition"].format(
        mark=mark, title=one.title[lang], value=value, since=_day(one.since),
        enter=bound_words(one, one.enter, lang), leave=bound_words(one, one.leave, lang),
    )]  # fmt: skip
    if one.status != "known":
        lines.append(f"  {words[one.status]}")
    lines += [
        "  " + words["series"].format(
            title=each.title[lang], month=each.month, value=f"{each.value:g}",
            published=_day(each.published), source=each.source,
        )
        for each in one.series
    ]  # fmt: skip
    return [*lines, "  " + words["threshold"].format(source=one.source)]


def figure(value: float, unit: str, lang: str) -> str:
    """Return a value with its unit; differences bear their sign."""
    shown = f"{value:+.2f}" if unit == "points" else f"{value:.1f}"
    return shown + _UNITS[lang][unit]


def change_line(change: Mapping[str, object], lang: str) -> str:
    """Return one change of a path, `change` as `document` gives it."""
    return _W[lang]["change"].format(
        day=change["day"], before=NAMES[lang][str(change["from"])],
        after=NAMES[lang][str(change["to"])], why=cause(change, lang),
    )  # fmt: skip


def cause(change: Mapping[str, object], lang: str) -> str:
    """Return why the stance changed: what held, what ended, or that its least stay was over."""
    words, listed, because = _W[lang], change["conditions"], change["because"]
    assert isinstance(listed, list)
    told: dict[bool, list[str]] = {False: [], True: []}
    for one in listed:
        value = words["no_value"]
        if one["value"] is not None:
            value = figure(one["value"], one["unit"], lang)
        told[one["on"]].append(f"{one['title'][lang]} {value}")
    parts = [words["stay_over"]] if because == "stay_over" else []
    if told[False]:
        parts.append(words["ended"].format(what=words["of"].join(told[False])))
    if told[True]:
        key = "holding" if because == "entered" else "still"
        parts.append(words[key].format(what=words["of"].join(told[True])))
    return words["and"].join(parts)


def end_line(view: StanceView, lang: str) -> str:
    """Return how a path ends."""
    return _W[lang]["end"].format(
        day=_day(view.day), stance=NAMES[lang][view.stance], since=_day(view.since)
    )


def _level(level: LevelView, lang: str) -> Iterator[str]:
    yield _head(level, lang)
    for one in level.conditions:
        yield from (f"  {line}" for line in condition_lines(one, lang))


def _head(level: LevelView, lang: str) -> str:
    return _W[lang]["level"].format(
        stance=NAMES[lang][level.stance], on=level.on, needed=level.needed
    )


def _titles(view: StanceView, lang: str) -> dict[str, str]:
    return {one.indicator: one.title[lang] for level in view.levels for one in level.conditions}


def bound_words(one: ConditionView, bound: Bound, lang: str) -> str:
    """Return a threshold of a condition, e.g. below 45 %."""
    return _W[lang][bound.side].format(value=f"{bound.value:g}" + _UNITS[lang][one.unit])


def _day(day: int) -> str:
    return to_date(day).isoformat()
