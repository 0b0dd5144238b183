"""Reads policy bundles from a folder, or one that ships with xindeng by its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Final

from xindeng.kernel.errors import NotFoundError, PolicyError
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy
from xindeng.policy.source import MAX_FILE_BYTES, MAX_FILES

_SUFFIXES: Final = frozenset({".yaml", ".yml"})


def read_bundle(path_or_name: str | Path) -> dict[str, bytes]:
    """Return path → content of every YAML file of a bundle, paths relative with `/`.

    A shipped policy is found by its name (`consumer_line`), any other by its folder. Raises
    NotFoundError if there is no such folder or it holds no policy.yaml.
    """
    folder = _folder(path_or_name)
    found: dict[str, bytes] = {}
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        hidden = any(part.startswith(".") for part in relative.parts)
        if hidden or file.suffix not in _SUFFIXES or not file.is_file():
            continue
        with file.open("rb") as stream:
            # One byte more than the limit is enough for the check to say that it is too large.
            found[relative.as_posix()] = stream.read(MAX_FILE_BYTES + 1)
        if len(found) > MAX_FILES:
            break
    return found


def load_policy(path_or_name: str | Path) -> Policy:
    """Return the compiled policy; raises NotFoundError, or PolicyError with every problem, and
    where its bundle is."""
    with named(str(path_or_name)):
        return load(read_bundle(path_or_name))


@contextmanager
def named(bundle: str) -> Iterator[None]:
    """Have a PolicyError say which bundle it is about: commands that take two are told of one."""
    try:
        yield
    except PolicyError as error:
        error.where = error.where or bundle
        raise


def shipped() -> tuple[str, ...]:
    """Return the names of the policies that ship with xindeng."""
    root = _shipped_root()
    if root is None:
        return ()
    return tuple(sorted(p.parent.name for p in root.glob("*/policy.yaml")))


def _folder(path_or_name: str | Path) -> Path:
    given = Path(path_or_name)
    if (given / "policy.yaml").is_file():
        return given
    root = _shipped_root()
    plain = len(given.parts) == 1 and given.name not in ("", ".", "..")
    if root is not None and plain and (root / given.name / "policy.yaml").is_file():
        return root / given.name
    raise NotFoundError(
        f"no policy at {str(path_or_name)!r}",
        next_step="give a folder that holds policy.yaml, or one of: " + ", ".join(shipped()),
    )


def shipped_folder(name: str) -> Path:
    """Return a folder that ships beside the policies; raises NotFoundError if it is not there."""
    root = _shipped_root()
    if root is None or not (root / name).is_dir():
        raise NotFoundError(
            f"{name!r} does not ship with this installation", next_step="install xindeng again"
        )
    return root / name


def _shipped_root() -> Path | None:
    """Return the folder of shipped policies: inside the wheel, or beside src/ in a checkout."""
    package = Path(str(files("xindeng")))
    for root in (package / "policies", package.parent.parent / "policies"):
        if root.is_dir():
            return root
    return None
