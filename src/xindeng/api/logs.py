"""Logs as lines of JSON that hold nothing personal: routes, never paths; kinds, never messages."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

LOG: Final = logging.getLogger("xindeng.api")
EVERY_S: Final = 0.1
"""How late a line may be written."""
_QUIET: Final = ("uvicorn.access", "httpx", "litestar")


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object. Of an exception only its kind and places are told:
    messages may quote what somebody sent."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        told = getattr(record, "told", None)
        if isinstance(told, dict):
            line |= told
        elif record.name.startswith("uvicorn"):
            line["message"] = record.getMessage()
        else:
            line["message"] = str(record.msg)  # the template, without what would fill it
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = kind_of(record.exc_info[1])
            line["trace"] = places_of(record.exc_info[1])
        return msgspec.json.encode(line).decode()


class Together(logging.Handler):
    """Writes lines to stderr some at a time: what tells of a fault at once and with all before it,
    anything else within `EVERY_S` or when the process ends."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self._lines: list[str] = []
        self._ended = threading.Event()
        self._writer = threading.Thread(target=self._run, name="log", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line for the next write."""
        self._lines.append(self.format(record))
        if record.levelno >= logging.WARNING:
            self.flush()

    def flush(self) -> None:
        """Write what is kept."""
        with self.lock or nullcontext():
            lines, self._lines = self._lines, []
            if lines:
                sys.stderr.write("\n".join(lines) + "\n")
                sys.stderr.flush()

    def close(self) -> None:
        """Write what is kept and end."""
        self._ended.set()
        self.flush()
        super().close()

    def _run(self) -> None:
        while not self._ended.wait(EVERY_S):
            self.flush()


def set_up(level: int = logging.INFO) -> None:
    """Send everything that is logged to stderr as JSON lines."""
    handler = Together()
    # Who logged, in which file and thread, is not told, so it need not be found out.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def tell(event: str, *, level: int = logging.INFO, error: BaseException | None = None,
         **told: str | int | float | bool | None) -> None:  # fmt: skip
    """Log something that happened in service; nothing personal may be among what is told."""
    LOG.log(level, event, extra={"told": {"event": event, **told}},
            exc_info=error if error is not None else None)  # fmt: skip


def write_out() -> None:
    """Have everything written that was told: a signal may end the process next."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def kind_of(error: BaseException) -> str:
    """Return what kind of exception it is, with our code where it has one."""
    code = getattr(error, "code", None)
    name = type(error).__name__
    return f"{name} {code}" if isinstance(code, str) else name


def places_of(error: BaseException) -> list[str]:
    """Return where it was raised, innermost last, as module:line function."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        f"{frame.filename.rpartition('site-packages/')[2].rpartition('/src/')[2]}:{frame.lineno}"
        f" {frame.name}"
        for frame in frames[-12:]
    ]
