"""Tables of debts, CSV or XLSX: `python -m fuzz.debts CORPUS -max_total_time=600`."""

from __future__ import annotations

from fuzz.target import main, over_file
from xindeng.intake.debts_table import read_debts
from xindeng.kernel.time import zone

one_input = over_file(
    lambda path: read_debts(path, zone=zone("Asia/Shanghai"), now=1_789_000_000_000_000),
    "debts.csv",
)

if __name__ == "__main__":
    main(one_input)
