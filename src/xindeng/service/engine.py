"""The engine: a store, a policy, a clock and a source of randomness, open together."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from xindeng.adapters.erased import ErasedFile
from xindeng.events.envelope import Event
from xindeng.features.state import State
from xindeng.kernel.errors import ConflictError, NotFoundError, UnavailableError
from xindeng.kernel.ids import RandomBits, new_id
from xindeng.kernel.time import Clock
from xindeng.kernel.tracing import Tracing
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy
from xindeng.service.arms import ChallengerReader
from xindeng.service.beside import Beside
from xindeng.service.limiter import Limiter
from xindeng.service.platform import PlatformReader
from xindeng.service.policies import read_bundle
from xindeng.store import Store, events, open_store, policies, proposals, restorations
from xindeng.store.borrowers import Chain
from xindeng.store.chain import verify
from xindeng.store.connect import Conn
from xindeng.store.crypto import integrity_error
from xindeng.store.paths import default_home
from xindeng.store.randomness import SYSTEM
from xindeng.store.states import SealedState

ERASED: Final = "erased.ndjson"
"""The list in the home of whom to erase again after a restore."""
PUBLISHED: Final = "published"
"""The name of whatever policy two people have put in force last."""
_RANDOM: Final = SYSTEM.bits


def system_clock() -> int:
    """Return the present instant in µs."""
    return time.time_ns() // 1000


class Engine:
    """What every use case works with; shared by the threads of a process.

    `files` is the policy's bundle; it is stored, so that what it decides can be decided again
    after the bundle has changed. `policy` is what it loads to, where the caller has loaded it.
    `erased` is the list outside of whom to erase again after a restore.

    Another version may take over while the process runs (service/following.py); work that must
    rest on one version from its beginning to its end is done within `one_policy`.
    """

    def __init__(
        self,
        store: Store,
        files: Mapping[str, bytes],
        *,
        policy: Policy | None = None,
        clock: Clock = system_clock,
        random_bits: RandomBits = _RANDOM,
        erased: ErasedFile | None = None,
    ) -> None:
        self.store = store
        self.base = self
        self._policy = policy or load(files)
        self._kept = threading.local()
        self.clock = clock
        self.random_bits = random_bits
        self.erased = erased
        self.platform = PlatformReader(store.keys)
        self.challengers = ChallengerReader()
        self.beside: Beside | None = None
        self.limiter = Limiter(store, clock)
        self._reconciled = False
        self._policies: dict[str, Policy] = {self.policy.hash: self.policy}
        with store.transaction() as conn:
            policies.put(conn, self.policy.hash, self.policy.name, files, clock())

    @property
    def policy(self) -> Policy:
        """Return the policy that decides: within `one_policy` the one that did at its beginning."""
        kept: Policy | None = getattr(self._kept, "policy", None)
        return kept or self._policy

    @contextmanager
    def one_policy(self) -> Iterator[None]:
        """Have this thread work under one version until the end of the block."""
        before: Policy | None = getattr(self._kept, "policy", None)
        self._kept.policy = before or self._policy
        try:
            yield
        finally:
            self._kept.policy = before

    def take_up(self, policy: Policy) -> None:
        """Have a stored version decide from now on; what is in hand ends under the one before."""
        self._policies[policy.hash] = policy
        self._policy = policy

    def under(self, policy: Policy) -> Engine:
        """Return this engine with another policy, one that is stored; all else is shared, and
        draws are still decided by `base`, which knows who is in which arm."""
        other = copy.copy(self)
        other._policy, other._kept, other.base = policy, threading.local(), self.base
        return other

    def new_id(self, at: int) -> str:
        """Return a fresh identifier that sorts by instant `at` (µs)."""
        return new_id(at, self.random_bits)

    def policy_of(self, conn: Conn, policy_hash: str) -> Policy:
        """Return the policy version of that hash; raises NotFoundError, or XindengError
        "store.integrity" if the stored bundle is not what it was."""
        found = self._policies.get(policy_hash)
        if found is None:
            found = load(policies.get(conn, policy_hash))
            if found.hash != policy_hash:
                raise integrity_error("the stored bundle was changed", f"policy {policy_hash}")
            self._policies[policy_hash] = found
        return found

    def loaded(self, policy_hash: str) -> Policy | None:
        """Return the policy version of that hash if it is at hand, as whatever decides is."""
        return self._policies.get(policy_hash)

    def keep(self, policy: Policy) -> None:
        """Keep a version loaded for another reason, for whoever asks for it by its hash."""
        self._policies[policy.hash] = policy

    def policy_ready(self, conn: Conn, policy_hash: str) -> Policy | None:
        """Return the policy version of that hash as `policy_of` does, or None where this is a
        server that is still loading it."""
        if self.beside is None or policy_hash in self._policies:
            return self.policy_of(conn, policy_hash)
        return self.beside.get(policy_hash, lambda: self._load(policy_hash))

    def _load(self, policy_hash: str) -> Policy:
        with self.store.snapshot() as conn:
            found = self.policy_of(conn, policy_hash)
        assert found.kernel  # made at its first use, which is now
        return found

    def check_reconciled(self, conn: Conn) -> None:
        """Raise UnavailableError after a restore, until the payment rail was asked: money may have
        left that this database does not know of. Nothing else waits for it."""
        if self._reconciled:
            return
        if restorations.pending(conn) is not None:
            raise UnavailableError(
                "draws wait until a restored database has been compared with the payment rail; "
                "repayments go on",
                next_step="repeat it with the same key later; the operator runs xindeng reconcile",
                code="restore.unreconciled",
            )
        self._reconciled = True

    def state(self, conn: Conn, chain: Chain, sealed: SealedState | None) -> State:
        """Return a borrower's state at the end of the chain.

        Raises ConflictError before anything is folded where the borrower's amounts are in another
        currency than the policy's. Events are folded again where no state is stored, where
        another feature book wrote it, or where it is not of this length.
        """
        self.check_currency(chain)
        kernel = self.policy.kernel
        if chain.seq == 0:
            return kernel.empty()
        if sealed is not None and (sealed.kernel, sealed.seq) == (kernel.version, chain.seq):
            return kernel.load(*sealed.unseal(chain.key))
        return self.rebuild(conn, chain, self.policy)

    def check_currency(self, chain: Chain) -> None:
        """Raise ConflictError for a borrower whose amounts are not in the policy's currency."""
        if chain.currency in (None, self.policy.currency):
            return
        raise ConflictError(
            f"the amounts are in {chain.currency}, policy {self.policy.name!r} is in "
            f"{self.policy.currency}",
            where=f"borrower {chain.borrower}",
            next_step=f"use a policy in {chain.currency} (--policy)",
            code="borrower.currency",
        )

    def history(self, conn: Conn, chain: Chain, below: int | None = None) -> Iterator[Event]:
        """Return a borrower's stored events in sequence, those with seq < `below` if given.

        The whole chain is verified first; raises XindengError "store.integrity".
        """
        links = events.read_links(conn, chain.borrower)
        if verify(chain.borrower, links) != (chain.seq, chain.head):
            raise integrity_error(
                "the chain does not end where it should", f"borrower {chain.borrower}"
            )
        return events.unseal(links if below is None else links[: below - 1], chain.key)

    def rebuild(self, conn: Conn, chain: Chain, policy: Policy, below: int | None = None) -> State:
        """Return the state folded from `history`."""
        state = policy.kernel.rebuild(self.history(conn, chain, below))
        # Whoever saves this state must save all of it.
        state.buckets_dirty = True
        return state


