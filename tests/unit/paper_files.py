"""Small papers for tests: the same table as CSV in any encoding, or as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

ALIPAY = ("交易时间", "交易分类", "交易对方", "对方账号", "商品说明", "收/支", "金额", "收/付款方式",
          "交易状态", "交易订单号", "商家订单号", "备注")  # fmt: skip
WECHAT = ("交易时间", "交易类型", "交易对方", "商品", "收/支", "金额(元)", "支付方式", "当前状态",
          "交易单号", "商户单号", "备注")  # fmt: skip
DEBTS = ("贷款机构", "种类", "剩余本金", "年利率", "日利率", "每月应还", "还款日", "剩余期数",
         "提前还款费率", "有无借据")  # fmt: skip


def csv_file(
    path: Path, *rows: Sequence[object], encoding: str = "utf-8", delimiter: str = ","
) -> Path:
    text = "\n".join(delimiter.join(map(str, row)) for row in rows) + "\n"
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, *rows: Sequence[Any], title: str = "明细") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path
