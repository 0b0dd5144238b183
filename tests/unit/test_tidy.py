"""The house style, kept by a test: lengths, docstrings, unused files, clean text.

Each check is a function over (path, text), so that the last tests can plant a fault and see it caught.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "xindeng"

MEDIAN_FILE, P90_FILE, LONGEST_FILE, LONGEST_FUNCTION = 150, 400, 500, 70

# Words that would tell of somebody's machine or of work left undone.
FORBIDDEN = re.compile(
    r"(?<![\w.])/(?:work|root|home)/|--(?:extra-)?index-url|\b(?:TO"
    + r"DO|FIX"
    + r"ME|X"
    + r"XX)\b"
    r"|NotImplemented" + r"Error"
)


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [path for line in listing if (path := ROOT / line).is_file()]


def source_files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def long_functions(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{node.name} has {length} lines"


def bare_publics(text: str) -> Iterator[str]:
    """Public modules, classes and functions without a docstring of at least three words."""
    tree = ast.parse(text)

    def bare(node: ast.Module | ast.FunctionDef | ast.ClassDef) -> bool:
        return len((ast.get_docstring(node) or "").split()) < 3

    if bare(tree):
        yield "the module"
    for node in tree.body:
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if named and not node.name.startswith("_") and bare(node):
            yield node.name


def stray_words(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if FORBIDDEN.search(line):
            yield f"line {number}: {line.strip()[:80]}"


def imported_modules() -> set[str]:
    names: set[str] = set()
    for path in [
        *source_files(),
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / "benchmarks").glob("*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
                names.update(f"{node.module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                # Commands are named as module:attribute and imported when they are called for.
                names.update(re.findall(r"^(xindeng(?:\.\w+)+):\w+$", node.value))
    return names


def test_files_are_short() -> None:
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in source_files())
    longest = {
        str(path.relative_to(ROOT)): count
        for path in source_files()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not longest, f"split these by meaning: {longest}"
    assert statistics.median(lengths) <= MEDIAN_FILE
    assert lengths[int(len(lengths) * 0.9)] <= P90_FILE


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_functions_are_short_and_public_things_are_described(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not list(long_functions(text))
    assert not list(bare_publics(text))


def test_no_source_file_is_unused() -> None:
    used = imported_modules()
    entry_points = {"xindeng", "xindeng.__main__"}
    for path in source_files():
        parts = ("xindeng", *path.relative_to(SOURCE).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if "migrations" in parts or name in entry_points:
            continue  # Alembic loads migrations by path
        assert any(u == name or u.startswith(name + ".") for u in used), f"nothing imports {name}"


def test_text_is_clean() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".py", ".md", ".yaml", ".toml", ".in", ".txt", ".ini", ".sh"}:
            if path == Path(__file__):
                continue
            found += [
                f"{path.relative_to(ROOT)} {hit}"
                for hit in stray_words(path.read_text(encoding="utf-8"))
            ]
    assert not found, "\n".join(found)


def test_no_large_file_is_tracked() -> None:
    large = [str(p.relative_to(ROOT)) for p in tracked() if p.stat().st_size > 400_000]
    assert not large


def test_planted_faults_are_caught() -> None:
    body = "\n".join(f"    x = {n}" for n in range(LONGEST_FUNCTION + 1))
    assert list(long_functions(f"def f():\n{body}\n"))
    assert list(bare_publics('"""A module of some kind."""\ndef public():\n    return 1\n'))
    assert list(stray_words("see /" + "work/main"))
    assert not list(stray_words("docs/work/notes and homework"))
