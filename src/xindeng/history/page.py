"""A backtest's figures as a report to read: the blocks that the page and the terminal show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xindeng.history import page_parts
from xindeng.history.page_show import (
    FORMAT,
    SIDES,
    Found,
    between,
    compared,
    hundred,
    percent,
    rate,
    shown,
    yuan,
)
from xindeng.history.page_words import WORDS
from xindeng.kernel.errors import InputError
from xindeng.repair.checkup.blocks import (
    Block,
    Figure,
    Figures,
    Notice,
    Report,
    Section,
    Table,
    Text,
)

_SETS = ("in", "out", "both", "neither")
_RISKS = ("low", "expected", "high")
_MOST_BARS = 12
_MOST_RULES = 60


def report(found: Found, lang: str) -> Report:
    """Return the whole report; `found` is what `backtest` returned. Raises InputError for the
    figures of another version of this program, which has other parts."""
    if found["format"] != FORMAT:
        raise InputError(
            f"figures of format {found['format']}, this program shows {FORMAT}",
            code="backtest.format", next_step="run the backtest again",
        )  # fmt: skip
    words = WORDS[lang]
    made: tuple[tuple[str, str, Sequence[Block]], ...] = (
        ("result", words["result"], _result(found, words)),
        ("swap", words["swap"], _swap(found, words)),
        ("outcomes", words["outcomes"], page_parts.outcomes(found, words)),
        ("money", words["money"], page_parts.money(found, words)),
        ("segments", words["segments"], page_parts.segments(found, words)),
        ("rules", words["rules"], _rules(found, words)),
        ("moved", words["moved"], _moved(found, words)),
        ("fairness", words["fairness"], page_parts.fairness(found, words)),
        ("learning", words["learning"], page_parts.learning(found, words)),
        ("censoring", words["censoring"], _censoring(found, words)),
        ("checks", words["checks"], _checks(found, words)),
    )
    a, b = (f"{found[s]['name']} {found[s]['hash'][:8]}" for s in SIDES)
    return Report(
        lang=lang,
        title=words["title"].format(a=a, b=b),
        day=words["day"].format(
            **{**found["range"], "decisions": f"{found['range']['decisions']:,}"}
        ),
        lead=(words[found["mode"]], *_unknown(found, words)),
        sections=tuple(Section(name=n, title=t, blocks=tuple(b)) for n, t, b in made),
    )


def lines(found: Found, lang: str) -> list[str]:
    """Return the result in a few lines, for a terminal."""
    words = WORDS[lang]
    told = [report(found, lang).title, report(found, lang).day, *_unknown(found, words)]
    for name in SIDES:
        one = found["policies"][name]
        told.append(
            f"{words[name]}: {words['approved']} {rate(one['totals']['approved'])},"
            f" {words['offered']} {yuan(one['totals']['offered'])},"
            f" {words['expected']} {percent(one['expected_bad']['expected'])},"
            f" {words['profit']} {yuan(one['profit']['expected']['all']['profit'])}"
        )
    for name in ("in", "out"):
        one = found["swap"][name]
        told.append(
            f"{words[name]}: {one['count']:,}, {yuan(one['amount'])}, {words['risk']}"
            f" {percent(one['risk']['expected'])} ({between(one['risk'], 'low', 'high')})"
        )
    return told + [line for block in _checks(found, words) for line in block.lines]


def _unknown(found: Found, words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the warning that no loan has an end yet, from which a risk could be told."""
    if any(found["swap"][name]["observed"]["total"] for name in _SETS):
        return ()
    return (words["unknown"].format(outcome=found["swap"]["outcome"]),)


def _result(found: Found, words: Mapping[str, str]) -> list[Block]:
    items = []
    for name in SIDES:
        one = found["policies"][name]
        approved, risk = one["totals"]["approved"], one["expected_bad"]
        label, profit = words[name], one["profit"]["expected"]["all"]["profit"]
        items += [
            Figure(label=f"{label}: {words['approved']}", value=rate(approved),
                   note=words["interval"].format(**shown(approved))),
            Figure(label=f"{label}: {words['offered']}", value=yuan(one["totals"]["offered"])),
            Figure(label=f"{label}: {words['expected']}", value=percent(risk["expected"]),
                   note=words["range"].format(**shown(risk))),
            Figure(label=f"{label}: {words['profit']}", value=yuan(profit)),
        ]  # fmt: skip
    return [Figures(items=tuple(items)), _months(found, words)]


