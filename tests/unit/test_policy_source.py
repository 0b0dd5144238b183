"""Strict YAML: every refusal names its line, and a small file stays small."""

from __future__ import annotations

import pytest

from xindeng.kernel.errors import Problem
from xindeng.policy.source import MAX_FILE_BYTES, MAX_FILES, Items, Table, read_yaml, too_many


def read(text: str | bytes):
    problems: list[Problem] = []
    data = text if isinstance(text, bytes) else text.encode()
    return read_yaml("a.yaml", data, problems), problems


def test_values_and_their_lines():
    value, problems = read(
        "# comment\n"
        "on: 2026-11-01\n"
        "yes: no\n"
        "flag: true\n"
        "list:\n"
        "  - 1\n"
        "  - {a: -0.5, b: 1e3}\n"
        'text: "7"\n'
        "empty:\n"
        "folded: >\n"
        "  two\n"
        "  lines\n"
    )
    assert problems == []
    assert value == {
        "on": "2026-11-01", "yes": "no", "flag": True, "list": [1, {"a": -0.5, "b": 1000.0}],
        "text": "7", "empty": None, "folded": "two lines\n",
    }  # fmt: skip
    assert isinstance(value, Table)
    assert value.lines == {
        "on": 2,
        "yes": 3,
        "flag": 4,
        "list": 5,
        "text": 8,
        "empty": 9,
        "folded": 10,
    }
    assert isinstance(value["list"], Items)
    assert value["list"].lines == [6, 7]
    assert value["list"][1].at("b") == 7


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "yaml.duplicate_key", 3),
        ("a: {b: 1, b: 2}\n", "yaml.duplicate_key", 1),
        ("a: &x [1]\n", "yaml.alias", 1),
        ("a: 1\nb: *x\n", "yaml.alias", 2),
        ("a:\n  <<: {b: 1}\n", "yaml.alias", 2),
        ("a: !!python/object:os.system x\n", "yaml.tag", 1),
        ("a: !!str 3\n", "yaml.tag", 1),
        ("a: 1\n---\nb: 2\n", "yaml.documents", 2),
        ("just words\n", "yaml.shape", 1),
        ("a: [1, 2\nb: 3\n", "yaml.syntax", 2),
        ("a: 1\n b: 2\n", "yaml.syntax", 2),
        ("? [1, 2]\n: x\n", "yaml.key", 1),
        ("a:\n" + "".join("  " * i + "- \n" for i in range(1, 20)), "yaml.depth", 14),
        (b"a: 1\nb: \xff\n", "yaml.encoding", 2),
        (b"a: \x00\n", "yaml.syntax", 1),
        (b"#" * (MAX_FILE_BYTES + 1), "yaml.too_large", 1),
    ],
)
def test_refusals(text, code, line):
    value, problems = read(text)
    assert value is None
    assert [(p.path, p.line, p.code) for p in problems] == [("a.yaml", line, code)]
    assert problems[0].next_step


def test_what_is_no_finite_number_stays_a_word():
    value, problems = read("a: 1e400\nb: .nan\nc: .inf\nd: 12345678901234567890\n")
    assert problems == []
    assert value == {"a": "1e400", "b": ".nan", "c": ".inf", "d": "12345678901234567890"}


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor():
    bomb = 'a: &a ["x", "x"]\n' + "".join(
        f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    value, problems = read(bomb)
    assert value is None
    assert [(p.line, p.code) for p in problems] == [(1, "yaml.alias")]


def test_deep_nesting_does_not_exhaust_the_stack():
    value, problems = read("a: " + "[" * 5000)
    assert value is None
    assert problems[0].code == "yaml.depth"


def test_an_empty_file_is_an_empty_mapping():
    assert read("# nothing\n") == ({}, [])


def test_too_many_files():
    assert too_many({str(i): b"" for i in range(MAX_FILES)}) is None
    problem = too_many({str(i): b"" for i in range(MAX_FILES + 1)})
    assert problem is not None
    assert problem.code == "bundle.files"


def test_what_one_reader_changes_no_other_sees():
    text = "list:\n  - {a: 1}\n"
    mine, _ = read(text)
    mine["list"][0]["a"] = 2
    mine["list"].lines.clear()
    mine["more"] = mine.lines.pop("list")
    again, problems = read(text)
    assert (again, again.lines, again["list"].lines) == ({"list": [{"a": 1}]}, {"list": 1}, [2])
    assert (again["list"].line, again["list"][0].line, again["list"][0].lines) == (2, 2, {"a": 2})
    assert problems == []


def test_what_is_refused_is_refused_each_time_where_it_stands():
    for path in ("a.yaml", "b.yaml"):
        problems: list[Problem] = []
        assert read_yaml(path, b"a: &x 1\n", problems) is None
        assert [(one.path, one.line, one.code) for one in problems] == [(path, 1, "yaml.alias")]
