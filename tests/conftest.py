"""One embedded PostgreSQL for the whole run, one fresh database for each test module.

The workers of pytest-xdist share the server: the first to need it starts it and the last to leave
stops it, which is how the program itself behaves.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.homes import new_place
from xindeng.store import Store, open_store
from xindeng.store.migrate import migrate
from xindeng.store.server import open_server

_HOME = "XINDENG_TEST_HOME"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the controller, whose environment workers inherit
        os.environ[_HOME] = str(new_place("xindeng-tests-"))
        os.environ["XINDENG_HOME"] = os.environ[_HOME]
        os.environ.pop("XINDENG_DATABASE_URL", None)
        os.environ.pop("XINDENG_MASTER_KEY", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(_HOME), ignore_errors=True)
        os.environ.pop("XINDENG_HOME", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a database. `--dist loadfile` makes a module's database once."""
    for item in items:
        if {"database_url", "store"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(scope="session")
def test_home() -> Path:
    """The home directory of this test run."""
    return Path(os.environ[_HOME])


@pytest.fixture(scope="session")
def server_url(test_home: Path) -> Iterator[str]:
    """The URI of the shared server's own database, in which nothing is stored."""
    with open_server(test_home) as uri:
        yield uri


@pytest.fixture(scope="session")
def new_database(server_url: str) -> Iterator[Callable[[], str]]:
    """A function that makes a database with all tables and returns its URI. None is dropped: they
    go with the server's files at the end, and dropping one takes seconds."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made: list[str] = []
    with psycopg.connect(server_url, autocommit=True) as connection:

        def create(template: str | None = None) -> str:
            name = f"t_{worker}_{len(made)}_{os.getpid()}"
            copy = f" TEMPLATE {template}" if template else ""
            connection.execute(f"CREATE DATABASE {name}{copy}")  # type: ignore[call-overload]
            made.append(name)
            return server_url.replace("/xindeng?", f"/{name}?")

        migrate(create())
        yield lambda: create(made[0])


@pytest.fixture(scope="module")
def database_url(new_database: Callable[[], str]) -> str:
    """A fresh database for this module."""
    return new_database()


@pytest.fixture(scope="module")
def store(test_home: Path, database_url: str) -> Iterator[Store]:
    """An open store on a fresh database."""
    with open_store(test_home, database_url) as opened:
        yield opened
