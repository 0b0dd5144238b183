"""Bank statements by ready mappings, CSV or XLSX: `python -m fuzz.statement CORPUS`."""

from __future__ import annotations

from fuzz.target import main, over_file
from xindeng.intake.statement import read_statement
from xindeng.kernel.time import zone

one_input = over_file(
    lambda path: read_statement(path, borrower="b", zone=zone("Asia/Shanghai")),
    "bill.csv",
)

if __name__ == "__main__":
    main(one_input)
