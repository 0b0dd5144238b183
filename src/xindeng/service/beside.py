"""Load a policy beside the work of a server: it takes a second or more, and no draw waits for it.

Until it is loaded here the champion decides. A process that decides one thing and ends loads what
it needs at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from xindeng.kernel.errors import XindengError
from xindeng.policy.policy import Policy

Load = Callable[[], Policy]


class Beside:
    """Policies by hash, loaded in threads of their own; one that cannot be is tried once."""

    def __init__(self) -> None:
        self._found: dict[str, Policy | XindengError | None] = {}
        self._lock = threading.Lock()

    def get(self, policy_hash: str, load: Load) -> Policy | None:
        """Return the policy, None while `load` is at it; raises the XindengError it raised."""
        with self._lock:
            begin = policy_hash not in self._found
            found = self._found.setdefault(policy_hash, None)
        if begin:
            threading.Thread(
                target=self._run, args=[policy_hash, load], name="policy", daemon=True
            ).start()
        if isinstance(found, XindengError):
            raise found
        return found

    def _run(self, policy_hash: str, load: Load) -> None:
        try:
            self._found[policy_hash] = load()
        except XindengError as error:
            self._found[policy_hash] = error
        except BaseException:
            self._found.pop(policy_hash, None)  # whatever it was, it is tried again
            raise
