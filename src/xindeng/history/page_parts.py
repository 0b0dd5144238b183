"""The parts of a backtest's report about people and money: outcomes, profit, groups, learning."""

from __future__ import annotations

from collections.abc import Sequence

from xindeng.history.page_show import (
    SIDES,
    Found,
    Words,
    between,
    compared,
    hundred,
    percent,
    plain,
    rate,
    short,
    with_total,
    yuan,
)
from xindeng.history.profit import LINES
from xindeng.repair.checkup.blocks import Block, Notice, Table, Text

_STATES = ("good", "bad", "indeterminate", "immature", "fraud")


def outcomes(found: Found, words: Words) -> list[Block]:
    """Return the states by definition, of draws and of accounts, and the vintages of one."""
    blocks: list[Block] = [Text(lines=(words["outcomes_note"],))]
    both = [found["policies"][name] for name in SIDES]
    for level in ("outcomes", "accounts"):
        tables = [_states(one[level], words, f"{words[name]}: {words[f'{level}_of']}")
                  for name, one in zip(SIDES, both, strict=True)]  # fmt: skip
        names = [one["name"] for one in found["definitions"]]
        labels = [short(one) for one in found["definitions"]]
        shares = [[hundred(one[level][n]["share"]) for n in names] for one in both]
        title = f"{words['share']}: {words[f'{level}_of']}"
        blocks += [compared(title, labels, shares, words["percent"], tables[0], words), tables[1]]
    blocks.append(_vintages(found, words))
    blocks.append(_fraud(found, words))
    return blocks


def _states(states: Found, words: Words, caption: str) -> Table:
    rows = [
        (key, *(f"{one[state]:,}" for state in _STATES), rate(one), between(one, "low", "high"))
        for key, one in states.items()
    ]
    head = tuple(words[k] for k in ("definition", *_STATES, "share", "interval_head"))
    return Table(caption=caption, head=head, rows=tuple(rows), numbers=tuple(range(1, 8)))


def _vintages(found: Found, words: Words) -> Block:
    outcome = found["swap"]["outcome"]
    both = [found["policies"][name]["vintages"][outcome] for name in SIDES]
    months = sorted({*both[0], *both[1]})
    rows = [
        (month, *(f"{rate(m)} / {m['total']:,} + {m['immature']:,}" if m else "–"
                  for one in both for m in (one.get(month),)))
        for month in months
    ]  # fmt: skip
    head = (words["month"], *(words[name] for name in SIDES))
    title = words["vintages"].format(outcome=outcome)
    table = Table(caption=title, head=head, rows=tuple(rows), numbers=(1, 2),
                  note=words["vintages_note"])  # fmt: skip
    shares = [[hundred(one[m]["share"]) if m in one else None for m in months] for one in both]
    return compared(title, months, shares, words["percent"], table, words, months=True)


def _fraud(found: Found, words: Words) -> Block:
    rows = [(words.get(f"kind_{kind}", kind), f"{one['loans']:,}", yuan(one["left"]))
            for kind, one in found["fraud"].items()]  # fmt: skip
    if not rows:
        return Text(lines=(words["no_fraud"],))
    return Table(caption=words["fraud_table"], numbers=(1, 2), rows=tuple(rows),
                 head=tuple(words[k] for k in ("kind", "loans", "left")))  # fmt: skip


def money(found: Found, words: Words) -> list[Block]:
    """Return the lines of profit, expected and realised, and the figures they rest on."""
    columns = [(name, kind) for name in SIDES for kind in ("expected", "realised")]
    sums = [found["policies"][n]["profit"][k]["all"] for n, k in columns]
    rows = [(words[line], *(yuan(one[line]) for one in sums)) for line in LINES]
    rows.append((words["money"], *(yuan(one["profit"]) for one in sums)))
    ranges = [f"{yuan(one['profit_low'])} – {yuan(one['profit_high'])}" if "profit_low" in one
              else "–" for one in sums]  # fmt: skip
    rows.append((words["money_range"], *ranges))
    titles = {"expected": words["profit"], "realised": words["realised"]}
    head = (words["line"], *(f"{words[n]}: {titles[k]}" for n, k in columns))
    table = Table(caption=words["money"], head=head, rows=tuple(rows), numbers=(1, 2, 3, 4),
                  best=len(rows) - 2)  # fmt: skip
    labels = [words[line] for line in LINES]
    values = [[None if one[line] is None else one[line] / 100 for line in LINES]
              for one in (sums[0], sums[2])]  # fmt: skip
    return [
        Text(lines=(words["money_note"],)),
        compared(words["money_chart"], labels, values, words["yuan"], table, words),
        _figures(found, words),
    ]


