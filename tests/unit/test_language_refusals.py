"""What the language refuses, where it says so, and that nothing else comes through."""

from __future__ import annotations

import sys
import threading

import pytest

from xindeng.kernel.errors import ExpressionError
from xindeng.language import Column, Kind, parse

SCHEMA = {
    "amount": Column(Kind.BIGINT, 0, 10**11),
    "count": Column(Kind.BIGINT, 0, 100, nullable=False),
    "day_a": Column(Kind.BIGINT, -30_000, 90_000),
    "ratio": Column(Kind.DOUBLE, 0, 10),
    "score_z": Column(Kind.DOUBLE),
    "held": Column(Kind.BOOL),
    "purpose": Column(Kind.TEXT, values=("travel", "medical")),
    "city": Column(Kind.TEXT),
    "unbounded": Column(Kind.BIGINT),
}
PARAMETERS = {"max": Column(Kind.DOUBLE, 0, 1, nullable=False)}

# text, column of the trouble, code
REFUSED = [
    ("", 1, "empty"),
    ("  \n ", 1, "empty"),
    # attempts at code
    ("__import__('os').system('id')", 1, "function"),
    ("__class__", 1, "name"),
    ("amount.__class__", 7, "character"),
    ("count > 0 and exec('x')", 15, "function"),
    ("eval(amount)", 1, "function"),
    ("open('/etc/passwd')", 1, "function"),
    ("lambda: 0", 1, "name"),
    ("count -> count + 1", 8, "syntax"),
    ("[amount for amount in x]", 1, "character"),
    ("{'a': 1}", 1, "character"),
    ("count if held else 1", 7, "name"),
    ("count := 1", 7, "character"),
    ("(yield count)", 2, "name"),
    ("count[0]", 6, "character"),
    ("count.real", 6, "character"),
    ("`id`", 1, "character"),
    ("@count", 1, "character"),
    ("count; DROP TABLE event", 6, "character"),
    ("count\\n", 6, "character"),
    ("%(count)s", 1, "character"),
    ("count\x00", 6, "character"),
    ("ｃｏｕｎｔ > 1", 1, "character"),
    ("count＞1", 6, "character"),
    ("count\u00a0> 1", 6, "character"),
    # attempts at SQL
    ("(SELECT 1)", 2, "name"),
    ("count > (select max(amount) from event)", 10, "name"),
    ("EXISTS(SELECT 1)", 1, "function"),
    ("count IN (SELECT 1)", 11, "name"),
    ("CAST(count AS DOUBLE)", 1, "function"),
    ("count::DOUBLE", 6, "character"),
    ("read_csv('/etc/passwd')", 1, "function"),
    ("getenv('HOME')", 1, "function"),
    ("count -- > 1", 7, "comment"),
    ("count /* hidden */ > 1", 7, "comment"),
    ("purpose || 'x' = 'travel'", 9, "character"),
    ('"count" > 1', 1, "character"),
    ("event.count > 1", 1, "name"),
    ("SUM(amount) OVER ()", 1, "function"),
    ("INTERVAL '1' DAY", 1, "name"),
    ("purpose LIKE 'tr%'", 9, "name"),
    ("count AS x", 7, "name"),
    ("* ", 1, "construct"),
    ("count % 2", 7, "character"),
    ("count // 2 = 1", 8, "syntax"),
    ("count ** 2", 10, "syntax"),
    ("count == 1", 8, "syntax"),
    ("count & 1", 7, "character"),
    ("CASE count WHEN 1 THEN 2 END", 6, "construct"),
    ("count IS TRUE", 1, "construct"),
    ("LN(ratio)", 1, "function"),
    ("EXP(ratio)", 1, "function"),
    ("NOW()", 1, "function"),
    ("RANDOM()", 1, "function"),
    # texts
    ("purpose = 'travel", 11, "text"),
    ("purpose = 'tra''vel'", 11, "text"),
    ("purpose = 'tra\\'vel'", 11, "text"),
    ("purpose = E'travel'", 11, "name"),
    ("purpose = 'tra' 'vel'", 11, "construct"),
    ("purpose = $$travel$$", 11, "character"),
    ("city = 'line\nbreak'", 8, "text"),
    ("purpose = 'travell'", 11, "text_value"),
    ("purpose IN ('travel', 'food')", 23, "text_value"),
    ("purpose = city", 11, "type"),
    ("purpose > 'a'", 1, "type"),
    # numbers
    ("0x10 = count", 1, "number"),
    ("1_000 = count", 1, "number"),
    ("1.5.2", 1, "number"),
    (".5 = ratio", 1, "character"),
    ("5. = ratio", 1, "number"),
    ("1e999 < ratio", 1, "number"),
    ("9007199254740993 = count", 1, "bounds"),
    ("9" * 1000, 1, "bounds"),
    ("amount * amount > 1", 1, "bounds"),
    ("unbounded > 1", 1, "bounds"),
    ("ROUND(score_z) > 1", 1, "bounds"),
    # names
    ("amounts > 1", 1, "name"),
    ("Amount > 1", 1, "name"),
    ("ratio > $maximum", 9, "parameter"),
    ("ratio > $", 9, "character"),
    ("ratio > $ max", 9, "character"),
    ("ratio > max", 9, "name"),
    # types
    ("amount", 1, "type"),
    ("held + 1 > 0", 1, "type"),
    ("count > 'x'", 9, "type"),
    ("count AND held", 1, "type"),
    ("held AND count", 10, "type"),
    ("NOT count", 5, "type"),
    ("held > FALSE", 1, "type"),
    ("ABS(held) > 1", 5, "type"),
    ("0 < count < 5", 1, "type"),
    ("CASE WHEN count THEN 1 ELSE 0 END = 1", 11, "type"),
    ("CASE WHEN count > 1 THEN 1 ELSE 'x' END = 1", 33, "type"),
    ("COALESCE(amount, 'x') = 1", 18, "type"),
    ("CASE WHEN count > 1 THEN NULL ELSE NULL END IS NULL", 26, "type"),
    ("NULLIF(held, TRUE)", 8, "type"),
    # arguments
    ("ROUND(ratio, 2) > 1", 1, "arguments"),
    ("LEAST(count) > 1", 1, "arguments"),
    ("ABS() > 1", 1, "arguments"),
    ("DATE_DIFF('month', day_a, day_a) > 1", 11, "arguments"),
    ("DATE_DIFF('day', ratio, day_a) > 1", 18, "type"),
    ("count IN ()", 1, "syntax"),
    # NULL
    ("amount = NULL", 10, "null"),
    ("NULL", 1, "null"),
    ("COALESCE(amount, NULL) > 1", 18, "null"),
    ("amount NOT NULL", 12, "null"),
    ("CASE WHEN amount > 5 THEN TRUE ELSE FALSE END", 11, "case_null"),
    ("CASE WHEN amount IS NOT NULL THEN held WHEN ratio > 1 THEN TRUE END", 45, "case_null"),
    ("CASE WHEN amount / count > 5 THEN TRUE ELSE FALSE END", 11, "case_null"),
    ("CASE WHEN amount IS NULL THEN TRUE WHEN amount / count > 5 THEN TRUE END", 41, "case_null"),
    # form
    ("count >", 7, "syntax"),
    ("(count > 1", 10, "syntax"),
    ("count > 1)", 10, "syntax"),
    ("count > 1 AND", 11, "syntax"),
    ("count > 1 OR OR held", 14, "syntax"),
    ("CASE WHEN held THEN 1", 21, "syntax"),
    ("count BETWEEN 1", 15, "syntax"),
    ("count count", 1, "construct"),
    ("(count, count)", 2, "construct"),
    # size
    ("(" * 33 + "held" + ")" * 33, 33, "too_deep"),
    ("NOT " * 33 + "held", 129, "too_deep"),
    ("-" + " -" * 40 + "1", 65, "too_deep"),
    ("ABS(" * 33 + "count" + ")" * 33, 132, "too_deep"),
    ("CASE WHEN held THEN " * 33, 641, "too_deep"),
    ("1" + "+1" * 900 + " > 0", 1, "too_deep"),
    ("count > 1 AND " * 150 + "held", 2001, "too_long"),
    ("ROUND(LEAST(ratio, 2) / 2 + " * 8 + "ratio" + ")" * 8 + " > 1", 1, "too_large"),
]


