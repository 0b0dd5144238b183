"""A backtest's figures as a report to read: the blocks that the page and the terminal show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xindeng.history.page_words import WORDS
from xindeng.repair.checkup.blocks import (
    Block,
    Chart,
    Figure,
    Figures,
    Notice,
    Report,
    Section,
    Series,
    Table,
    Text,
)

_SIDES = ("champion", "challenger")
_SETS = ("in", "out", "both", "neither")
_LINES = ("interest", "funding", "loss", "data", "funder", "servicing", "vat", "capital")
_MOST_RULES = 60
Found = Mapping[str, Any]


def report(found: Found, lang: str) -> Report:
    """Return the whole report; `found` is what `backtest` returned."""
    words = WORDS[lang]
    made: tuple[tuple[str, str, Sequence[Block]], ...] = (
        ("result", words["result"], _result(found, words)),
        ("swap", words["swap"], _swap(found, words)),
        ("outcomes", words["outcomes"], _outcomes(found, words)),
        ("money", words["money"], _money(found, words)),
        ("segments", words["segments"], _segments(found, words)),
        ("rules", words["rules"], _rules(found, words)),
        ("moved", words["moved"], _moved(found, words)),
        ("fairness", words["fairness"], _fairness(found, words)),
        ("censoring", words["censoring"], _censoring(found, words)),
        ("checks", words["checks"], _checks(found, words)),
    )
    a, b = (f"{found[s]['name']} {found[s]['hash'][:8]}" for s in _SIDES)
    return Report(
        lang=lang,
        title=words["title"].format(a=a, b=b),
        day=words["day"].format(
            **{**found["range"], "decisions": f"{found['range']['decisions']:,}"}
        ),
        lead=(words[found["mode"]],),
        sections=tuple(Section(name=n, title=t, blocks=tuple(b)) for n, t, b in made),
    )


def lines(found: Found, lang: str) -> list[str]:
    """Return the result in a few lines, for a terminal."""
    words = WORDS[lang]
    told = [report(found, lang).title, report(found, lang).day]
    for name in _SIDES:
        one = found["policies"][name]
        told.append(
            f"{words[name]}: {words['approved']} {_rate(one['totals']['approved'])},"
            f" {words['offered']} {_yuan(one['totals']['offered'])},"
            f" {words['expected']} {_percent(one['expected_bad']['expected'])},"
            f" {words['profit']} {_yuan(one['profit']['expected']['all']['profit'])}"
        )
    for name in ("in", "out"):
        one = found["swap"][name]
        told.append(
            f"{words[name]}: {one['count']:,}, {_yuan(one['amount'])}, {words['risk']}"
            f" {_percent(one['risk']['expected'])} ({_between(one['risk'], 'low', 'high')})"
        )
    return told + [line for block in _checks(found, words) for line in block.lines]


def _result(found: Found, words: Mapping[str, str]) -> list[Block]:
    items = []
    for name in _SIDES:
        one = found["policies"][name]
        approved, risk = one["totals"]["approved"], one["expected_bad"]
        label = words[name]
        items += [
            Figure(label=f"{label}: {words['approved']}", value=_rate(approved),
                   note=words["interval"].format(**_shown(approved))),
            Figure(label=f"{label}: {words['offered']}", value=_yuan(one["totals"]["offered"])),
            Figure(label=f"{label}: {words['expected']}", value=_percent(risk["expected"]),
                   note=words["range"].format(**_shown(risk))),
            Figure(label=f"{label}: {words['profit']}",
                   value=_yuan(one["profit"]["expected"]["all"]["profit"])),
        ]  # fmt: skip
    return [Figures(items=tuple(items))]


def _swap(found: Found, words: Mapping[str, str]) -> list[Block]:
    rows = [
        (words[name], f"{one['count']:,}", _yuan(one["amount"]), f"{one['risk']['known']:,}",
         _percent(one["risk"]["expected"]), _between(one["risk"], "low", "high"),
         _between(one["risk"], "best", "worst"))
        for name in _SETS if (one := found["swap"][name])
    ]  # fmt: skip
    head = tuple(words[k] for k in ("set", "count", "amount", "known", "risk", "bounds", "certain"))
    blocks: list[Block] = [
        Table(caption=f"{words['swap']} ({found['swap']['outcome']})", head=head, rows=tuple(rows),
              numbers=(1, 2, 3, 4, 5, 6))
    ]  # fmt: skip
    for name in ("in", "out"):
        shown = [
            (e["decision"], _yuan(e["asked"]), e["champion"], e["challenger"],
             ", ".join(e["champion_rules"] if name == "in" else e["challenger_rules"]))
            for e in found["swap"][name]["examples"]
        ]  # fmt: skip
        if shown:
            head = (words["decision"], words["asked"], words["champion"], words["challenger"],
                    words["rule"])  # fmt: skip
            caption = f"{words[name]}: {words['examples']}"
            blocks.append(Table(caption=caption, head=head, rows=tuple(shown), numbers=(1,)))
    return blocks


def _outcomes(found: Found, words: Mapping[str, str]) -> list[Block]:
    blocks: list[Block] = [Text(lines=(words["outcomes_note"],))]
    for name in _SIDES:
        rows = [
            (key, *(f"{one[state]:,}" for state in ("good", "bad", "indeterminate", "immature")),
             _rate(one), _between(one, "low", "high"))
            for key, one in found["policies"][name]["outcomes"].items()
        ]  # fmt: skip
        head = tuple(
            words[k]
            for k in ("definition", "good", "bad", "indeterminate", "immature", "share", "bounds")
        )
        blocks.append(
            Table(caption=words[name], head=head, rows=tuple(rows), numbers=tuple(range(1, 7)))
        )
    return blocks


def _money(found: Found, words: Mapping[str, str]) -> list[Block]:
    columns = [(n, k) for n in _SIDES for k in ("expected", "realised")]
    sums = [found["policies"][n]["profit"][k]["all"] for n, k in columns]
    rows = [(words[line], *(_yuan(one[line]) for one in sums)) for line in _LINES]
    rows.append((words["money"], *(_yuan(one["profit"]) for one in sums)))
    titles = {"expected": words["profit"], "realised": words["realised"]}
    head = (words["line"], *(f"{words[n]}: {titles[k]}" for n, k in columns))
    table = Table(caption=words["money"], head=head, rows=tuple(rows), numbers=(1, 2, 3, 4),
                  best=len(rows) - 1)  # fmt: skip
    return [Text(lines=(words["money_note"],)), table]


def _segments(found: Found, words: Mapping[str, str]) -> list[Block]:
    parts = [found["policies"][name]["totals"]["segments"] for name in _SIDES]
    names = list(dict.fromkeys([*parts[0], *parts[1]]))
    nothing = {"share": None, "total": 0}
    rows = [
        (n, *(f"{_rate(p.get(n, nothing))} / {p.get(n, nothing)['total']:,}" for p in parts))
        for n in names
    ]
    head = (words["segment"], words["champion"], words["challenger"])
    table = Table(caption=words["segments"], head=head, rows=tuple(rows), numbers=(1, 2))
    series = [
        Series(name=words[s], values=tuple(_hundred(p.get(n, nothing)["share"]) for n in names))
        for s, p in zip(_SIDES, parts, strict=True)
    ]
    return [
        Chart(title=words["chart_segments"], alternative=words["chart_alt"], kind="lines",
              labels=tuple(names), series=tuple(series), unit=words["percent"], table=table)
    ]  # fmt: skip


def _rules(found: Found, words: Mapping[str, str]) -> list[Block]:
    both = [found["policies"][name]["rules"] for name in _SIDES]
    names = sorted({*both[0], *both[1]}, key=lambda n: -max(s[n]["fired"] for s in both if n in s))
    rows = []
    for name in names[:_MOST_RULES]:
        sides = [s.get(name) for s in both]
        last = next(s for s in reversed(sides) if s)
        rows.append((
            name, last["effect"], *(f"{s['fired']:,}" if s else "–" for s in sides),
            *(f"{s['unique']:,}" if s else "–" for s in sides), f"{last['overrides']:,}",
            f"{_rate(last['precision'])} / {last['precision']['total']:,}",
        ))  # fmt: skip
    a, b = words["champion"], words["challenger"]
    head = (words["rule"], words["effect"], f"{words['fired']} ({a})", f"{words['fired']} ({b})",
            f"{words['unique']} ({a})", f"{words['unique']} ({b})", words["overrides"],
            words["precision"])  # fmt: skip
    return [Table(caption=words["rules"], head=head, rows=tuple(rows), numbers=tuple(range(2, 8)))]


def _moved(found: Found, words: Mapping[str, str]) -> list[Block]:
    lights = [
        (area, turn, f"{count:,}")
        for area, turns in found["lights_moved"].items()
        for turn, count in turns.items()
    ]
    reasons = [
        (rule, f"{one['champion']:,}", f"{one['challenger']:,}")
        for rule, one in found["reasons_moved"].items()
    ]
    if not lights and not reasons:
        return [Text(lines=(words["none"],))]
    return [
        Table(caption=words["lights"], head=(words["area"], words["turn"], words["count"]),
              rows=tuple(lights), numbers=(2,)),
        Table(caption=words["reasons"], head=tuple(words[k] for k in ("rule", *_SIDES)),
              rows=tuple(reasons), numbers=(1, 2)),
    ]  # fmt: skip


def _fairness(found: Found, words: Mapping[str, str]) -> list[Block]:
    blocks: list[Block] = [Text(lines=(words["fairness_note"],))]
    parts = [found["policies"][name]["fairness"] for name in _SIDES]
    for group in parts[0]:
        rows = [
            (value, *(_with_total(p[group]["groups"][value]) for p in parts))
            for value in parts[0][group]["groups"]
        ]  # fmt: skip
        rows.append((words["ratio"], *(_plain(p[group]["ratio"]) for p in parts)))
        head = (words["group"], words["champion"], words["challenger"])
        blocks.append(Table(caption=group, head=head, rows=tuple(rows), numbers=(1, 2),
                            best=len(rows) - 1))  # fmt: skip
    return blocks


def _censoring(found: Found, words: Mapping[str, str]) -> list[Block]:
    one = found["censoring"]
    low, high = one["refused_risk"]
    return [
        Notice(lines=(
            words["censored"].format(
                n=f"{one['without_outcome']:,}", m=f"{one['challenger_grants_without_outcome']:,}",
                k=f"{one['of_these_granted_by_champion']:,}",
            ),
            words["assumed"].format(low=f"{low:g}", high=f"{high:g}"),
        ))
    ]  # fmt: skip


def _checks(found: Found, words: Mapping[str, str]) -> list[Text]:
    checks = found["checks"]
    again = {
        k: f"{sum(one[k] for one in checks['computed_again']):,}" for k in ("decisions", "values")
    }
    same = checks["reproduced"]["decisions"]
    a, b = (f"{n:,}" for n in checks["decided_one_by_one"])
    told = words["reproduced"].format(decisions=f"{same:,}") if same else words["not_reproduced"]
    found_lines = [words["checked"].format(**again), told, words["one_by_one"].format(a=a, b=b)]
    if checks["replayed"]:
        loans = {k: f"{n:,}" for k, n in checks["replayed"]["loans"][1].items()}
        like = f"{checks['replayed']['champion_as_recorded']:,}"
        found_lines.append(words["replayed"].format(like=like, **loans))
    return [Text(lines=tuple(found_lines))]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _rate(one: Mapping[str, Any]) -> str:
    return _percent(one["share"])


def _with_total(one: Mapping[str, Any]) -> str:
    return f"{_rate(one)} / {one['total']:,}"


def _between(one: Mapping[str, Any], low: str, high: str) -> str:
    return f"{_percent(one[low])} – {_percent(one[high])}"


def _shown(one: Mapping[str, Any]) -> dict[str, str]:
    return {"low": _percent(one["low"]), "high": _percent(one["high"])}


def _yuan(fen: float) -> str:
    return f"{'-' if fen < 0 else ''}¥{abs(fen) / 100:,.0f}"
