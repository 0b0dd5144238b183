"""Fuzz the credit-report reader: text, JSON and XML; see README.md beside this file.

PDFs and saved pages go through a process of their own (`apart.py` beside the reader): what comes
out of it is rows, which the text forms reach faster.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from xindeng.intake.pboc.read import read_pboc
    from xindeng.kernel.errors import ImportFileError
    from xindeng.kernel.time import zone
    from xindeng.lab.papers.person import made_up
    from xindeng.lab.papers.reports import LAYOUTS, write_report

SHANGHAI = zone("Asia/Shanghai")
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-pboc-"))
SEEDS = [
    write_report(made_up(seed), form, layout)
    for seed in range(8)
    for form, layout in LAYOUTS
    if layout in {"text", "tabs", "json", "xml"}
]


def one_input(data: bytes) -> None:
    """Put damaged pieces into a made-up report, and read it."""
    source = atheris.FuzzedDataProvider(data)
    whole = bytearray(SEEDS[source.ConsumeIntInRange(0, len(SEEDS) - 1)])
    for _ in range(source.ConsumeIntInRange(0, 8)):
        at = source.ConsumeIntInRange(0, len(whole))
        end = min(len(whole), at + source.ConsumeIntInRange(0, 40))
        whole[at:end] = source.ConsumeBytes(source.ConsumeIntInRange(0, 20))
    path = FOLDER / "report"
    path.write_bytes(bytes(whole))
    try:
        read_pboc(path, borrower="b", zone=SHANGHAI, key=None)
    except ImportFileError as error:
        assert error.where and error.next_step


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
