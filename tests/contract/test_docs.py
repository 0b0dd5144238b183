"""The pages say what the code does: words, examples, messages and links."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import duckdb
import msgspec
import pytest

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.read import read_event
from xindeng.features import book as feature_book
from xindeng.features import load_book
from xindeng.features.algebra import Op
from xindeng.kernel.errors import ExpressionError, Problem
from xindeng.kernel.time import zone
from xindeng.language import Column, Expression, Kind, compile_python, parse, to_sql
from xindeng.language.tokens import FUNCTIONS, KEYWORDS
from xindeng.policy.source import read_yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LANGUAGE = (DOCS / "reference/language.md").read_text(encoding="utf-8")
FEATURES = (DOCS / "reference/features.md").read_text(encoding="utf-8")
EVENTS = (DOCS / "reference/events.md").read_text(encoding="utf-8")
HOW_TO_FEATURE = (DOCS / "how-to/add-a-feature.md").read_text(encoding="utf-8")


def tables(page: str, first: str) -> list[list[str]]:
    """The rows of every table whose first heading is `first`, code marks taken off."""
    rows: list[list[str]] = []
    inside = False
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells:
            inside = False
        elif cells[0] == first:
            inside = True
        elif inside and set(line) - set("|-"):
            rows.append([cell.strip("`") for cell in cells])
    return rows


def value(text: str) -> object:
    if text in ("NULL", "TRUE", "FALSE"):
        return {"NULL": None, "TRUE": True, "FALSE": False}[text]
    if text.startswith("'"):
        return text.strip("'")
    return float(text) if re.search(r"[.e]", text) else int(text)


def sample() -> tuple[dict[str, Column], dict[str, Column], dict[str, object]]:
    """The columns and parameters of the examples, and the values of their row."""
    columns: dict[str, Column] = {}
    parameters: dict[str, Column] = {}
    row: dict[str, object] = {}
    for name, kind, holds, null, given in tables(LANGUAGE, "name"):
        low = high = None
        values: tuple[str, ...] = ()
        if "…" in holds:
            low, high = (int(bound) for bound in holds.split(" … "))
        elif holds != "any":
            values = tuple(holds.split(", "))
        column = Column(Kind(kind), low, high, values, nullable=null == "may be")
        (parameters if name.startswith("$") else columns)[name.removeprefix("$")] = column
        row[name] = value(given)
    return columns, parameters, row


COLUMNS, PARAMETERS, ROW = sample()


def in_duckdb(expression: Expression) -> object:
    cells = {name: ROW[name] for name in COLUMNS}
    given = {name: ROW[f"${name}"] for name in PARAMETERS}
    places = ", ".join(f'? AS "{name}"' for name in cells)
    sql = to_sql(expression, parameters=given)  # type: ignore[arg-type]
    found = duckdb.execute(f"SELECT {sql} FROM (SELECT {places})", list(cells.values())).fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("text", "kind", "expected"), tables(LANGUAGE, "ok"), ids=lambda cell: str(cell)[:40]
)
def test_an_accepted_example_has_its_value(text: str, kind: str, expected: str) -> None:
    expression = parse(text, COLUMNS, PARAMETERS)
    assert expression.kind == kind
    run = compile_python(expression, list(COLUMNS), list(PARAMETERS))
    cells = [ROW[name] for name in COLUMNS]
    assert repr(run(cells, [ROW[f"${name}"] for name in PARAMETERS])) == repr(value(expected))  # type: ignore[arg-type, misc]
    assert repr(in_duckdb(expression)) == repr(value(expected))


@pytest.mark.parametrize(
    ("text", "column", "code", "message"),
    tables(LANGUAGE, "refused"),
    ids=lambda cell: str(cell)[:40],
)
def test_a_refused_example_is_refused(text: str, column: str, code: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, COLUMNS, PARAMETERS)
    error = caught.value
    assert (str(error.column), error.code) == (column, code)
    assert f"{error.what} → {error.next_step}" == message


def test_the_examples_are_many_and_read_right() -> None:
    assert len(tables(LANGUAGE, "ok")) > 40 and len(tables(LANGUAGE, "refused")) > 30
    assert "|" not in "".join(row[0] for row in tables(LANGUAGE, "refused"))


def test_every_word_of_the_language_is_on_its_page() -> None:
    words = [*(word.upper() for word in KEYWORDS | FUNCTIONS), *Kind]
    assert [word for word in words if not re.search(rf"\b{word}\b", LANGUAGE)] == []
    sources = (ROOT / "src/xindeng/language").glob("*.py")
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    codes = set(re.findall(r'"expression\.([a-z_]+)"', code))
    codes |= set(re.findall(r'refuse(?:_name)?\(\s*[\w.\[\]]+(?: \+ 1)?,\s*"([a-z_]+)"', code))
    assert len(codes) > 15
    assert sorted(name for name in codes if f"`expression.{name}`" not in LANGUAGE) == []


def test_every_part_of_the_book_is_on_its_page() -> None:
    forms = ["share", "top_share", "hours_since", "days_since"]
    hot = [name for name, entry in CATALOGUE.items() if entry.hot]
    words = [*Op, *feature_book._KEYS, *forms, *hot, "derive"]
    assert [word for word in words if not re.search(rf"`{word}[`(]", FEATURES)] == []
    sources = (ROOT / "src/xindeng/features").glob("*.py")
    codes = set(re.findall(r'"(feature\.[a-z_]+)"', "".join(p.read_text() for p in sources)))
    assert codes and sorted(code for code in codes if f"`{code}`" not in FEATURES) == []


def test_the_examples_of_the_book_are_read() -> None:
    features = [*block_of(FEATURES), *block_of(HOW_TO_FEATURE)]
    spec = {}
    for line in features:
        problems: list[Problem] = []
        read = read_yaml("features.yaml", line.encode(), problems)
        assert isinstance(read, dict) and not problems, line
        spec.update(read)
    assert len(load_book(spec).base) >= 7


def block_of(page: str) -> list[str]:
    """The lines of the YAML blocks of a page."""
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_every_event_type_has_its_line() -> None:
    listed = {row[0]: row[1] for row in tables(EVENTS, "type") if len(row) == 3}
    assert sorted(set(CATALOGUE) - set(listed)) == []
    assert sorted(set(listed) - set(CATALOGUE)) == []
    hot = {name for name, mark in listed.items() if mark == "hot"}
    assert hot == {name for name, entry in CATALOGUE.items() if entry.hot}


def test_the_example_event_is_an_event() -> None:
    for block in re.findall(r"```json\n(.*?)```", EVENTS, re.DOTALL):
        raw = msgspec.json.decode(block)
        assert read_event(raw, received_at=0, zone=zone("Asia/Shanghai")).id == raw["id"]


def markdown() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [ROOT / name for name in listing if (ROOT / name).is_file()]


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as code hosts spell them."""
    heads = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", markdown(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        page = (path.parent / name).resolve() if name else path
        assert page.exists() and page.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(page.read_text(encoding="utf-8")), target


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in (DOCS / "decisions").glob("[0-9]*.md")]
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]
