"""What is said to whoever sends papers on a page, where a refusal speaks of commands and options.

Importers speak to somebody at a terminal. English text → what is said instead of papers that were
sent; its Chinese stands in `refusal_words` like that of any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENT: Final[Mapping[str, str]] = {
    "a PDF, not a table (a credit report is handed in with --report)":
        "a PDF, not a table (a credit report has a field of its own)",
    "hand in the export of Alipay or WeChat Pay, or of a bank, as it came; for a bank that is not "
    "known write a mapping (--mapping)":
        "hand in the export of Alipay or WeChat Pay, or of a bank, as it came; the tables of some "
        "banks are not known here, and Alipay or WeChat bills will do instead",
    "export the statement again, or write a mapping file for it (docs/how-to)":
        "export the statement again, or hand in Alipay or WeChat bills instead",
    "fill in a template; `xindeng checkup --template DIR` writes one":
        "write one debt a row below these headings: lender, kind, balance, monthly due",
    "check the file, or give the day with --on":
        "check that the file is the report as downloaded, unchanged",
    "give --bills, --report or --debts; `xindeng lab papers DIR` makes samples":
        "send at least one paper, or say what you earn",
}  # fmt: skip
