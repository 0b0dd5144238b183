"""A check-up of papers that were sent: nothing of them is kept, not even until the next request."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from xindeng.decision.request import Request
from xindeng.decision.words import Language
from xindeng.intake.note_words import refusals_in
from xindeng.kernel.errors import InputError
from xindeng.policy.policy import Policy
from xindeng.repair.checkup.papers import PaperKind
from xindeng.service.checkup import Done, Handed, run
from xindeng.service.policies import load_policy

_STATED: Final = {"zh": "您填写的月收入", "en": "the income you stated"}
REFERENCE: Final = "consumer_line"
"""Whose gates a check-up is measured by, whatever policy decides draws here; it says so itself."""
MOST_PAPERS: Final = 20
_SAFE: Final = frozenset("-_. ()（）")


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as sent: what it is, its name on the sender's side, its bytes."""

    kind: PaperKind
    name: str
    content: bytes


@cache
def reference() -> Policy:
    """Return the reference policy, loaded once."""
    return load_policy(REFERENCE)


def check_up_sent(
    papers: Sequence[Paper], now: int, lang: Language, *, income: int | None = None,
    request: Request | None = None, corrections: str = "",
) -> Done:  # fmt: skip
    """Return the check-up of the papers as of `now` (µs); they are gone from the disk with it.

    `corrections` say who somebody in the papers is, a line each: "name = what". Raises InputError
    for nothing at all or two reports, and ImportFileError naming file and line for what cannot be
    read.
    """
    with refusals_in(lang, sent=True), tempfile.TemporaryDirectory(prefix="xindeng-") as folder:
        at: dict[PaperKind, list[Path]] = {}
        for number, paper in enumerate(papers):
            path = Path(folder) / str(number) / _name(paper.name, number)
            path.parent.mkdir(mode=0o700)
            path.write_bytes(paper.content)
            at.setdefault(paper.kind, []).append(path)
        corrected = _corrections(Path(folder), corrections)
        handed = Handed(
            bills=tuple(at.get("bills", ())), statements=tuple(at.get("statement", ())),
            report=_only(at, "report"), debts=_only(at, "debts"), income=income,
            corrections=corrected, stated=_STATED[lang], sent=True,
        )  # fmt: skip
        return run(reference(), handed, now, lang, request=request)


def _corrections(folder: Path, written: str) -> Path | None:
    """Return a table of the corrections that were written, None where there are none."""
    lines = (line.replace("＝", "=") for line in written.splitlines() if line.strip())
    # A name may hold the sign; what somebody is holds none.
    rows = [line.rpartition("=") for line in lines]
    if not rows:
        return None
    path = folder / "corrections.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["party", "is"])
        table.writerows((party.strip(), what.strip()) for party, _, what in rows)
    return path


def _only(at: dict[PaperKind, list[Path]], kind: PaperKind) -> Path | None:
    found = at.get(kind, [])
    if len(found) > 1:
        raise InputError(
            f"there are {len(found)} papers of kind {kind}",
            where="body.papers",
            next_step="send the newest one",
            code="checkup.several",
        )
    return found[0] if found else None


def _name(name: str, number: int) -> str:
    """Return a name that is only a name: the report calls the paper by it."""
    plain = "".join(c for c in name if c.isalnum() or c in _SAFE).strip(". ")
    return plain[-80:] or f"paper-{number + 1}"
