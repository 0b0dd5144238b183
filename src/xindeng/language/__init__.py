"""The expression language: a small, typed, whitelisted subset of SQL expressions.

`parse` checks a text against a schema; `compile_program` makes one Python function of many
checked expressions; `to_duckdb` gives the same meaning to history. NULL never becomes TRUE.
"""

from xindeng.language.duckdb import quote, to_duckdb
from xindeng.language.expression import Expression, parse
from xindeng.language.polarity import Polarity, polarity
from xindeng.language.program import Program, compile_program, compile_python
from xindeng.language.types import EXACT, Column, Kind, Schema, Value

__all__ = [
    "EXACT",
    "Column",
    "Expression",
    "Kind",
    "Polarity",
    "Program",
    "Schema",
    "Value",
    "compile_program",
    "compile_python",
    "parse",
    "polarity",
    "quote",
    "to_duckdb",
]