def _figures(found: Found, words: Words) -> Table:
    lang = words["lang"]
    rows = [
        (one["title"].get(lang, name), f"{one['value']:g} {words['unit_' + one['unit']]}",
         one["convention"], one["since"], one["source"])
        for name, one in found["economics"].items()
    ]  # fmt: skip
    head = tuple(words[k] for k in ("figure", "value", "convention", "since", "source"))
    return Table(caption=words["economics"], head=head, rows=tuple(rows), numbers=(1,), folded=True)


def segments(found: Found, words: Words) -> list[Block]:
    """Return approval, amount and profit by segment."""
    parts = [found["policies"][name] for name in SIDES]
    seen = [one["totals"]["segments"] for one in parts]
    names = list(dict.fromkeys([*seen[0], *seen[1]]))
    rows = []
    for name in names:
        cells = []
        for one, mine in zip(parts, seen, strict=True):
            row = mine.get(name)
            profit = one["profit"]["expected"]["segments"].get(name)
            cells += (
                [with_total(row), yuan(row["offered"]), yuan(profit["profit"])]
                if row and profit else ["–"] * 3
            )  # fmt: skip
        rows.append((name, *cells))
    head = (words["segment"], *(f"{words[s]}: {words[k]}" for s in SIDES
                                for k in ("approved", "offered", "profit")))  # fmt: skip
    table = Table(
        caption=words["segments"], head=head, rows=tuple(rows), numbers=tuple(range(1, 7))
    )
    shares = [[hundred(mine[n]["share"]) if n in mine else None for n in names] for mine in seen]
    return [compared(words["chart_segments"], names, shares, words["percent"], table, words)]


def fairness(found: Found, words: Words) -> list[Block]:
    """Return approval by declared group, and the ratio of the lowest to the highest."""
    blocks: list[Block] = [Text(lines=(words["fairness_note"],))]
    parts = [found["policies"][name]["fairness"] for name in SIDES]
    for group in parts[0]:
        values = list(parts[0][group]["groups"])
        rows = [(v, *(with_total(p[group]["groups"][v]) for p in parts)) for v in values]
        rows.append((words["ratio"], *(plain(p[group]["ratio"]) for p in parts)))
        head = (words["group"], words["champion"], words["challenger"])
        table = Table(caption=group, head=head, rows=tuple(rows), numbers=(1, 2),
                      best=len(rows) - 1)  # fmt: skip
        shares = [[hundred(p[group]["groups"][v]["share"]) for v in values] for p in parts]
        title = f"{words['approved']}: {group}"
        blocks.append(compared(title, values, shares, words["percent"], table, words))
    return blocks


def learning(found: Found, words: Words) -> list[Block]:
    """Return what the test-and-learn arm taught of refused people, and its lift."""
    one = found["learning"]
    if one["arm"] is None:
        return [Text(lines=(words["no_arm"],))]
    bounds = one["bounds"]
    kinds = ("surely", "assumed", "learnt")
    rows = [(words[f"bound_{k}"], *(percent(v) for v in bounds[k])) for k in kinds]
    rows.append((words["bound_surely_all"], *(percent(v) for v in bounds["surely_all"])))
    head = tuple(words[k] for k in ("bound", "low", "high"))
    title = words["bounds_table"]
    table = Table(caption=title, head=head, rows=tuple(rows), numbers=(1, 2), best=2)
    ends = [[hundred(bounds[k][place]) for k in kinds] for place in (0, 1)]
    told = words["learnt"].format(
        share=percent(one["arm"]["share_ppm"] / 1e6), rules=", ".join(one["arm"]["passes"]),
        loans=f"{one['loans']:,}", learnable=f"{one['learnable']:,}",
        refusals=f"{one['refusals']:,}", at_risk=yuan(one["spent"]["lost"] + one["spent"]["owed"]),
        budget=yuan(one["spent"]["budget"]),
    )  # fmt: skip
    chart = compared(title, [words[f"bound_{k}"] for k in kinds], ends,
                     words["percent"], table, words, ("low", "high"))  # fmt: skip
    return [Notice(lines=(told,)), chart, _groups(one["groups"], words)]


def _groups(groups: Found, words: Words) -> Table:
    rows: Sequence[tuple[str, ...]] = [
        (words[f"group_{name}"], f"{g['borrowers']:,}", with_total(g["approved"]), yuan(g["lent"]),
         with_total(g["bad"]), _each(g["profit_a_borrower"]), _lift(g["lift"]))
        for name, g in groups.items()
    ]  # fmt: skip
    head = tuple(
        words[k] for k in ("group", "borrowers", "approved", "lent", "share", "profit_each", "lift")
    )
    return Table(
        caption=words["groups_table"], head=head, rows=tuple(rows), numbers=tuple(range(1, 7))
    )


def _each(fen: float | None) -> str:
    return "–" if fen is None else f"{fen / 100:,.2f}"


def _lift(one: Found | None) -> str:
    if one is None:
        return "–"
    mean, low, high = (_each(one[name]) for name in ("mean", "low", "high"))
    return f"{mean} ({low} – {high})"
