"""Fails one call of the store or the rail after another, before it is done and after.

Every function of `xindeng.store` that is given a connection is watched, found by itself: one that
is added later is a crash point at once. So are the end of each transaction, and the rail's calls.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import psycopg
import pytest

import xindeng.store
from xindeng.adapters.rail import SandboxRail
from xindeng.kernel.errors import UnavailableError
from xindeng.store import Store

BEFORE, AFTER = "before", "after"


class Crashes:
    """Counts the calls of a flow; the one at `at` fails, `when` says on which side of it."""

    def __init__(self) -> None:
        self.met: list[str] = []
        self.at, self.when = -1, BEFORE
        self._lock = threading.Lock()

    @contextmanager
    def only(self, at: int, when: str) -> Iterator[None]:
        self.met, self.at, self.when = [], at, when
        try:
            yield
        finally:
            self.at = -1

    def around(self, name: str, call: Callable[[], Any], error: type[Exception]) -> Any:
        with self._lock:
            number = len(self.met)
            self.met.append(name)
        if number == self.at and self.when == BEFORE:
            raise _made(error)
        made = call()
        if number == self.at and self.when == AFTER:
            raise _made(error)
        return made


def _made(error: type[Exception]) -> Exception:
    if issubclass(error, UnavailableError):
        return error("planted", code="rail.away")
    return error("planted: the connection is lost")


def watched() -> dict[str, tuple[Any, str]]:
    """Every function of the store that is given a connection, by its name."""
    found = {}
    for info in pkgutil.iter_modules(xindeng.store.__path__):
        if info.ispkg:
            continue
        module = importlib.import_module(f"xindeng.store.{info.name}")
        for name, made in inspect.getmembers(module, inspect.isfunction):
            first = next(iter(inspect.signature(made).parameters), "")
            ours = made.__module__ == module.__name__ and not name.startswith("_")
            if ours and first == "conn" and not inspect.isgeneratorfunction(made):
                found[f"{info.name}.{name}"] = (module, name)
    return found


def watch(crashes: Crashes, patch: pytest.MonkeyPatch) -> None:
    """Put the watch on the store and the sandbox's rail."""
    for label, (module, name) in watched().items():
        patch.setattr(module, name, _watched(crashes, label, getattr(module, name)))
    for name in ("send", "ask"):
        made = getattr(SandboxRail, name)
        patch.setattr(SandboxRail, name, _watched(crashes, f"rail.{name}", made, UnavailableError))
    begin = Store.transaction

    @contextmanager
    def transaction(self: Store, **more: Any) -> Iterator[Any]:
        if self._joined() is not None:  # a part of another one, which ends by itself
            with begin(self, **more) as conn:
                yield conn
            return
        leave = begin(self, **more)
        conn = leave.__enter__()
        try:
            yield conn
        except BaseException as error:
            if not leave.__exit__(type(error), error, error.__traceback__):
                raise
            return

        def end() -> None:
            leave.__exit__(None, None, None)

        try:
            crashes.around("commit", end, psycopg.OperationalError)
        except psycopg.OperationalError as error:
            if crashes.when == BEFORE:
                leave.__exit__(type(error), error, error.__traceback__)
            raise UnavailableError("the database went away", code="store.connection") from error

    patch.setattr(Store, "transaction", transaction)


def _watched(
    crashes: Crashes, label: str, made: Callable[..., Any],
    error: type[Exception] = psycopg.OperationalError,
) -> Callable[..., Any]:  # fmt: skip
    @wraps(made)
    def call(*given: Any, **more: Any) -> Any:
        return crashes.around(label, lambda: made(*given, **more), error)

    return call
