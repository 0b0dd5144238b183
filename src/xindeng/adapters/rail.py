"""A payment rail in memory that misbehaves as told: for tests, demos and rehearsals."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Lock

from xindeng.adapters.ports import RailAnswer, Transfer
from xindeng.kernel.errors import UnavailableError

BEHAVIOURS = ("succeed", "fail", "time_out", "time_out_before", "pending", "contradict", "down")


class SandboxRail:
    """Each new transfer takes the next behaviour of the script, `succeed` after its end.

    `time_out` moves the money and loses the answer; `time_out_before` loses the request;
    `contradict` says failed although the money moved; `down` refuses to be reached. `paid` is
    what really left, by key: a second transfer under a key never moves money again.
    """

    def __init__(self, script: Iterable[str] = ()) -> None:
        self.script = deque(script)
        self.paid: dict[str, Transfer] = {}
        self.failed: set[str] = set()
        self.waiting: dict[str, Transfer] = {}
        self.asked: list[str] = []
        self.sent: list[str] = []
        self.down = False
        self._lock = Lock()

    def send(self, transfer: Transfer) -> RailAnswer:
        """Pay out as the script says; repeats under a key only answer."""
        with self._lock:
            self.sent.append(transfer.key)
            if self.down:
                raise self._away()
            if self._known(transfer.key) is not RailAnswer.unseen:
                return self._known(transfer.key)
            return self._behave(self.script.popleft() if self.script else "succeed", transfer)

    def ask(self, key: str) -> RailAnswer:
        """Say what really became of the transfer."""
        with self._lock:
            self.asked.append(key)
            if self.down:
                raise self._away()
            return self._known(key)

    def statement(self) -> list[Transfer]:
        """Return what really left."""
        with self._lock:
            if self.down:
                raise self._away()
            return list(self.paid.values())

    def complete(self, key: str) -> None:
        """Let a pending transfer go through."""
        with self._lock:
            self.paid[key] = self.waiting.pop(key)

    def _behave(self, how: str, transfer: Transfer) -> RailAnswer:
        if how in {"down", "time_out_before"}:
            raise self._away()
        if how == "fail":
            self.failed.add(transfer.key)
            return RailAnswer.failed
        if how == "pending":
            self.waiting[transfer.key] = transfer
            return RailAnswer.pending
        self.paid[transfer.key] = transfer
        if how == "time_out":
            raise self._away()
        return RailAnswer.failed if how == "contradict" else RailAnswer.settled

    def _known(self, key: str) -> RailAnswer:
        if key in self.paid:
            return RailAnswer.settled
        if key in self.failed:
            return RailAnswer.failed
        return RailAnswer.pending if key in self.waiting else RailAnswer.unseen

    @staticmethod
    def _away() -> UnavailableError:
        return UnavailableError(
            "the payment rail did not answer",
            next_step="the draw stays reserved; the rail is asked again under the same key",
            code="rail.away",
        )
