"""The sandboxes with a memory of their own: a file, so that every process meets the same rail.

What was paid out, refused or is on its way is remembered by key across processes; a rehearsal on
the command line can then lose an answer in one command and ask for it by key in another.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from xindeng.adapters.funder import SandboxFunder
from xindeng.adapters.ports import FunderAnswer, RailAnswer, Transfer
from xindeng.adapters.rail import BEHAVIOURS, SandboxRail
from xindeng.kernel.errors import InputError, UnavailableError

_T = TypeVar("_T")


class Memory(Struct, forbid_unknown_fields=True):
    """What the sandboxes know: scripts still to play, and each transfer's fate by key."""

    rail_script: list[str] = []
    paid: dict[str, Transfer] = {}
    failed: list[str] = []
    waiting: dict[str, Transfer] = {}
    funder_script: list[str] = []
    funder_answers: dict[str, FunderAnswer] = {}


class SandboxFile:
    """Rail and funder sandboxes remembered in the file at `path`; usable from many processes.

    Raises UnavailableError where the file cannot be used, InputError for one that is not ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def rail(self) -> FileRail:
        """Return the payment rail of this file."""
        return FileRail(self)

    def funder(self) -> FileFunder:
        """Return the partner lender of this file."""
        return FileFunder(self)

    def behave(self, rail: Iterable[str] = (), funder: Iterable[str] = ()) -> None:
        """Set what the next new transfers and requests will meet, instead of what was set."""
        rail, funder = list(rail), list(funder)
        _known(rail, BEHAVIOURS)
        _known(funder, tuple(FunderAnswer))
        with self.open() as memory:
            memory.rail_script, memory.funder_script = rail, funder

    @contextmanager
    def open(self) -> Iterator[Memory]:
        """Yield what is remembered, alone; it is written back whatever happens inside."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                memory = self._read()
                try:
                    yield memory
                finally:
                    self._write(memory)
        except OSError as error:
            raise UnavailableError(
                f"the sandbox's memory cannot be used: {error}",
                where=str(self.path),
                next_step="make room or give the folder back to this user; nothing is sent anew",
                code="rail.sandbox",
            ) from error

    def _read(self) -> Memory:
        if not self.path.exists():
            return Memory()
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Memory)
        except msgspec.MsgspecError as error:
            raise InputError(
                f"not a sandbox's memory: {error}",
                where=str(self.path),
                next_step="move the file away; the sandbox then begins anew",
                code="rail.sandbox",
            ) from error

    def _write(self, memory: Memory) -> None:
        fresh = self.path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(memory))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


class FileRail:
    """A payment rail that behaves as SandboxRail and forgets nothing."""

    def __init__(self, file: SandboxFile) -> None:
        self._file = file

    def send(self, transfer: Transfer) -> RailAnswer:
        """Pay out as the script says; repeats under a key only answer."""
        return self._with(lambda rail: rail.send(transfer))

    def ask(self, key: str) -> RailAnswer:
        """Say what really became of the transfer."""
        return self._with(lambda rail: rail.ask(key))

    def statement(self) -> list[Transfer]:
        """Return what really left."""
        return self._with(lambda rail: rail.statement())

    def complete(self, key: str) -> None:
        """Let a pending transfer go through; raises InputError where none is waiting."""
        with self._file.open() as memory:
            if key not in memory.waiting:
                raise InputError(
                    f"no transfer {key[:60]!r} is waiting",
                    next_step="see: xindeng sandbox show",
                    code="rail.key",
                )
            memory.paid[key] = memory.waiting.pop(key)

    def _with(self, work: Callable[[SandboxRail], _T]) -> _T:
        with self._file.open() as memory:
            rail = SandboxRail(memory.rail_script)
            rail.paid, rail.waiting = memory.paid, memory.waiting
            rail.failed = set(memory.failed)
            try:
                return work(rail)
            finally:
                memory.rail_script, memory.failed = list(rail.script), sorted(rail.failed)


class FileFunder:
    """A partner lender that behaves as SandboxFunder and forgets nothing."""

    name = "sandbox bank"

    def __init__(self, file: SandboxFile) -> None:
        self._file = file

    def request(self, transfer: Transfer) -> FunderAnswer:
        """Answer a request; the same key gives the same answer."""
        with self._file.open() as memory:
            funder = SandboxFunder(memory.funder_script, name=self.name)
            funder.answers = memory.funder_answers
            try:
                return funder.request(transfer)
            finally:
                memory.funder_script = list(funder.script)


def _known(given: list[str], accepted: tuple[str, ...]) -> None:
    for word in given:
        if word not in accepted:
            raise InputError(
                f"no behaviour {word[:40]!r}",
                next_step=f"use: {', '.join(map(str, accepted))}",
                code="rail.behaviour",
            )
