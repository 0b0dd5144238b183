"""Conditions and derived features: `python -m fuzz.expression CORPUS -max_total_time=600`."""

from __future__ import annotations

from fuzz.target import main
from xindeng.kernel.errors import ExpressionError
from xindeng.language import DUCKDB, SPARK, Column, Kind, compile_python, parse, to_sql

COLUMNS = {
    "amount": Column(Kind.BIGINT, 0, 10**11),
    "count": Column(Kind.BIGINT, 0, 100, nullable=False),
    "ratio": Column(Kind.DOUBLE, 0, 10),
    "held": Column(Kind.BOOL),
    "purpose": Column(Kind.TEXT, values=("travel", "medical")),
}
PARAMETERS = {"max": Column(Kind.DOUBLE, 0, 1, nullable=False)}


def one_input(data: bytes) -> bool:
    """Parse a text; whether it was understood. What is understood compiles for every engine."""
    try:
        node = parse(data.decode("utf-8", "replace"), COLUMNS, PARAMETERS)
    except ExpressionError as error:
        assert error.column >= 1 and error.code
        return False
    compile_python(node, tuple(COLUMNS), tuple(PARAMETERS))
    for dialect in (DUCKDB, SPARK):
        to_sql(node, parameters={"max": 0.5}, dialect=dialect)
    return True


if __name__ == "__main__":
    main(one_input)
