"""Can a condition ever be TRUE, or ever be FALSE?

The language bounds every node alone; here the clauses of a conjunction also narrow each other, so
that `x > 5 AND x < 3`, `a AND NOT a` and `x IS NULL AND x > 1` are found. The answer "yes" may be
wrong, the answer "no" is a proof.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from xindeng.language import Kind
from xindeng.language.nodes import And, Compare, In, IsNull, Literal, Node, Not, Or, ToDouble
from xindeng.language.nulls import implied

_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_STRICT = frozenset({"<", ">"})
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def can_be(node: Node, truth: bool) -> bool:
    """Return False only if the condition is proven never to take that truth value."""
    match node:
        case Not():
            return can_be(node.item, not truth)
        case And() if truth:
            return _together(node, truth)
        case Or() if not truth:
            return _together(node, truth)
        case And() | Or():
            return any(can_be(item, truth) for item in node.items)
        case _:
            return bool(node.high == 1) if truth else bool(node.low == 0)


def _together(node: Node, truth: bool) -> bool:
    atoms = list(_atoms(node, truth))
    if not all(can_be(atom, want) for atom, want in atoms):
        return False
    if any((atom, not want) in atoms for atom, want in atoms):
        return False
    return _nulls_agree(atoms) and _ranges_meet(atoms) and _words_meet(atoms)


def _atoms(node: Node, truth: bool) -> Iterator[tuple[Node, bool]]:
    """Yield (clause, truth) pairs that must all hold."""
    match node:
        case Not():
            yield from _atoms(node.item, not truth)
        case And() if truth:
            for item in node.items:
                yield from _atoms(item, truth)
        case Or() if not truth:
            for item in node.items:
                yield from _atoms(item, truth)
        case _:
            yield node, truth


def _nulls_agree(atoms: list[tuple[Node, bool]]) -> bool:
    """A value that must be NULL cannot be one that a comparison needs."""
    null = {atom.item for atom, want in atoms if isinstance(atom, IsNull) and want}
    there = {atom.item for atom, want in atoms if isinstance(atom, IsNull) and not want}
    for atom, _ in atoms:
        if isinstance(atom, Compare | In):
            there |= implied(atom)
    return null.isdisjoint(there)


def _ranges_meet(atoms: list[tuple[Node, bool]]) -> bool:
    """Some number must be left for every operand that is compared."""
    low: dict[Node, tuple[float, bool]] = {}
    high: dict[Node, tuple[float, bool]] = {}
    for atom, want in atoms:
        if not isinstance(atom, Compare) or atom.left.kind is Kind.TEXT:
            continue
        op = atom.op if want else _OPPOSITE[atom.op]
        for item, by, bound in (
            (_plain(atom.left), op, atom.right),
            (_plain(atom.right), _MIRRORED[op], atom.left),
        ):
            # `strict` sorts after the same bound that is not, so max and min keep the tighter.
            if by in (">", ">=", "="):
                low[item] = max(low.get(item, (-math.inf, False)), (bound.low, by in _STRICT))
            if by in ("<", "<=", "="):
                tighter = (-bound.high, by in _STRICT)
                high[item] = max(high.get(item, (-math.inf, False)), tighter)
    for item, (least, above) in low.items():
        if item in high:
            most, below = -high[item][0], high[item][1]
            if least > most or (least == most and (above or below)):
                return False
    return True


def _words_meet(atoms: list[tuple[Node, bool]]) -> bool:
    """Some word must be left for every text that is compared with words."""
    left: dict[Node, set[object]] = {}
    barred: dict[Node, set[object]] = {}
    for atom, want in atoms:
        found = _words(atom)
        if found is None:
            continue
        item, words, inside = found
        if inside == want:
            left[item] = left[item] & words if item in left else words
        else:
            barred.setdefault(item, set()).update(words)
    return all(words - barred.get(item, set()) for item, words in left.items())


def _words(atom: Node) -> tuple[Node, set[object], bool] | None:
    if isinstance(atom, In):
        return atom.item, {choice.value for choice in atom.choices}, True
    if isinstance(atom, Compare) and atom.op in ("=", "<>"):
        for item, other in ((atom.left, atom.right), (atom.right, atom.left)):
            if isinstance(other, Literal) and isinstance(other.value, str):
                return item, {other.value}, atom.op == "="
    return None


def _plain(node: Node) -> Node:
    return node.item if isinstance(node, ToDouble) else node
