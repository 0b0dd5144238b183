"""The demo: made-up borrowers settled in a store, a clock of its own, and doors that need no key.

Everything is as in service but who may come in: a key made here signs the borrowers' tokens, and
the desks' passwords are made up and forgotten. It listens on loopback alone.
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from xindeng.access import staff
from xindeng.access.door import Door
from xindeng.access.tokens import Issuer, Tokens
from xindeng.adapters.funder import SandboxFunder
from xindeng.adapters.rail import SandboxRail
from xindeng.api.route import Service
from xindeng.events.catalogue import PLATFORM
from xindeng.kernel.errors import XindengError
from xindeng.kernel.time import DAY, HOUR, SECOND
from xindeng.lab.macro import macro_csv
from xindeng.lab.personas import BYSTANDERS, PERSONAS, Persona, life_of
from xindeng.policy.bundle import load
from xindeng.service import backtests, disburse, pay
from xindeng.service import line as lines
from xindeng.service.disburse import Ports
from xindeng.service.draw import draw
from xindeng.service.engine import Engine
from xindeng.service.following import Follower
from xindeng.service.ingest import ingest_raw
from xindeng.service.limiter import Limiter
from xindeng.service.policies import read_bundle
from xindeng.service.product import request_of
from xindeng.service.quote import quote
from xindeng.store.store import Store
from xindeng.web.settings import Demo, Site

DAY_OF_DEMO: Final = "2026-11-02T10:00"
"""The demo's own time begins here, whatever the machine's clock says."""
DESKS: Final = {
    "support": ("support",),
    "analyst": ("analyst",),
    "approver": ("analyst", "approver"),
}
_SWITCHES: Final = {
    "policy.yaml": (b"network:",),
    "features.yaml": (b"network_exposure_ppm:", b"network_flagged_contacts:",
                      b"shared_devices_90d:", b"consent_network:"),
}  # fmt: skip
_LEARNED: Final = (480, 300, 180, 120, 90, 60, 45, 30, 21, 14, 10, 7, 5, 4, 3, 2, 1)
"""How many days before the demo's time what had happened by then was told to the engine."""
OLDEST_DAYS: Final = 540
"""So many days before the demo's time the line began."""
_ISSUER, _AUDIENCE, _KID = "https://demo.invalid", "xindeng", "demo"
_TOKEN_S: Final = 8 * 3_600
_SIGN_INS: Final = 10_000


class DemoClock:
    """Time that is set while the demo is built and runs from then on."""

    def __init__(self, now: int) -> None:
        self._at = now
        self._since: int | None = None

    @property
    def now(self) -> int:
        """Return the instant (µs)."""
        return self()

    @now.setter
    def now(self, at: int) -> None:
        self._at, self._since = at, None

    def __call__(self) -> int:
        """Return the instant (µs)."""
        if self._since is None:
            return self._at
        return self._at + (time.monotonic_ns() - self._since) // 1_000

    def run(self) -> None:
        """Let time pass from here on."""
        self._since = time.monotonic_ns()


def demo_engine(store: Store, clock: DemoClock) -> Engine:
    """Return an engine under the demo's policy: the consumer line with linked accounts on."""
    switched = demo_files()
    policy = load(switched)
    if not clock.now:  # the policy was there before anybody
        clock.now = policy.zone.parse(DAY_OF_DEMO) - OLDEST_DAYS * DAY
    return Engine(store, switched, policy=policy, clock=clock)


def demo_files() -> dict[str, bytes]:
    """Return the demo's bundle: the one that ships, with linked accounts on."""
    return {
        name: _switched_on(text, name) if name in _SWITCHES else text
        for name, text in read_bundle("consumer_line").items()
    }


def _switched_on(text: bytes, name: str) -> bytes:
    """Return a file of the bundle with linked accounts on; the rest of it as it is."""
    lines = text.splitlines(keepends=True)
    named = _SWITCHES[name]
    return b"".join(
        line.replace(b"enabled: false", b"enabled: true") if line.strip().startswith(named)
        else line
        for line in lines
    )  # fmt: skip


def demo_ports() -> Ports:
    """Return a payment rail and a partner lender that move no real money."""
    return Ports(SandboxRail(), SandboxFunder(name="辛银行 Xin Bank（演示 demo）"))


