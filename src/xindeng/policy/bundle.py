"""The one way from files to a policy: read, compile, check; then a Policy, or all problems."""

from __future__ import annotations

from collections.abc import Mapping

from xindeng.kernel.errors import PolicyError
from xindeng.policy.check import examine
from xindeng.policy.policy import Policy, content_hash


def load(files: Mapping[str, bytes]) -> Policy:
    """Return the policy of a bundle (path → content); raises PolicyError with every problem."""
    bundle, compiled, problems = examine(files)
    if problems or bundle is None or compiled is None:
        raise PolicyError(problems)
    return Policy(bundle, compiled, content_hash(files))
