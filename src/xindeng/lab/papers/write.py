"""A sample set of one made-up person's papers in a folder: what `xindeng lab papers` writes.

Another kind of paper is one function from a sample to files, and one line in WRITERS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from xindeng.intake.debts_template import LANGUAGES, template
from xindeng.kernel.errors import InputError
from xindeng.lab.papers.bills import own_papers
from xindeng.lab.papers.person import Sample, made_up, story
from xindeng.lab.papers.reports import SUFFIXES, write_report

Writer = Callable[[Sample], Mapping[str, bytes]]

_REPORTS: Final = (
    ("simple", "ruled"), ("simple", "text"), ("detailed", "ruled"), ("detailed", "plain"),
    ("detailed", "narrow"), ("detailed", "html"), ("institutional", "json"),
)  # fmt: skip


def reports(sample: Sample) -> dict[str, bytes]:
    """Return the credit report of a sample in the forms and layouts people meet."""
    return {
        f"report-{form}-{layout}.{SUFFIXES.get(layout, 'pdf')}": write_report(sample, form, layout)
        for form, layout in _REPORTS
    }


def bills(sample: Sample) -> dict[str, bytes]:
    """Return the bills, the statement and the table of debts of the same person."""
    return own_papers(sample.person.name, sample.report)


def templates(_: Sample) -> dict[str, bytes]:
    """Return the empty tables of debts to fill in, in both languages."""
    return {f"template-{name}": data for lang in LANGUAGES for name, data in template(lang).items()}


WRITERS: Final[dict[str, Writer]] = {
    "credit report": reports, "bills and debts": bills, "templates": templates
}  # fmt: skip
"""Every kind of paper in a set, by its name."""


def sample_of(*, story_name: str | None, seed: int) -> Sample:
    """Return the person of a story, or one drawn from `seed`; raises InputError."""
    return made_up(seed) if story_name is None else story(story_name)


def write_papers(folder: Path, *, story_name: str | None, seed: int) -> list[Path]:
    """Write the set of a story, or of the person drawn from `seed`; return the files.

    Raises InputError for an unknown story or a folder that cannot be written.
    """
    sample = sample_of(story_name=story_name, seed=seed)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for write in WRITERS.values():
            for name, data in write(sample).items():
                (folder / name).write_bytes(data)
                written.append(folder / name)
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}", where=str(folder), next_step="check the folder"
        ) from error
    return written