def _months(found: Found, words: Mapping[str, str]) -> Block:
    both = [found["policies"][name]["totals"]["months"] for name in SIDES]
    months = sorted({*both[0], *both[1]})
    nothing = {"share": None, "total": 0, "offered": 0}
    cells = [[one.get(month, nothing) for month in months] for one in both]
    rows = [
        (month, *(cell for line in cells
                  for cell in (rate(line[place]), yuan(line[place]["offered"]))))
        for place, month in enumerate(months)
    ]  # fmt: skip
    head = (words["month"], *(f"{words[s]}: {words[k]}" for s in SIDES
                              for k in ("approved", "offered")))  # fmt: skip
    table = Table(caption=words["chart_months"], head=head, rows=tuple(rows), numbers=(1, 2, 3, 4))
    shares = [[hundred(one["share"]) for one in line] for line in cells]
    return compared(words["chart_months"], months, shares, words["percent"], table, words,
                    months=True)  # fmt: skip


def _swap(found: Found, words: Mapping[str, str]) -> list[Block]:
    rows = [
        (words[name], f"{one['count']:,}", yuan(one["amount"]), f"{one['risk']['known']:,}",
         percent(one["risk"]["expected"]), between(one["risk"], "low", "high"),
         between(one["risk"], "best", "worst"), yuan(one["profit"]["profit"]))
        for name in _SETS if (one := found["swap"][name])
    ]  # fmt: skip
    head = tuple(words[k] for k in ("set", "count", "amount", "known", "risk", "bounds", "certain",
                                     "profit"))  # fmt: skip
    caption = f"{words['swap']} ({found['swap']['outcome']})"
    table = Table(caption=caption, head=head, rows=tuple(rows), numbers=tuple(range(1, 8)))
    ends = [[hundred(found["swap"][name]["risk"][k]) for name in _SETS] for k in _RISKS]
    labels = [words[f"{name}_short"] for name in _SETS]
    blocks: list[Block] = [
        compared(words["risk"], labels, ends, words["percent"], table, words, _RISKS)
    ]
    for name in ("in", "out"):
        shown = [
            (e["decision"], yuan(e["asked"]), e["champion"], e["challenger"],
             ", ".join(e["champion_rules"] if name == "in" else e["challenger_rules"]))
            for e in found["swap"][name]["examples"]
        ]  # fmt: skip
        if shown:
            head = (words["decision"], words["asked"], words["champion"], words["challenger"],
                    words["rule"])  # fmt: skip
            caption = f"{words[name]}: {words['examples']}"
            blocks.append(Table(caption=caption, head=head, rows=tuple(shown), numbers=(1,)))
    return blocks


def _rules(found: Found, words: Mapping[str, str]) -> list[Block]:
    both = [found["policies"][name]["rules"] for name in SIDES]
    names = sorted({*both[0], *both[1]}, key=lambda n: -max(s[n]["fired"] for s in both if n in s))
    rows = []
    for name in names[:_MOST_RULES]:
        sides = [s.get(name) for s in both]
        last = next(s for s in reversed(sides) if s)
        rows.append((
            name, last["effect"], *(f"{s['fired']:,}" if s else "–" for s in sides),
            *(f"{s['unique']:,}" if s else "–" for s in sides), f"{last['overrides']:,}",
            f"{rate(last['precision'])} / {last['precision']['total']:,}",
        ))  # fmt: skip
    a, b = words["champion"], words["challenger"]
    head = (words["rule"], words["effect"], f"{words['fired']} ({a})", f"{words['fired']} ({b})",
            f"{words['unique']} ({a})", f"{words['unique']} ({b})", words["overrides"],
            words["precision"])  # fmt: skip
    table = Table(caption=words["rules"], head=head, rows=tuple(rows), numbers=tuple(range(2, 8)))
    most = names[:_MOST_BARS]
    counts = [[float(side[n]["fired"]) if n in side else None for n in most] for side in both]
    places = [str(place + 1) for place in range(len(most))]
    return [compared(words["chart_rules"], places, counts, words["times"], table, words)]


def _moved(found: Found, words: Mapping[str, str]) -> list[Block]:
    lights = [
        (area, turn, f"{count:,}")
        for area, turns in found["lights_moved"].items()
        for turn, count in turns.items()
    ]
    reasons = [
        (rule, one["reason"], f"{one['champion']:,}", f"{one['challenger']:,}")
        for rule, one in found["reasons_moved"].items()
    ]
    if not lights and not reasons:
        return [Text(lines=(words["none"],))]
    return [
        Table(caption=words["lights"], head=(words["area"], words["turn"], words["count"]),
              rows=tuple(lights), numbers=(2,)),
        Table(caption=words["reasons"], rows=tuple(reasons), numbers=(2, 3),
              head=tuple(words[k] for k in ("rule", "reason", *SIDES))),
    ]  # fmt: skip


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
