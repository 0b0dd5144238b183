"""A bounded client that borrows and repays, and remembers every answer that it was given."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.fault.served import Served
from tests.service_world import ordinary

AMOUNT = 30_000
"""Fen of every draw; repaying leaves room for the next."""
WISH = {"amount": AMOUNT, "term_months": 10, "rate_bp": 0}
OFTEN_S = 0.03
PATIENCE_S = 3
"""Whoever is not answered for so long does something else and comes back."""
WITHIN_S = 30


class Refused(Exception):
    """A no that repeating does not change."""


class Away(Exception):
    """Nobody answered for a while."""


@dataclass(frozen=True)
class Wish:
    """A request under its key."""

    path: str
    key: str
    body: str


@dataclass
class Book:
    """What was acknowledged, and what should never have been said."""

    acks: dict[Wish, tuple[int, bytes]] = field(default_factory=dict)
    breaches: list[str] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, wish: Wish, status: int, body: bytes) -> None:
        with self.lock:
            first = self.acks.setdefault(wish, (status, body))
        if first != (status, body):
            self.breach(f"{wish.path} {wish.key}: {first} and then {(status, body)}")

    def breach(self, what: str) -> None:
        with self.lock:
            self.breaches.append(what)

    def of(self, route: str) -> list[tuple[Wish, Any]]:
        return [(w, json.loads(b)) for w, (_, b) in self.acks.items() if w.path.endswith(route)]


class Load:
    """Some borrowers who borrow and repay, each thread one request at a time."""

    def __init__(
        self, service: Served, *, threads: int = 4, borrowers: int = 5, seed: int = 1
    ) -> None:
        self.service, self.book = service, Book()
        self.names = [
            [f"b{seed}-{t}-{n}" for n in range(borrowers)] for t in range(threads)
        ]  # nobody's borrower is in two hands, as nobody's app is
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._live, args=(names, random.Random(f"{seed} {number}")))
            for number, names in enumerate(self.names)
        ]

    def __enter__(self) -> Load:
        with self.service.client() as client:
            for name in (one for names in self.names for one in names):
                sent = {"borrower": name, "events": ordinary()}
                made = client.post("/v1/borrowers", json=sent)
                assert made.status_code == 201, made.text
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Finish what is in hand, then stop."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int, within: float = 30) -> float:
        """Wait until `more` further answers were given; returns how long that took."""
        began, before = time.monotonic(), len(self.book.acks)
        while len(self.book.acks) < before + more:
            if time.monotonic() - began > within:
                raise AssertionError(f"not {more} answers within {within} s: {self.service.said()}")
            time.sleep(0.005)
        return time.monotonic() - began

    def _live(self, names: list[str], dice: random.Random) -> None:
        turn, later = 0, list[tuple[str, int]]()
        with self.service.client() as client:
            while not self._stop.is_set():
                turn += 1
                name = names[turn % len(names)]
                if not self._borrow(client, dice, name, turn):
                    later.append((name, turn))
                self._stop.wait(OFTEN_S)
            give_up = time.monotonic() + WITHIN_S
            while later and time.monotonic() < give_up:
                later = [one for one in later if not self._borrow(client, dice, *one)]
        for name, turn in later:
            self.book.breach(f"{name}, turn {turn}: no answer within {WITHIN_S} s of the last kill")

    def _borrow(self, client: httpx.Client, dice: random.Random, name: str, turn: int) -> bool:
        """One draw from wish to repayment; False where somebody did not answer, to come again."""
        at, clear = f"/v1/borrowers/{name}", dice.random() >= 0.2
        try:
            made = self.ask(client, Wish(f"{at}/draws", f"d{turn}", json.dumps(WISH)))
            if made["outcome"] != "approve":
                return True
            self._until(client, "GET", f"{at}/decisions/{made['id']}/cost-sheet")
            confirmation = Wish(
                f"{at}/confirmations", f"c{turn}", json.dumps({"decision": made["id"]})
            )
            paid = self.ask(client, confirmation)
            if not clear:  # somebody pressed twice
                self.ask(client, confirmation)
            if paid["state"] == "settled":
                sent = json.dumps({"amount": AMOUNT})
                self.ask(client, Wish(f"{at}/repayments", f"r{turn}", sent))
        except Refused:
            return True
        except Away:
            return False
        return True

    def ask(self, client: httpx.Client, wish: Wish) -> Any:
        """Ask until there is an answer, always under the same key."""
        headers = {"Idempotency-Key": wish.key, "Content-Type": "application/json"}
        answer = self._until(client, "POST", wish.path, content=wish.body, headers=headers)
        self.book.note(wish, answer.status_code, answer.content)
        return answer.json()

    def _until(self, client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
        """Repeat a request for a while; raises Away, or Refused for what will stay a no."""
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            try:
                answer = client.request(method, path, **more)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code in (409, 429, 503) and "retry-after" in answer.headers:
                time.sleep(0.05)
                continue
            if answer.status_code >= 500:
                self.book.breach(f"{method} {path}: {answer.status_code} {answer.text}")
            if answer.status_code >= 400:
                self.book.refusals[f"{answer.status_code} {answer.json().get('code')}"] += 1
                raise Refused
            return answer
        raise Away
