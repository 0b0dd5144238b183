"""Alipay bills, CSV or XLSX: `python -m fuzz.alipay CORPUS -max_total_time=600`."""

from __future__ import annotations

from fuzz.target import main, over_file
from xindeng.intake.alipay import read_alipay
from xindeng.kernel.time import zone

one_input = over_file(
    lambda path: read_alipay(path, borrower="b", zone=zone("Asia/Shanghai")),
    "bill.csv",
)

if __name__ == "__main__":
    main(one_input)
