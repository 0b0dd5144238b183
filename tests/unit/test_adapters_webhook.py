"""Web hooks: signed, repeated under one key, bounded, and never to a private address by surprise."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from xindeng.adapters.bureau import FileBureau, WebhookBureau
from xindeng.adapters.ports import Filing, Message
from xindeng.adapters.webhook import Hook, Webhook, WebhookNotifier
from xindeng.kernel.errors import InputError, UnavailableError

SECRET = "0123456789abcdef" * 2
FILING = Filing("k1", "b1", "A1", "corrected", 1)


class Receiver:
    """Answers with the statuses of a script, 200 after its end; keeps what it was sent."""

    def __init__(self) -> None:
        self.script: list[int] = []
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.answer: Any = {}
        self.url = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.seen.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status = found.script.pop(0) if found.script else 200
            data = json.dumps(found.answer).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", found.url + "/elsewhere")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def hook(url: str, waits: list[float] | None = None) -> Webhook:
    kept = [] if waits is None else waits
    return Webhook(Hook(url, SECRET, allow_private=True), clock=lambda: 1_000.0, pause=kept.append)


def test_a_message_is_signed_and_bears_its_id(receiver: Receiver) -> None:
    WebhookNotifier(hook(receiver.url)).deliver(Message("m1", "b1", "hold_placed", {"zh": "暂停"}))
    ((headers, body),) = receiver.seen
    assert headers["idempotency-key"] == "m1" and json.loads(body)["texts"]["zh"] == "暂停"
    stamp, _, made = headers["xindeng-signature"].partition(",v1=")
    expected = hmac.new(SECRET.encode(), b"1000." + body, hashlib.sha256).hexdigest()
    assert (stamp, made) == ("t=1000", expected)


def test_it_is_tried_again_with_a_pause_under_the_same_key(receiver: Receiver) -> None:
    receiver.script, waits = [500, 503], []
    hook(receiver.url, waits).post("k", b"{}")
    assert [headers["idempotency-key"] for headers, _ in receiver.seen] == ["k"] * 3
    assert waits == sorted(waits) and len(waits) == 2


@pytest.mark.parametrize("script", [[500] * 3, [302] * 3, [404]])
def test_who_does_not_take_it_is_unavailable_and_no_redirect_is_followed(
    receiver: Receiver, script: list[int]
) -> None:
    receiver.script = list(script)
    with pytest.raises(UnavailableError) as caught:
        hook(receiver.url).post("k", b"{}")
    assert len(receiver.seen) == len(script) and "status" in caught.value.what


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "::1", "fd00::1",
     "::ffff:127.0.0.1", "0.0.0.0", "100.64.0.1", "224.0.0.1"],
)  # fmt: skip
def test_a_private_address_is_not_called_whatever_name_it_has(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def looked_up(*_: Any, **__: Any) -> Any:
        return [(family, socket.SOCK_STREAM, 6, "", (address, 443))]

    def connected(*_: Any, **__: Any) -> Any:
        raise AssertionError("it must not be called")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "create_connection", connected)
    found = Webhook(Hook("https://hooks.example/x", SECRET), pause=lambda _: None)
    with pytest.raises(UnavailableError, match="public"):
        found.post("k", b"{}")


def test_it_connects_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the name points elsewhere the second time it is looked up."""
    answers = ["93.184.216.34", "127.0.0.1", "127.0.0.1"]
    called = []

    def looked_up(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), 443))]

    def connected(address: Any, *_: Any, **__: Any) -> Any:
        called.append(address[0])
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "create_connection", connected)
    with pytest.raises(UnavailableError):
        Webhook(Hook("https://hooks.example/x", SECRET), pause=lambda _: None).post("k", b"{}")
    assert called[0] == "93.184.216.34" and "127.0.0.1" not in called


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://x.example", SECRET), ("https://a:b@x.example", SECRET), ("ftp://x.example", SECRET),
     ("https://x.example", "short")],
)  # fmt: skip
def test_an_unfit_hook_is_refused(url: str, secret: str) -> None:
    with pytest.raises(InputError):
        Hook(url, secret)
    assert SECRET not in repr(Hook("https://x.example", SECRET))


def test_the_bureau_by_a_hook_and_by_files(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answer = {"report": {"report_day": 20_000}}
    assert json.loads(WebhookBureau(hook(receiver.url)).report("k", "b1") or b"") == {
        "report_day": 20_000
    }
    receiver.answer = {"report": None}
    assert WebhookBureau(hook(receiver.url)).report("k", "b1") is None
    WebhookBureau(hook(receiver.url)).file(FILING)
    assert json.loads(receiver.seen[-1][1])["filing"]["stage"] == "corrected"
    by_files = FileBureau(tmp_path)
    (tmp_path / "b1.json").write_text("{}", encoding="utf-8")
    assert by_files.report("k", "b1") == b"{}" and by_files.report("k", "b2") is None
    assert by_files.report("k", "../b1") is None
    by_files.file(FILING)
    assert json.loads((tmp_path / "filings.ndjson").read_text(encoding="utf-8"))["record"] == "A1"


def test_an_answer_that_is_no_json_is_no_answer(receiver: Receiver) -> None:
    receiver.answer = "text"
    assert WebhookBureau(hook(receiver.url)).report("k", "b") is None
