"""WeChat Pay bills, CSV or XLSX: `python -m fuzz.wechat CORPUS -max_total_time=600`."""

from __future__ import annotations

from fuzz.target import main, over_file
from xindeng.intake.wechat import read_wechat
from xindeng.kernel.time import zone

one_input = over_file(
    lambda path: read_wechat(path, borrower="b", zone=zone("Asia/Shanghai")),
    "bill.csv",
)

if __name__ == "__main__":
    main(one_input)
