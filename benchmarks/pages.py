"""The borrower's and the desks' pages: how long a page takes on the server, how heavy it is.

The demo is settled in a real PostgreSQL and every page of the table that can be looked at is asked
for in turn, as each persona who has what it shows, in both languages. The time is from the request
to the whole answer within one process: who may, the use case with its database, and the template.
`work_p95_ms` is this process's own work alone, which a busy machine stretches less. The weight is
the page with its style, its script and its picture, as sent, without charts.
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from litestar.testing import TestClient

from benchmarks.report import Figure, finish, quantile
from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.lab.personas import PERSONAS
from xindeng.service import decisions, disburse, holds, matters, proposals
from xindeng.service import line as lines
from xindeng.service import plan as planning
from xindeng.service.changes import ReleaseHold
from xindeng.service.draw import draw as deciding
from xindeng.service.engine import Engine
from xindeng.service.matters import Ask
from xindeng.service.product import request_of
from xindeng.store import open_store
from xindeng.store.server import open_server
from xindeng.web.app import Pages
from xindeng.web.assets import assets
from xindeng.web.demo import DAY_OF_DEMO, DemoClock, demo_engine, demo_ports, doors, settle
from xindeng.web.settings import Site
from xindeng.web.table import PAGES

_CHART: Final = re.compile(r"<svg class=\"chart\".*?</svg>", re.DOTALL)
_NAME: Final = re.compile(r"{(\w+)}")
_DESKS: Final = {"desk": "support", "risk": "approver"}


def run(*, quick: bool = False) -> int:
    """Ask for every page some times and print how long and how heavy they were."""
    rounds = 2 if quick else 12
    with tempfile.TemporaryDirectory(prefix="xindeng-pages-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        clock = DemoClock(0)
        with open_server(home / "home") as url, open_store(home / "home", url) as store:
            engine = demo_engine(store, clock)
            ports = demo_ports()
            settle(engine, clock, ports, engine.policy.zone.parse(DAY_OF_DEMO))
            _furnish(engine)
            with doors(engine, ports, home / "home") as (service, site):
                application = create(service, ROUTES, beside=Pages(site))
                with TestClient(application, raise_server_exceptions=True) as http:
                    return _measured(http, engine, site, rounds)


def _measured(http: TestClient[Any], engine: Engine, site: Site, rounds: int) -> int:
    assert site.demo is not None
    asked = list(_visits(engine))
    credentials = {who: site.demo.enter(who) for who, _, _ in asked if who}
    took: defaultdict[str, list[float]] = defaultdict(list)
    heaviest, weight = "", 0
    work: list[float] = []
    beside = sum(len(one.body) for one in assets().values())
    for number in range(rounds + 1):  # the first round fills caches and is not counted
        for who, name, path in asked:
            lang = ("zh", "en")[number % 2]
            http.cookies.clear()
            headers = {"Accept": "text/html", "Accept-Language": lang}
            if who:
                headers["Cookie"] = f"xindeng={credentials[who]}"
            started, worked = time.perf_counter(), time.process_time()
            answer = http.get(path, headers=headers)
            spent = (time.perf_counter() - started) * 1000
            work.append((time.process_time() - worked) * 1000)
            assert answer.status_code == 200, (who, path, answer.status_code)
            if number:
                took[name].append(spent)
            size = len(_CHART.sub("", answer.text).encode()) + beside
            heaviest, weight = (name, size) if size > weight else (heaviest, weight)
    every = [one for some in took.values() for one in some]
    shown = {one.path for one in PAGES if one.method == "GET" and one.template}
    left_out = sorted(shown - set(took))
    for name, some in sorted(took.items(), key=lambda one: -statistics.median(one[1])):
        print(f"{name:40} p50 {quantile(some, 0.5):7.1f} ms  p95 {quantile(some, 0.95):7.1f} ms")
    if left_out:
        print(f"not looked at, for want of what they are about: {', '.join(left_out)}")
    print(f"the heaviest is {heaviest}; style, script and picture are {beside / 1000:.1f} kB of it")
    return finish(
        "pages",
        [
            Figure("render_p50_ms", quantile(every, 0.5), "ms"),
            Figure("render_p95_ms", quantile(every, 0.95), "ms", "<=50"),
            Figure("work_p95_ms", quantile(work, 0.95), "ms"),
            Figure("heaviest_kb", weight / 1000, "kB", "<=300"),
        ],
        pages=len(took), left_out=len(left_out), visits=len(every), personas=len(PERSONAS),
    )  # fmt: skip


def _furnish(engine: Engine) -> None:
    """Have what pages are about: a plan, an offer, a matter, a hold that ends early, a ruling."""
    planning.make_for(engine, None, "over-indebted")
    deciding(engine, "all-green", request_of(engine, 300_000, 12, "consumption"), "offer")
    matters.open_matter(engine, "over-indebted", Ask("complaint"))
    hold = holds.place(engine, "over-indebted", "manual", by="staff:demo-support", reason="asked")
    change = ReleaseHold(borrower="over-indebted", hold=hold)
    proposals.propose(engine, change, why="papers came", by="staff:demo-support")


def _visits(engine: Engine) -> Iterator[tuple[str, str, str]]:
    """Yield (who, page, path) of all that can be looked at."""
    names = {one.borrower: _names(engine, one.borrower) for one in PERSONAS}
    for page in PAGES:
        if page.method != "GET" or not page.template:
            continue
        path = page.path.replace("{decision}/cost", "{offer}/cost")
        needed = set(_NAME.findall(path))
        if page.room == "site":
            yield "", page.path, path
        elif page.room == "desk":
            if needed <= names["over-indebted"].keys():
                who = _DESKS.get(path.split("/")[1], "support")
                yield who, page.path, path.format(**names["over-indebted"])
        else:
            for who, known in names.items():
                if needed <= known.keys():
                    yield who, page.path, path.format(**known)


def _names(engine: Engine, borrower: str) -> dict[str, str]:
    names = {"borrower": borrower}
    found, _ = decisions.page(engine, borrower, below=None, count=1)
    for stored in found:
        names["decision"] = stored.id
        # What was drawn on already is shown as the draw that it became.
        if stored.decision.amount_offered and not disburse.drawn_on(engine, borrower, stored.id):
            names["offer"] = stored.id
    for loan in lines.show(engine, borrower).loans[:1]:
        names["draw"] = loan.loan
    for plan in planning.of_borrower(engine, borrower)[:1]:
        names["plan"] = plan.made.id
    for matter in matters.of_borrower(engine, borrower)[:1]:
        names["matter"] = matter.row.id
    for proposal in proposals.listed(engine, waiting=True):
        if proposal.row.borrower == borrower:
            names["proposal"] = proposal.row.id
    return names
