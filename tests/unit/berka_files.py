"""A small synthetic folder in the layout of the Berka tables, for the tests of import and study."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def transaction(number: int, owner: int, day: str, amount: float, **more: Any) -> dict[str, Any]:
    """A credit of `amount`, or a withdrawal when it is negative; balance is left for `folder`."""
    return {
        "trans_id": number, "account_id": owner, "date": datetime.fromisoformat(day),
        "type": "credit" if amount > 0 else "withdrawal",
        "operation": more.get("operation", "credit in cash" if amount > 0 else "withdrawal in cash"),
        "amount": abs(amount), "balance": more.get("balance", 0.0),
        "k_symbol": more.get("k_symbol"), "bank": more.get("bank"), "account": more.get("account"),
    }  # fmt: skip


def loan(number: int, account: int, day: str, **more: Any) -> dict[str, Any]:
    """A loan of 12,000 CZK over 12 months, ended well, unless `more` says otherwise."""
    base = {"loan_id": number, "account_id": account, "date": datetime.fromisoformat(day),
            "amount": 12_000, "duration": 12, "payments": 1000.0, "status": "A", "bad": 0,
            "has_preloan_trans": 1}  # fmt: skip
    return {**base, **more}


def folder(path: Path, transactions: list[dict[str, Any]], loans: list[dict[str, Any]]) -> Path:
    """Write the five tables; balances that are not given follow from the amounts in order."""
    accounts = sorted({t["account_id"] for t in transactions} | {x["account_id"] for x in loans})
    balances = dict.fromkeys(accounts, 0.0)
    for row in transactions:
        signed = row["amount"] if row["type"] == "credit" else -row["amount"]
        balances[row["account_id"]] += signed
        row["balance"] = row["balance"] or balances[row["account_id"]]
    first = datetime(1993, 1, 1)  # noqa: DTZ001
    tables = {
        "account": [{"account_id": a, "date": first} for a in accounts],
        "client": [{"client_id": a, "birth_date": first - timedelta(days=9000)} for a in accounts],
        "disp": [{"client_id": a, "account_id": a, "type": "OWNER"} for a in accounts],
        "loan": loans,
        "trans": transactions,
    }
    path.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows), path / f"{name}.parquet")
    return path
