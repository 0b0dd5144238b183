"""A session of Spark: here, on a cluster, or of a Spark Connect server elsewhere.

Its settings are those the SQL is written for. What runs on this machine alone is bound to the
loopback address and shows no pages.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Final

from xindeng.kernel.errors import InputError, UnavailableError

REMOTE: Final = "SPARK_REMOTE"
_SQL: Final = {
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, never another number
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
}
_HERE: Final = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


def connect(master: str | None = None, *, threads: int = 2, memory: str = "2GB") -> Any:
    """Return a session with settings of its own.

    `master` is a Spark master (`local[2]`, `spark://…`, `yarn`, …) or a Spark Connect server
    (`sc://…`); None takes `SPARK_REMOTE`, and without it `threads` threads and `memory` of this
    machine. Raises UnavailableError where PySpark, Java or the server is missing, InputError where
    both a master and `SPARK_REMOTE` are named.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UnavailableError(
            "Spark is not installed", where="--engine spark", code="spark.missing",
            next_step="pip install 'xindeng[spark]', or use --engine duckdb",
        ) from error  # fmt: skip
    remote = os.environ.get(REMOTE)
    if master is not None and remote is not None and master != remote:
        raise InputError(
            f"{REMOTE} names {remote} already", where="--master", code="spark.both",
            next_step=f"leave one of them out: --master, or the variable {REMOTE}",
        )  # fmt: skip
    target = master or remote or f"local[{threads}]"
    builder = SparkSession.builder.appName("xindeng")
    if target.startswith("sc://"):
        builder = builder.remote(target)
    else:
        _need_java()
        builder = builder.master(target)
        if target.startswith("local"):
            for name, value in {**_HERE, **_size(target, threads, memory)}.items():
                builder = builder.config(name, value)
    try:
        session = builder.getOrCreate().newSession()
        for name, value in _SQL.items():
            session.conf.set(name, value)
    except Exception as error:  # PySpark has no common ancestor of what a start can raise
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UnavailableError(
            f"Spark did not start: {reason}", where=target, code="spark.start",
            next_step="see that it is reached from here and runs the Spark that PySpark here is of",
        ) from error  # fmt: skip
    return session


def _size(target: str, threads: int, memory: str) -> dict[str, str]:
    heap = memory.lower().removesuffix("b")
    return {"spark.driver.memory": heap, "spark.sql.shuffle.partitions": str(threads)}


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java") if home is None else shutil.which(Path(home) / "bin" / "java")
    if found is None:
        raise UnavailableError(
            "Spark needs a Java runtime, and there is none",
            where="JAVA_HOME" if home else "PATH", code="spark.java",
            next_step="install Java 17 or 21 (apt install openjdk-17-jre-headless), or name a Spark"
            f" Connect server in {REMOTE}",
        )  # fmt: skip
