"""Credit reports, as text, JSON and XML: `python -m fuzz.pboc CORPUS -max_total_time=600`.

The input is a list of damages to a made-up report: random bytes alone never look like one. PDFs and
saved pages go through a process of their own (`apart.py` beside the reader): what comes out of it
is rows, which the text forms reach faster.
"""

from __future__ import annotations

from typing import Final

from fuzz.target import main, over_file
from xindeng.intake.pboc.read import read_pboc
from xindeng.kernel.time import zone
from xindeng.lab.papers.person import made_up
from xindeng.lab.papers.reports import LAYOUTS, write_report

SEEDS: Final = [
    write_report(made_up(seed), form, layout)
    for seed in range(8)
    for form, layout in LAYOUTS
    if layout in {"text", "tabs", "json", "xml"}
]
_read = over_file(
    lambda path: read_pboc(path, borrower="b", zone=zone("Asia/Shanghai"), key=None), "report"
)


def damaged(data: bytes) -> bytes:
    """Return the report that the first byte names, with a piece put in for every further eight.

    Of the eight, two say where, one how much is taken out, and five (up to a null byte) are put in.
    """
    whole = bytearray(SEEDS[data[0] % len(SEEDS)] if data else b"")
    for start in range(1, len(data), 8):
        piece = data[start : start + 8]
        at = int.from_bytes(piece[:2], "big") % (len(whole) + 1)
        whole[at : at + (piece[2] if len(piece) > 2 else 0)] = piece[3:].split(b"\0")[0]
    return bytes(whole)


def one_input(data: bytes) -> bool:
    """Read the damaged report; return whether it was understood."""
    return _read(damaged(data))


if __name__ == "__main__":
    main(one_input)
