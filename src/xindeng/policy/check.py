"""What is wrong with a bundle: everything, by file and line, before it is ever used."""

from __future__ import annotations

from collections.abc import Mapping

from xindeng.kernel.errors import Problem
from xindeng.policy.check_bundle import check_bundle
from xindeng.policy.check_learning import check_learning
from xindeng.policy.check_line import check_line
from xindeng.policy.check_products import check_products
from xindeng.policy.check_rules import check_rules
from xindeng.policy.compile import Compiled, Compiler
from xindeng.policy.read_bundle import Bundle, read_bundle


def problems(files: Mapping[str, bytes]) -> list[Problem]:
    """Return everything that is wrong with a bundle (path → content); [] if it loads."""
    return examine(files)[2]


def examine(
    files: Mapping[str, bytes],
) -> tuple[Bundle | None, Compiled | None, list[Problem]]:
    """Return what the files say, their expressions, and every problem, each once and in order."""
    found: list[Problem] = []
    bundle = read_bundle(files, found)
    compiled = None
    if bundle is not None:
        compiled = Compiler(bundle, found).run()
        check_bundle(bundle, compiled, found)
        check_rules(bundle, compiled, found)
        check_line(bundle, compiled, found)
        check_products(bundle, found)
        check_learning(bundle, found)
    return bundle, compiled, sorted(set(found), key=lambda p: (p.path, p.line, p.code, p.what))
