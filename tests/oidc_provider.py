"""A small OpenID Connect provider on loopback, for tests: it signs whatever a test asks of it."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.api_world import jwks, signing_key

CLIENT, SECRET = "xindeng-desk", "s3cret+/="


class Provider:
    """Knows one key, the codes it gave out, and what it was asked."""

    def __init__(self, now: Any) -> None:
        self.now = now
        self.signing = signing_key()
        self.other = signing_key()
        self.codes: dict[str, dict[str, Any]] = {}
        self.issuer = ""
        self.told_issuer: str | None = None
        self.redirect = "http://127.0.0.1/staff/oidc/back"
        self.asked: list[dict[str, str]] = []

    def authorise(self, url: str, **claims: Any) -> dict[str, str]:
        """Sign somebody in as a browser would: return what the browser is sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT and asked["redirect_uri"] == self.redirect
        now = self.now() // 1_000_000
        told = {
            "iss": self.issuer, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "preferred_username": "ana", "groups": ["risk"], **claims,
        }  # fmt: skip
        code = f"code-{len(self.codes)}"
        key = told.pop("_key", self.signing)
        self.codes[code] = {
            "challenge": asked["code_challenge"],
            "token": jwt.encode(
                {name: value for name, value in told.items() if value is not None}, key, "ES256",
                {"kid": "k1"},
            ),
        }  # fmt: skip
        return {"code": code, "state": asked["state"]}

    def token(self, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(sent)
        kept = self.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = base64.b64encode(b"xindeng-desk:s3cret%2B%2F%3D").decode()
        if kept is None or kept["challenge"] != challenge or authorization != f"Basic {known}":
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": kept["token"]}


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self._answer(200, {
                    "issuer": provider.told_issuer or provider.issuer,
                    "authorization_endpoint": f"{provider.issuer}/authorize",
                    "token_endpoint": f"{provider.issuer}/token",
                    "jwks_uri": f"{provider.issuer}/jwks",
                })  # fmt: skip
            elif self.path == "/jwks":
                self._answer(200, json.loads(jwks(("k1", provider.signing))))
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            sent = parse_qs(self.rfile.read(length).decode())
            plain = {name: values[0] for name, values in sent.items()}
            self._answer(*provider.token(plain, self.headers.get("Authorization", "")))

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
