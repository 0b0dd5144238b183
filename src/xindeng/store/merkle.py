"""A Merkle tree over chain heads: one root for all, and a short path that proves one of them.

As in RFC 6962: leaves and inner nodes are hashed under different prefixes, and the left half of n
leaves is the largest power of two below n, so no tree can be read as another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[tuple[str, str, int, bytes], ...]).decode
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


class Leaf(NamedTuple):
    """A chain as it stood: `kind` "borrower" or "actor", its name, length, and last hash."""

    kind: str
    chain: str
    length: int
    head: bytes


class PathStep(NamedTuple):
    """The hash to join with, on the left or the right."""

    left: bool
    hash: bytes


def pack(leaves: Sequence[Leaf]) -> bytes:
    """Return the leaves as bytes, in the order of the tree."""
    return _encode(sorted(leaves))


def unpack(data: bytes) -> tuple[Leaf, ...]:
    """Read what `pack` wrote; raises msgspec.DecodeError for anything else."""
    return tuple(Leaf(*fields) for fields in _decode(data))


def root(leaves: Sequence[Leaf]) -> bytes:
    """Return the root over the leaves in sorted order; of none, the hash of nothing."""
    return _root([_leaf_hash(leaf) for leaf in sorted(leaves)])


def path(leaves: Sequence[Leaf], leaf: Leaf) -> tuple[PathStep, ...]:
    """Return the steps from `leaf` up to the root; raises ValueError if it is not among them."""
    ordered = sorted(leaves)
    return tuple(_path([_leaf_hash(one) for one in ordered], ordered.index(leaf)))


def follow(leaf: Leaf, steps: Sequence[PathStep]) -> bytes:
    """Return the root that the path leads to; the proof holds if it is the sealed one."""
    found = _leaf_hash(leaf)
    for step in steps:
        found = _join(step.hash, found) if step.left else _join(found, step.hash)
    return found


def _leaf_hash(leaf: Leaf) -> bytes:
    return hashlib.sha256(_LEAF + _encode(tuple(leaf))).digest()


def _join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def _split(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def _root(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) <= 1:
        return hashes[0] if hashes else hashlib.sha256().digest()
    half = _split(len(hashes))
    return _join(_root(hashes[:half]), _root(hashes[half:]))


def _path(hashes: Sequence[bytes], at: int) -> list[PathStep]:
    if len(hashes) == 1:
        return []
    half = _split(len(hashes))
    if at < half:
        return [*_path(hashes[:half], at), PathStep(False, _root(hashes[half:]))]
    return [*_path(hashes[half:], at - half), PathStep(True, _root(hashes[:half]))]
