"""What the terminal shows: nothing cropped at any width, no character turned into a picture."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from xindeng.cli import output, render
from xindeng.decision.answer import Light
from xindeng.decision.explanation import Explanation, LightRow
from xindeng.kernel.errors import ImportFileError

LEAD = (
    "The platform has paused new draws for now; this is the platform's choice, no fault of yours."
)


def explanation() -> Explanation:
    return Explanation(audience="borrower", lang="en", headline="Please try again later.",
                       lead=(LEAD,), figures=(), gate="", lights=(), reasons=(), when=(),
                       notices=("Repayments go on as usual.",), routes=())  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_most_important_sentence_is_never_cropped(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=width, soft_wrap=True, emoji=False, highlight=False)
    monkeypatch.setattr(render, "out", console)
    render.print_explanation(explanation())
    words = stream.getvalue().replace("│", " ").split()
    assert " ".join(LEAD.split()) in " ".join(words)
    assert max(len(line) for line in stream.getvalue().splitlines()) <= width


def test_line_100_stays_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    error = ImportFileError(
        "amount is negative", where="big.ndjson:100: payment", next_step="mend it"
    )
    output.report(error, as_json=False)
    assert "big.ndjson:100: payment" in capsys.readouterr().err


@pytest.mark.parametrize("width", [30, 40, 60, 120])
def test_no_light_is_cropped(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    rows = tuple(
        LightRow(area=area, title=title, light=Light.GREEN, word="正常")
        for area, title in (("bureau", "征信记录"), ("applications", "近期借款申请"),
                            ("debt", "负债与收入"), ("line", "额度状态"))
    )  # fmt: skip
    stream = io.StringIO()
    console = Console(file=stream, width=width, soft_wrap=True, emoji=False, highlight=False)
    monkeypatch.setattr(render, "out", console)
    render.print_explanation(msgspec.structs.replace(explanation(), lights=rows))
    assert all(f"{row.title} 正常" in stream.getvalue() for row in rows)
