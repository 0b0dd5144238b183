"""Strict YAML with positions: plain values whose mappings and lists know the line of each entry.

Read from the event stream, so that anchors, aliases, tags and duplicate keys are refused before
anything is built, and a small file cannot grow into a large one. Scalars follow YAML 1.2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from xindeng.kernel.errors import Problem

MAX_FILES: Final = 200
MAX_FILE_BYTES: Final = 512 * 1024
MAX_DEPTH: Final = 12
_REMEMBERED: Final = 256
_SHORT: Final = 64 * 1024
"""Up to so many files of so many bytes are read once: drafts differ from the version in force in a
file or two, and reading a whole bundle takes a second."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?")
_CONSTANTS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}

Scalar = str | int | float | bool | None


class Table(dict[str, Any]):
    """A YAML mapping; `line` is where it begins, `lines[key]` where each key stands (1-based)."""

    def __init__(self, line: int = 1) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def at(self, key: str) -> int:
        """Return the line of a key, or of the mapping if the key is absent."""
        return self.lines.get(key, self.line)


class Items(list[Any]):
    """A YAML list; `lines[i]` is where item i stands (1-based)."""

    def __init__(self, line: int = 1) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


class _Refused(Exception):
    """Carries one problem out of the recursive descent."""

    def __init__(self, line: int, code: str, what: str, next_step: str) -> None:
        super().__init__(what)
        self.line, self.code, self.what, self.next_step = line, code, what, next_step


def read_yaml(path: str, data: bytes, problems: list[Problem]) -> Table | Items | None:
    """Return the file's mapping or list, or None after adding a problem to `problems`."""
    try:
        return _copied(_read_once(data)) if len(data) <= _SHORT else _read(data)
    except _Refused as refused:
        problems.append(Problem(path, refused.line, refused.code, refused.what, refused.next_step))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(error.problem or error.context or "cannot be read").split())
        line = mark.line + 1 if mark else 1
        problems.append(Problem(path, line, "yaml.syntax", what, "check indentation and quotes"))
    except YAMLError as error:
        what = " ".join(str(error).split())[:120]
        problems.append(Problem(path, 1, "yaml.syntax", what, "save the file as plain UTF-8 text"))
    return None


@lru_cache(maxsize=_REMEMBERED)
def _read_once(data: bytes) -> Table | Items:
    return _read(data)


def _copied(found: Any) -> Any:
    """Return what was read as if it were read again: whoever changes it changes their own."""
    if isinstance(found, Table):
        table = Table(found.line)
        table.lines = dict(found.lines)
        table.update((key, _copied(value)) for key, value in found.items())
        return table
    if isinstance(found, Items):
        items = Items(found.line)
        items.lines = list(found.lines)
        items.extend(_copied(value) for value in found)
        return items
    return found


def _read(data: bytes) -> Table | Items:
    if len(data) > MAX_FILE_BYTES:
        raise _Refused(
            1,
            "yaml.too_large",
            f"{len(data):,} bytes, the limit is {MAX_FILE_BYTES:,}",
            "split the file by subject",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Refused(line, "yaml.encoding", "not UTF-8", "save the file as UTF-8") from error
    # The pure parser, so that every machine accepts exactly the same bundles.
    events = YAML(typ="safe", pure=True).parse(text)
    root: Table | Items | None = None
    for event in events:
        if isinstance(event, DocumentStartEvent) and root is not None:
            raise _Refused(
                _line(event), "yaml.documents", "a second document", "keep one document a file"
            )
        if isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent | AliasEvent):
            value = _value(event, events, 0)
            if not isinstance(value, Table | Items):
                raise _Refused(
                    _line(event),
                    "yaml.shape",
                    "neither a mapping nor a list",
                    "begin with `name:` or `- `",
                )
            root = value
    return Table() if root is None else root


def _value(event: Any, events: Iterator[Any], depth: int) -> Any:
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        raise _Refused(
            _line(event),
            "yaml.alias",
            "anchors and aliases are not accepted",
            "write the value out in both places",
        )
    if getattr(event, "tag", None) not in (None, "!") or depth > MAX_DEPTH:
        if depth > MAX_DEPTH:
            raise _Refused(
                _line(event), "yaml.depth", f"nested deeper than {MAX_DEPTH}", "flatten it"
            )
        raise _Refused(
            _line(event), "yaml.tag", f"the tag {event.tag} is not accepted", "remove the tag"
        )
    if isinstance(event, MappingStartEvent):
        return _table(event, events, depth)
    if isinstance(event, SequenceStartEvent):
        items = Items(_line(event))
        for inner in events:
            if isinstance(inner, SequenceEndEvent):
                return items
            items.lines.append(_line(inner))
            items.append(_value(inner, events, depth + 1))
    return _scalar(event)


def _table(event: Any, events: Iterator[Any], depth: int) -> Table:
    table = Table(_line(event))
    for key_event in events:
        if isinstance(key_event, MappingEndEvent):
            return table
        line = _line(key_event)
        if not isinstance(key_event, ScalarEvent):
            raise _Refused(line, "yaml.key", "a key must be a word", "write `name: value`")
        key = key_event.value
        _value(key_event, events, depth + 1)
        if key == "<<":
            raise _Refused(line, "yaml.alias", "merge keys are not accepted", "write it out")
        if key in table.lines:
            raise _Refused(
                line,
                "yaml.duplicate_key",
                f"{key!r} stands twice (first on line {table.lines[key]})",
                "remove one of them",
            )
        table.lines[key] = line
        table[key] = _value(next(events), events, depth + 1)
    return table


def _scalar(event: Any) -> Scalar:
    text: str = event.value
    if event.style is not None:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    number = float(text) if _FLOAT.fullmatch(text) else math.inf
    return number if math.isfinite(number) else text


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def too_many(files: Mapping[str, bytes]) -> Problem | None:
    """Return the problem of a bundle with more files than MAX_FILES."""
    if len(files) <= MAX_FILES:
        return None
    return Problem(
        "policy.yaml",
        1,
        "bundle.files",
        f"{len(files)} files, the limit is {MAX_FILES}",
        "put parameters of one subject into one file",
    )
