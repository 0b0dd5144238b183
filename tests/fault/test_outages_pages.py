"""PostgreSQL away, silent, full or read-only behind the pages: a page says so, as our side's doing,
in time; nothing was done, and the same form goes through once it is back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.api_world import PASSWORD, ApiWorld
from tests.fault.proxy import Proxy
from tests.fault.test_outages import (  # noqa: F401  (a fixture)
    BUSY_MACHINE_S,
    HARM,
    RECOVERY_S,
    WITHIN_S,
    decisions,
    proxy,
)
from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.service.policies import read_bundle
from xindeng.store import open_store
from xindeng.store.connect import STATEMENT_MS
from xindeng.web.app import Pages
from xindeng.web.guard import form_token
from xindeng.web.settings import Site
from xindeng.web.table import PAGES

pytestmark = pytest.mark.postgres
HTML = {"Accept": "text/html", "Accept-Language": "en"}
SESSION = "__Host-xindeng"
PATIENCE_S = 20.0
"""How long a page is waited for where the database says nothing at all."""
OWN = [one.path for one in PAGES
       if one.room == "borrower" and one.method == "GET" and "{" not in one.path]  # fmt: skip
ASKS_NOBODY = {"/me/help", "/me/more", "/me/check-up"}
"""Pages that show a form or a list, and so hold without a database."""


@pytest.fixture(scope="module")
def world(
    proxy: Proxy,  # noqa: F811
    test_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ApiWorld]:
    with open_store(test_home, proxy.uri, statement_ms=STATEMENT_MS) as store:
        made = ApiWorld(store, tmp_path_factory.mktemp("keys"), read_bundle("consumer_line"))
        made.settle("ann")
        yield made


@pytest.fixture(scope="module")
def http(world: ApiWorld) -> Iterator[Any]:
    application = create(world.service, ROUTES, beside=Pages(Site()))
    with TestClient(application, base_url="https://testserver.local",
                    raise_server_exceptions=False) as found:  # fmt: skip
        found.cookies.set(SESSION, world.token("ann"), domain="testserver.local")
        found.follow_redirects = False
        yield found


def said_so(answer: Any) -> None:
    """The page says whose fault it is, that nothing was done, and what to do."""
    assert answer.status_code == 503, (answer.status_code, answer.text[-400:])
    done = "never twice" if "in time" in answer.text else "Nothing was done"
    for part in ("This is our side, not you", done, "Load again", "Number of this"):
        assert part in answer.text, part
    assert int(answer.headers["retry-after"]) >= 1
    assert not re.search(r"psycopg|postgres|SQL|socket|Traceback", answer.text)


@pytest.mark.parametrize("harm", ["away", "silent"])
def test_every_page_says_that_a_part_of_us_is_away(http, world, proxy, database_url, harm):  # noqa: F811
    with HARM[harm](world, proxy, database_url):
        for path in OWN if harm == "away" else OWN[:1]:
            began = time.monotonic()
            answer = http.get(path, headers=HTML)
            bound = WITHIN_S if harm == "away" else PATIENCE_S
            assert time.monotonic() - began <= bound + BUSY_MACHINE_S, path
            if path in ASKS_NOBODY and answer.status_code == 200:
                continue
            said_so(answer)
    until_well(http)


@pytest.mark.parametrize("harm", ["away", "full", "read-only", "slow to store"])
def test_a_draw_that_cannot_be_stored_is_done_once_when_it_can(
    http,
    world,
    proxy,  # noqa: F811
    database_url,
    harm,
):
    before = decisions(database_url)
    form = {"_csrf": form_token(http.cookies[SESSION]), "_key": f"draw-{harm.replace(' ', '-')}",
            "amount": "3000", "months": "12"}  # fmt: skip
    with HARM[harm](world, proxy, database_url):
        for _ in range(2):
            said_so(http.post("/me/draw", data=form, headers=HTML))
    until_well(http)
    began, went = time.monotonic(), http.post("/me/draw", data=form, headers=HTML)
    while went.status_code in (409, 503) and time.monotonic() - began < RECOVERY_S:
        time.sleep(0.2)
        went = http.post("/me/draw", data=form, headers=HTML)
    again = http.post("/me/draw", data=form, headers=HTML)
    assert went.status_code == again.status_code == 303, went.text[-400:]
    assert went.headers["location"] == again.headers["location"]
    assert decisions(database_url) == before + 1


def test_nobody_signs_in_while_it_is_away_and_is_told_why(http, world, proxy, database_url):  # noqa: F811
    form = {"_csrf": form_token(http.cookies[SESSION]), "name": "support", "password": PASSWORD}
    with HARM["away"](world, proxy, database_url):
        said_so(http.post("/staff/sign-in", data=form, headers=HTML))
    until_well(http)


def until_well(http: Any) -> None:
    began = time.monotonic()
    while http.get("/me", headers=HTML).status_code != 200:
        assert time.monotonic() - began < RECOVERY_S, "it does not go on by itself"
        time.sleep(0.2)
