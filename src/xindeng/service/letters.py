"""Which dispute letters to write for a check-up, and their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xindeng.decision.answer import Light
from xindeng.decision.words import LANGUAGES, Language
from xindeng.kernel.errors import InputError
from xindeng.repair.review.letters import Disputed, Letter, disputable, letter
from xindeng.service.checkup import Done


class Written(NamedTuple):
    """One letter, the name of its file without an ending, and the record it is about."""

    name: str
    record: str
    letter: Letter


def letters_for(done: Done, claims: Sequence[str], now_day: int) -> list[Written]:
    """Return the letters, each to the bureau and, where one reported it, to the lender.

    `claims` are "RECORD=CLAIM": the person's own word of what is wrong with which record. Without
    any, there is a letter with boxes to tick for every record that weighs against the person.
    Raises InputError without a credit report, and for a record or claim that does not exist.
    """
    report = done.dossier.report
    if report is None:
        raise InputError(
            "letters are about records of a credit report",
            where="--letters",
            next_step="add --report FILE",
            code="checkup.letters",
        )
    records = {one.record: one for one in disputable(report)}
    chosen: list[tuple[Disputed, str | None]] = [_chosen(text, records) for text in claims]
    if not chosen:
        chosen = [(records[name], None) for name in _weighing(done) if name in records]
    found = []
    for place, (about, claim) in enumerate(chosen, 1):
        for lang, to_lender in _copies(about):
            made = letter(
                about, done.checkup.terms, now_day, report.report_day, lang,
                claim=claim, to_lender=to_lender,
            )  # fmt: skip
            found.append(Written(f"{place:02d}-{made.name}.{lang}", about.record, made))
    return found


def _copies(about: Disputed) -> Iterator[tuple[Language, bool]]:
    for to_lender in (False, True) if about.lender is not None else (False,):
        for lang in LANGUAGES:
            yield lang, to_lender


def _weighing(done: Done) -> list[str]:
    """Return the records that weigh against the person, weightiest first, each once."""
    review = done.checkup.review
    weighing = [
        one.record
        for one in (review.findings if review is not None else ())
        if one.disputable and one.light in (Light.RED, Light.YELLOW)
    ]
    return list(dict.fromkeys(weighing))


def _chosen(text: str, records: dict[str, Disputed]) -> tuple[Disputed, str | None]:
    name, _, claim = text.rpartition("=")
    if name not in records:
        raise InputError(
            f"no record {name[:60]!r} in the report",
            where="--dispute",
            next_step="write RECORD=CLAIM with one of: " + "; ".join(records),
            code="checkup.record",
        )
    return records[name], claim