@pytest.mark.parametrize(("text", "column", "code"), REFUSED, ids=lambda case: repr(case)[:40])
def test_refused_at_its_column(text, column, code):
    with pytest.raises(ExpressionError) as caught:
        parse(text, SCHEMA, PARAMETERS, expect=Kind.BOOL, where="areas/debt.yaml:3")
    error = caught.value
    assert (error.code, error.column) == (f"expression.{code}", column), str(error)
    assert error.next_step
    assert str(error).startswith(f"areas/debt.yaml:3, column {column}: ")


def test_near_misses_are_named():
    for text, hint in (
        ("amuont > 1", "did you mean amount?"),
        ("ratio > $maxi", "did you mean $max?"),
        ("COALESC(amount, 1) > 1", "did you mean COALESCE?"),
        ("purpose = 'travell'", "did you mean 'travel'?"),
    ):
        with pytest.raises(ExpressionError) as caught:
            parse(text, SCHEMA, PARAMETERS)
        assert hint in caught.value.next_step


def test_a_callers_own_stack_does_not_matter():
    """Brackets at the limit still read near the end of the interpreter's stack."""
    text = "(" * 32 + "held" + ")" * 32

    def dive(left: int) -> None:
        if left:
            dive(left - 1)
        else:
            parse(text, SCHEMA)

    thread = threading.Thread(target=lambda: dive(sys.getrecursionlimit() - 250))
    thread.start()
    thread.join()
    dive(sys.getrecursionlimit() - 400)


def test_every_python_and_sql_word_is_a_harmless_name():
    import keyword

    sql = (
        "select from where order group limit table union interval date time timestamp left right"
        " values v0 p0 d0 t1 fired missing run abs floor least round day exists any all now"
    )
    words = {word for word in keyword.kwlist if word.islower()} | set(sql.split())
    words -= {"and", "or", "not", "in", "is"} | {"else", "case", "true", "false"}
    schema = {word: Column(Kind.BIGINT, 0, 5, nullable=False) for word in words}
    from xindeng.language import compile_python, to_sql

    for word in sorted(words):
        expression = parse(f"{word} + 1", schema)
        assert compile_python(expression, [word])([3], ()) == 4
        assert to_sql(expression).startswith(f'(CAST("{word}" AS BIGINT)')