@contextmanager
def open_engine(
    policy: str | Path = "consumer_line",
    *,
    home: Path | None = None,
    url: str | None = None,
    clock: Clock = system_clock,
    random_bits: RandomBits = _RANDOM,
    statement_ms: int = 0,
    tracing: Tracing | None = None,
) -> Iterator[Engine]:
    """Yield an engine on the store of `url` or `home` under a policy, by name or directory.

    `published` is the publication in force. A statement of the database ends after
    `statement_ms`, 0 for never. Raises PolicyError before any database is started, UnavailableError
    if it cannot be, NotFoundError where nothing was published.
    """
    erased = ErasedFile((home or default_home()) / ERASED)
    files = {} if policy == PUBLISHED else read_bundle(policy)
    loaded = load(files) if files else None
    with open_store(home, url, statement_ms=statement_ms, tracing=tracing) as store:
        files = files or _published(store, clock())
        yield Engine(store, files, policy=loaded, clock=clock, random_bits=random_bits,
                     erased=erased)  # fmt: skip


def _published(store: Store, now: int) -> dict[str, bytes]:
    with store.snapshot() as conn:
        found = proposals.in_force(conn, now)
        if found is None:
            raise NotFoundError(
                "no policy that was published is in force",
                next_step="propose one: xindeng policy submit BUNDLE --as NAME --why …",
                code="not_found.published",
            )
        return policies.get(conn, found)