def settle(engine: Engine, clock: DemoClock, ports: Ports, now: int) -> None:
    """Bring every persona to how they stand at `now` (µs), and our own side with them."""
    clock.now = now - 3 * DAY
    brake = {
        "type": "stance_change",
        "id": "demo-brake",
        "occurred_at": clock.now,
        "payload": {
            "segment": "new",
            "stance": "brake",
            "review_day": engine.policy.zone.day(now) + 11,
            "reason": "演示：新客户的损失上升 · demo: losses among new customers rise",
        },
    }
    ingest_raw(engine, [brake], PLATFORM)
    for persona in (*PERSONAS, *BYSTANDERS):
        _live(engine, clock, ports, persona, now)
    clock.now = now


def _live(engine: Engine, clock: DemoClock, ports: Ports, persona: Persona, now: int) -> None:
    facts = life_of(persona, now, engine.policy.zone)
    told = 0

    def tell(until: int) -> None:
        nonlocal told
        group = []
        while told < len(facts) and facts[told][1] <= until:
            kind, at, payload = facts[told]
            told += 1
            group.append({"type": kind, "id": f"{persona.borrower}-{told}", "occurred_at": at,
                          "payload": dict(payload)})  # fmt: skip
        clock.now = until
        ingest_raw(engine, group, persona.borrower)

    for days in _LEARNED:
        if days * 24 > max((wish.hours for wish in persona.wishes), default=0):
            tell(now - days * DAY)
    for number, wish in enumerate(persona.wishes):
        tell(now - round(wish.hours * HOUR))
        asked = request_of(engine, wish.amount, wish.months, "consumption")
        stored = draw(engine, persona.borrower, asked, f"demo-{number}")
        if wish.confirm:
            _confirm(engine, clock, ports, persona.borrower, stored.id)
    tell(now)


def _confirm(engine: Engine, clock: DemoClock, ports: Ports, borrower: str, decision: str) -> None:
    """Draw on an approval, and repay the first instalment when it falls due."""
    lender = ports.funder.name if ports.funder else "own funds"
    sheet = quote(engine, borrower, decision, lender=lender)
    clock.now += (sheet.reading_seconds + 2) * SECOND
    disburse.confirm(engine, ports, borrower, decision, "demo-confirm")
    due = lines.show(engine, borrower).loans[0].next_due
    if due is not None:
        clock.now = engine.policy.zone.midnight(due[0]) + 9 * HOUR
        pay.pay(engine, borrower, due[1], "demo-pay")


@contextmanager
def doors(engine: Engine, ports: Ports, home: Path) -> Iterator[tuple[Service, Site]]:
    """Yield the service and the site of a demo whose personas are settled in the engine's store."""
    signing = ec.generate_private_key(ec.SECP256R1())
    keys = home / "demo-keys.json"
    keys.write_text(_jwks(signing), encoding="utf-8")
    door = Door(engine, Tokens(Issuer(str(keys), _ISSUER, _AUDIENCE), engine.clock))
    guard = Limiter(engine.store, engine.clock, _SIGN_INS, "sign-ins")
    passwords = {desk: secrets.token_urlsafe(24) for desk in DESKS}
    for desk, roles in DESKS.items():
        staff.save(engine, f"demo-{desk}", passwords[desk], roles)

    def enter(who: str) -> str:
        if who in DESKS:
            return staff.sign_in(engine, guard, f"demo-{who}", passwords[who]).token
        now = engine.clock() // SECOND
        told: dict[str, Any] = {"sub": who, "iss": _ISSUER, "aud": _AUDIENCE,
                                "iat": now, "exp": now + _TOKEN_S}  # fmt: skip
        return jwt.encode(told, signing, "ES256", {"kid": _KID})

    demo = Demo(PERSONAS, tuple(DESKS), enter)
    series = home / "demo-series.csv"
    series.write_text(macro_csv(engine.policy.zone.day(engine.clock())), encoding="utf-8")
    with Follower(engine, _complain), backtests.running(engine, home / "lake", _complain):
        yield Service(engine, door, ports), Site(demo, secure=False, series=series)


def _complain(error: XindengError) -> None:
    print(error, file=sys.stderr)


def _jwks(key: ec.EllipticCurvePrivateKey) -> str:
    numbers = key.public_key().public_numbers()
    point = {
        axis: base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()
        for axis, value in (("x", numbers.x), ("y", numbers.y))
    }
    return json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "kid": _KID, **point}]})
