"""A partner lender in memory: it accepts, refuses, has a quota, or does not answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Lock

from xindeng.adapters.ports import FunderAnswer, Transfer


class SandboxFunder:
    """Answers new keys by the script, then by its quota (minor units; None is boundless)."""

    def __init__(
        self, script: Iterable[str] = (), *, name: str = "sandbox bank", quota: int | None = None
    ) -> None:
        self._name = name
        self.script = deque(script)
        self.quota = quota
        self.answers: dict[str, FunderAnswer] = {}
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Return the name that borrowers are told."""
        return self._name

    def request(self, transfer: Transfer) -> FunderAnswer:
        """Answer a request; a timeout is forgotten, every other answer stands for its key."""
        with self._lock:
            known = self.answers.get(transfer.key)
            if known is not None:
                return known
            if self.script:
                answer = FunderAnswer(self.script.popleft())
            elif self.quota is not None and transfer.amount > self.quota:
                answer = FunderAnswer.quota
            else:
                answer = FunderAnswer.accepted
            if answer is FunderAnswer.accepted and self.quota is not None:
                self.quota -= transfer.amount
            if answer is not FunderAnswer.timeout:
                self.answers[transfer.key] = answer
            return answer
