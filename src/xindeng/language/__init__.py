"""The expression language: text → checked tree → Python, DuckDB and Spark SQL, equal
bit for bit.

`parse` checks a text against a schema; `compile_program` turns a whole set into one Python
function; `to_sql` writes the same for history; `polarity` proves which way it moves.
"""

from xindeng.language.dialect import DUCKDB, SPARK, Dialect
from xindeng.language.expression import Expression, parse
from xindeng.language.polarity import Polarity, polarity
from xindeng.language.program import Program, compile_program, compile_python
from xindeng.language.sql import Given, Spelled, quote, to_sql
from xindeng.language.tokens import KEYWORDS
from xindeng.language.types import EXACT, NAME, Column, Kind, Schema, Value

__all__ = [
    "DUCKDB",
    "EXACT",
    "KEYWORDS",
    "NAME",
    "SPARK",
    "Column",
    "Dialect",
    "Expression",
    "Given",
    "Kind",
    "Polarity",
    "Program",
    "Schema",
    "Spelled",
    "Value",
    "compile_program",
    "compile_python",
    "parse",
    "polarity",
    "quote",
    "to_sql",
]
