"""The service behind a test client: a real store, a clock set by hand, callers of every role."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from litestar.testing import TestClient

from tests.service_world import World, ordinary
from xindeng.access import keys, staff
from xindeng.access.door import Door
from xindeng.access.tokens import Issuer, Tokens
from xindeng.adapters.funder import SandboxFunder
from xindeng.adapters.rail import SandboxRail
from xindeng.api.app import create
from xindeng.api.route import Service
from xindeng.api.routes import ROUTES
from xindeng.service.disburse import Ports
from xindeng.store import Store

ISSUER, AUDIENCE, KID = "https://lender.example", "xindeng", "k1"
STAFF = ("support", "analyst", "approver", "admin")
PASSWORD = "correct horse battery staple"


def signing_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def jwks(*named: tuple[str, ec.EllipticCurvePrivateKey]) -> str:
    found = []
    for kid, key in named:
        numbers = key.public_key().public_numbers()
        point = {
            axis: base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()
            for axis, value in (("x", numbers.x), ("y", numbers.y))
        }
        found.append({"kty": "EC", "crv": "P-256", "use": "sig", "kid": kid, **point})
    return json.dumps({"keys": found})


class ApiWorld(World):
    """An engine behind HTTP, with callers of every kind at hand."""

    def __init__(
        self, store: Store, place: Path, bundle: Mapping[str, bytes] | None = None, rail: Any = None
    ) -> None:
        super().__init__(store, bundle)
        self.signing = signing_key()
        self.jwks = place / "jwks.json"
        self.jwks.write_text(jwks((KID, self.signing)), encoding="utf-8")
        self.rail = rail or SandboxRail()
        tokens = Tokens(Issuer(str(self.jwks), ISSUER, AUDIENCE), self.engine.clock)
        self.service = Service(
            self.engine, Door(self.engine, tokens), Ports(self.rail, SandboxFunder())
        )
        self.key = keys.create(self.engine, "core", ["*"], 30).text
        self.sessions: dict[str, str] = {}
        with (
            self.engine.store.transaction() as conn
        ):  # guesses of the worlds before in this database
            conn.execute("DELETE FROM guard")
        for role in STAFF:
            self.employ(role, role)

    def move_to(self, when: str) -> None:
        """Set the clock; sessions end with the day, so everybody signs in again."""
        self.now = self.at(when)
        for name in self.sessions:
            self._sign_in(name)

    def employ(self, name: str, *roles: str) -> None:
        """Have somebody of these roles sign in, anew where they are known already."""
        staff.save(self.engine, name, PASSWORD, roles)
        self._sign_in(name)

    def _sign_in(self, name: str) -> None:
        opened = staff.sign_in(self.engine, self.service.door.guesses, name, PASSWORD)
        self.sessions[name] = opened.token

    def token(
        self, borrower: str, *, kid: str = KID, algorithm: str = "ES256", **claims: Any
    ) -> str:
        """A borrower's token; of another algorithm as somebody who knows the public key forges."""
        now = self.now // 1_000_000
        told = {"sub": borrower, "iss": ISSUER, "aud": AUDIENCE, "exp": now + 600, **claims}
        told = {name: value for name, value in told.items() if value is not None}
        forged = {"none": None, "HS256": "guessed from what is public, quite long"}
        key = forged.get(algorithm, self.signing)
        return jwt.encode(told, key, algorithm, {"kid": kid})  # type: ignore[arg-type]

    def bearer(self, role: str, borrower: str = "") -> dict[str, str]:
        """The header of a caller: service, a role of staff, or the borrower of that id."""
        found = {"service": self.key, **self.sessions}.get(role) or self.token(borrower)
        return {"Authorization": f"Bearer {found}"}

    @contextmanager
    def client(self, routes: Any = ROUTES) -> Iterator[Client]:
        with TestClient(create(self.service, routes), raise_server_exceptions=False) as http:
            yield Client(self, http)


class Client:
    """Calls the service as somebody; answers are checked to be JSON or a problem."""

    def __init__(self, world: ApiWorld, http: Any) -> None:
        self.world, self.http = world, http

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        role: str = "service",
        borrower: str = "",
        key: str | None = None,
        **more: Any,
    ) -> Any:
        headers = self.world.bearer(role, borrower) if role else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        headers |= more.pop("headers", {})
        if body is not None:
            more["content"] = body if isinstance(body, bytes) else msgspec.json.encode(body)
            headers.setdefault("Content-Type", "application/json")
        return self.http.request(method, path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any, **more: Any) -> Any:
        return self.call("POST", path, body, **more)

    def settle(self, borrower: str) -> str:
        done = self.post("/v1/borrowers", {"borrower": borrower, "events": ordinary()})
        assert done.status_code == 201, done.text
        return borrower


def told(answer: Any, status: int) -> Any:
    """The answer's JSON, which must come with that status; a problem has all its parts."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    plain = answer.json()
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail", "code", "instance"} <= set(plain)
        assert plain["status"] == status
        assert status >= 500 or plain.get("next_step") or plain.get("problems"), plain
        assert "Traceback" not in answer.text
    return plain
