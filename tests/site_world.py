"""The demo behind a real port, once for a module: its personas settled, its clock running."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn

from xindeng.api.app import create
from xindeng.api.route import Service
from xindeng.api.routes import ROUTES
from xindeng.history.backtest import Spec
from xindeng.service import backtests, challengers, decisions, disburse, matters, proposals
from xindeng.service import line as lines
from xindeng.service import plan as planning
from xindeng.service.challenger_terms import Terms
from xindeng.service.changes import ReleaseHold, RunChallenger
from xindeng.service.draw import draw
from xindeng.service.engine import Engine
from xindeng.service.product import request_of
from xindeng.store import Store, policies
from xindeng.web.app import Pages
from xindeng.web.demo import DAY_OF_DEMO, DemoClock, demo_engine, demo_ports, doors, settle
from xindeng.web.settings import Site


@dataclass
class Demonstration:
    """A demo that is being served at `url`."""

    url: str
    engine: Engine
    clock: DemoClock
    site: Site
    service: Service
    known: dict[str, dict[str, str]] = field(default_factory=dict)
    """What `names` told of the borrowers that a test looks at."""

    def credential(self, who: str) -> str:
        """What the session cookie of a persona or a desk holds."""
        assert self.site.demo is not None
        return self.site.demo.enter(who)

    def names(self, borrower: str) -> dict[str, str]:
        """What may stand in a path about a borrower, as far as there is any such thing of theirs;
        `offer` is a decision whose cost can be shown."""
        found, _ = decisions.page(self.engine, borrower, below=None, count=1)
        names = {"borrower": borrower}
        for stored in found:
            names["decision"] = stored.id
            # What was drawn on already is shown as the draw that it became.
            if stored.decision.amount_offered and not disburse.drawn_on(
                self.engine, borrower, stored.id
            ):
                names["offer"] = stored.id
        for loan in lines.show(self.engine, borrower).loans[:1]:
            names["draw"] = loan.loan
        for plan in planning.of_borrower(self.engine, borrower)[:1]:
            names["plan"] = plan.made.id
        for matter in matters.of_borrower(self.engine, borrower)[:1]:
            names["matter"] = matter.row.id
        for backtest in backtests.listed(self.engine)[:1]:
            names["backtest"] = backtest.id
        for challenger in challengers.listed(self.engine, every=True)[:1]:
            names["challenger"] = challenger.row.name
        for proposal in proposals.listed(self.engine, waiting=False):
            if proposal.row.borrower == borrower:
                names["proposal"] = proposal.row.id
        return names

    def draft(self) -> dict[str, bytes]:
        """The policy in force with a much lower bound on what a month's payments may take."""
        with self.engine.store.snapshot() as conn:
            files = policies.get(conn, self.engine.policy.hash)
        path = "areas/debt.yaml"
        return {**files, path: files[path].replace(b"> $max_payment_to_income", b"> 0.10", 1)}

    def challenge(self) -> None:
        """Try the draft in the shadow of the policy in force."""
        files = {path: data.decode() for path, data in self.draft().items()}
        terms = Terms(rails=challengers.bounds().rails)
        change = RunChallenger(name="stricter", files=files, terms=terms, despite="试一试")
        made = proposals.propose(self.engine, change, why="试一试", by="staff:demo-analyst")
        proposals.judge(self.engine, made.row.id, "approved", by="staff:demo-approver")

    def look_back(self) -> None:
        """Have the draft backtested and wait for the report."""
        ident = backtests.ask(self.engine, self.engine.policy.hash, self.draft(), Spec(),
                              by="staff:demo-analyst", key="demo-backtest")  # fmt: skip
        deadline = time.monotonic() + 120
        while (row := backtests.read(self.engine, ident).row).state != "done":
            assert time.monotonic() < deadline and row.problem is None, row
            time.sleep(0.1)

    def ask_early(self, borrower: str) -> None:
        """Have support ask that a hold of somebody ends early, so that there is a proposal."""
        hold = lines.show(self.engine, borrower).holds[0].id
        change = ReleaseHold(borrower=borrower, hold=hold)
        proposals.propose(self.engine, change, why="材料已齐全", by="staff:demo-support")


@contextmanager
def demonstration(store: Store, home: Path) -> Iterator[Demonstration]:
    """Settle the personas and serve the demo until the end of the block; its keys and its lake lie
    in a folder of its own, for two demos of a run know different decisions of the same people."""
    home = Path(tempfile.mkdtemp(prefix="demo-", dir=home))
    clock = DemoClock(0)
    engine = demo_engine(store, clock)
    ports = demo_ports()
    settle(engine, clock, ports, engine.policy.zone.parse(DAY_OF_DEMO))
    planning.make_for(engine, None, "over-indebted")
    clock.run()
    with doors(engine, ports, home) as (service, site):
        application = create(service, ROUTES, beside=Pages(site))
        with served(application) as url:
            yield Demonstration(url, engine, clock, site, service)


BORROWERS = ("over-indebted", "all-green", "theft")
"""Who, between them, have something of everything that a page may be about."""


def furnished(found: Demonstration) -> None:
    """Have in the demo whatever a page may be about: an offer, a proposal, a backtest, a
    challenger."""
    draw(found.engine, "all-green", request_of(found.engine, 300_000, 12, "consumption"), "offer")
    found.ask_early("theft")
    found.look_back()
    found.challenge()
    found.known = {borrower: found.names(borrower) for borrower in BORROWERS}


@contextmanager
def served(application: object) -> Iterator[str]:
    """Serve an application on a free port of loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(application, host="127.0.0.1", port=port, log_config=None,
                            access_log=False, lifespan="on")  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 30
    while True:
        try:
            if httpx.get(url + "/healthz").status_code == 200:
                break
        except httpx.TransportError:
            assert time.monotonic() < deadline, "it never answered"
            time.sleep(0.05)
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(timeout=30)
