"""Posts to a web hook of the lender's own: signed, repeatable, bounded, and nowhere it should not.

    Idempotency-Key      the message's id: the same message may come twice
    Xindeng-Signature    t=SECONDS,v1=HEX, where HEX is HMAC-SHA256(secret, "SECONDS." + body)

The address is looked up here and the connection goes to what was found, so that a name cannot
point to one place while it is checked and to another when it is called. Private and loopback
addresses are refused unless allowed; redirects are never followed.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from xindeng.adapters.ports import Message
from xindeng.kernel.errors import InputError, UnavailableError

_TIMEOUT_S: Final = 5.0
_WAITS_S: Final = (0.2, 0.8)
_LEAST_SECRET: Final = 32
_MOST_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Hook:
    """Where to post, and the secret that both sides know; raises InputError for an unfit one."""

    url: str
    secret: str = field(repr=False)
    allow_private: bool = False

    def __post_init__(self) -> None:
        """Refuse a hook that could be read or forged on its way."""
        where = urlsplit(self.url)
        plain = where.scheme == "http" and self.allow_private
        if (where.scheme != "https" and not plain) or not where.hostname or where.username:
            raise InputError(
                "a web hook needs an https URL without a name and password in it",
                where="webhook",
                next_step="plain http is for private addresses that were allowed",
                code="webhook.url",
            )
        if len(self.secret) < _LEAST_SECRET:
            raise InputError(
                f"the secret of a web hook has at least {_LEAST_SECRET} characters",
                where="webhook",
                next_step="make one with: openssl rand -hex 32",
                code="webhook.secret",
            )


def signature(secret: str, body: bytes, seconds: int) -> str:
    """Return the value of the header Xindeng-Signature."""
    made = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={made}"


class Webhook:
    """Posts JSON to a hook; safe for threads, each call connects anew."""

    def __init__(
        self, hook: Hook, *, clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._hook, self._clock, self._pause = hook, clock, pause

    def post(self, key: str, body: bytes) -> bytes:
        """Post once a key and return the answer's body, after two more tries at most.

        Raises UnavailableError where nobody answers, or not with 2xx; the key makes it repeatable.
        """
        trouble: Exception | None = None
        for wait in (*_WAITS_S, None):
            try:
                status, answer = self._once(key, body)
                if 200 <= status < 300:
                    return answer
                trouble = OSError(f"status {status}")
                if 400 <= status < 500 and status not in (408, 409, 425, 429):
                    break
            except (OSError, http.client.HTTPException) as error:
                trouble = error
            if wait is not None:
                self._pause(wait)
        raise UnavailableError(
            f"the web hook did not take it: {_kind(trouble)}",
            where=f"webhook {urlsplit(self._hook.url).hostname}",
            next_step="look at the receiver; it is tried again under the same key",
            code="webhook.away",
        ) from trouble

    def _once(self, key: str, body: bytes) -> tuple[int, bytes]:
        where = urlsplit(self._hook.url)
        assert where.hostname is not None
        secure = where.scheme == "https"
        port = where.port or (443 if secure else 80)
        found = _address(where.hostname, port, allow_private=self._hook.allow_private)
        connection = _Pinned(where.hostname, port, found, secure=secure)
        try:
            target = where.path or "/"
            connection.request("POST", f"{target}?{where.query}" if where.query else target, body, {
                "Content-Type": "application/json", "Idempotency-Key": key,
                "Xindeng-Signature": signature(self._hook.secret, body, int(self._clock())),
            })  # fmt: skip
            answer = connection.getresponse()
            return answer.status, answer.read(_MOST_BYTES)
        finally:
            connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked; the certificate is still the name's."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=_TIMEOUT_S)
        self._address, self._secure = address, secure

    def connect(self) -> None:
        """Connect to the checked address and no other."""
        plain = socket.create_connection((self._address, self.port), _TIMEOUT_S)
        context = ssl.create_default_context()
        self.sock: Any = (
            context.wrap_socket(plain, server_hostname=self.host) if self._secure else plain
        )


def _address(host: str, port: int, *, allow_private: bool) -> str:
    """Return an address of the host; raises OSError where one of them is not a public one."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for one in found:
        plain = ipaddress.ip_address(one.partition("%")[0])
        mapped = getattr(plain, "ipv4_mapped", None) or plain
        if not allow_private and (not mapped.is_global or mapped.is_multicast):
            raise OSError("not a public address")
    return found[0]


def _kind(error: Exception | None) -> str:
    """Return what went wrong without what a stranger's machine said."""
    return str(error) if type(error) is OSError else type(error).__name__


class WebhookNotifier:
    """Delivers notices to a web hook."""

    def __init__(self, hook: Webhook) -> None:
        self._hook = hook

    def deliver(self, message: Message) -> None:
        """Post the message under its id; raises UnavailableError to be tried again."""
        self._hook.post(message.id, msgspec.json.encode(message))


def read_json(answer: bytes) -> Any:
    """Return what a hook answered; raises UnavailableError where it is not JSON."""
    try:
        return json.loads(answer)
    except ValueError as error:
        raise UnavailableError(
            "the web hook's answer is not JSON", where="webhook", code="webhook.answer"
        ) from error
