"""`xindeng policy stance`: which stance on which day, by which series, and the path of years."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from xindeng.cli.output import Lang, out, print_json
from xindeng.intake.macro_series import read_series
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date
from xindeng.policy.policy import Policy
from xindeng.policy.stance_view import (
    StancePath,
    document,
    first_day,
    stance_path,
    stance_view,
)
from xindeng.policy.stance_words import NAMES, change_line, end_line, stance_lines
from xindeng.policy.steering.model import RANK
from xindeng.policy.steering.series import Observed
from xindeng.service.engine import Engine
from xindeng.web.lanes import Stay, draw_lanes

SeriesOption = Annotated[
    Path | None,
    typer.Option(
        "--series", envvar="XINDENG_SERIES",
        help="a folder or file (CSV, Parquet) with monthly series: a column `month` and the "
        "columns that steering.yaml names",
    ),
]  # fmt: skip
_TITLES: Final = {
    "zh": "策略姿态：{name} {hash}，{segment}", "en": "the stance of {name} {hash}, {segment}",
}  # fmt: skip
_EVERYBODY: Final = {"zh": "未单列的客群", "en": "segments without rules of their own"}


def observed_of(policy: Policy, series: Path) -> tuple[dict[str, Observed], frozenset[str]]:
    """Return the series of the economy, and the names of the book's own, which are left out."""
    specs = policy.steering.series
    apart = frozenset(name for name, spec in specs.items() if spec.portfolio)
    return read_series(series, specs.values()), apart


def economy_of(series: Path, engine: Engine) -> dict[str, Observed]:
    """Return the series of the economy that an engine's policy is steered by."""
    return read_series(series, engine.policy.steering.series.values())


def show_day(
    policy: Policy, series: Path, on: str | None, segment: str | None, lang: Lang, *,
    explain: bool, as_json: bool, today: int,
) -> None:  # fmt: skip
    """Print the stance of a day by the series."""
    observed, apart = observed_of(policy, series)
    day = today if on is None else parse_day(on, "--on")
    view = stance_view(policy, observed, day, segment, apart=apart)
    if as_json:
        print_json(document(view, policy))
        return
    for line in stance_lines(view, lang, explain=explain):
        out.print(line, markup=False)


def show_path(
    policy: Policy, series: Path, first: str | None, last: str | None, segment: str | None,
    lang: Lang, *, explain: bool, as_json: bool, to_file: Path | None, today: int,
) -> None:  # fmt: skip
    """Print every change of the stance between two days with its cause; draw it if asked."""
    observed, apart = observed_of(policy, series)
    begin = first_day(observed) if first is None else parse_day(first, "--from")
    end = today if last is None else parse_day(last, "--to")
    if end < begin:
        raise InputError("the last day lies before the first", where="--to", code="stance.range",
                         next_step="give --from and --to in order")  # fmt: skip
    path = stance_path(policy, observed, begin, end, segment, apart=apart)
    told = [document(one, policy) for one in path.changes]
    days = days_of(path)
    if to_file is not None:
        _draw(to_file, policy, path, lang)
    if as_json:
        print_json({
            "policy": policy.name, "policy_hash": policy.hash, "segment": segment,
            "from": iso(begin), "to": iso(end), "start": path.start, "changes": told,
            "days": days, "end": document(path.end, policy),
        })  # fmt: skip
        return
    for one in told:
        out.print(change_line(one, lang), markup=False)
    said = stance_lines(path.end, lang, explain=True) if explain else [end_line(path.end, lang)]
    for line in said:
        out.print(line, markup=False)
    shares = [f"{NAMES[lang][name]} {count / sum(days.values()):.0%}"
              for name, count in days.items()]  # fmt: skip
    out.print(", ".join(shares), markup=False)
    if to_file is not None:
        out.print(str(to_file), markup=False)


def stays_of(path: StancePath) -> list[Stay]:
    """Return every stay in a stance from the first day of a path to its last, in order."""
    turns = [(path.start, path.first), *((one.after, one.day) for one in path.changes)]
    ends = [one.day for one in path.changes] + [path.end.day + 1]
    return [(name, since, until) for (name, since), until in zip(turns, ends, strict=True)
            if until > since]  # fmt: skip


def days_of(path: StancePath) -> dict[str, int]:
    """Return how many days of a path were spent in each stance, the mildest first."""
    found = dict.fromkeys(RANK, 0)
    for name, since, until in stays_of(path):
        found[name] += until - since
    return {name: days for name, days in found.items() if days}


def parse_day(text: str, where: str) -> int:
    """Return the local day of an ISO date; raises InputError."""
    try:
        return from_date(date.fromisoformat(text))
    except ValueError:
        raise InputError(f"{text[:40]!r} is not a date", where=where, code="stance.day",
                         next_step="write it as 2026-11-01") from None  # fmt: skip


def iso(day: int) -> str:
    """Return a local day as an ISO date."""
    return date.fromordinal(day + date(1970, 1, 1).toordinal()).isoformat()


def _draw(to_file: Path, policy: Policy, path: StancePath, lang: Lang) -> None:
    """Write the drawing under another name first, so that it is never half there."""
    title = _TITLES[lang].format(
        name=policy.name, hash=policy.hash[:8], segment=path.end.segment or _EVERYBODY[lang]
    )
    lanes = {name: NAMES[lang][name] for name in reversed(RANK)}
    partial = to_file.with_name(to_file.name + ".partial")
    to_file.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text(draw_lanes(title, lanes, stays_of(path)), encoding="utf-8")
    partial.replace(to_file)
