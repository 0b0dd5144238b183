"""The Merkle tree: one root for all leaves, and a path that proves one and no other."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xindeng.store.merkle import Leaf, follow, pack, path, root, unpack


def leaves(count: int) -> list[Leaf]:
    return [
        Leaf("borrower", f"b{n:03}", n + 1, hashlib.sha256(bytes([n])).digest())
        for n in range(count)
    ]


def test_of_nothing_the_root_is_the_hash_of_nothing() -> None:
    assert root([]) == hashlib.sha256().digest()


def test_the_tree_is_that_of_rfc_6962() -> None:
    """Three leaves: ((a b) c), each under its prefix."""
    a, b, c = (root([leaf]) for leaf in leaves(3))
    node = hashlib.sha256(b"\x01" + a + b).digest()
    assert root(leaves(3)) == hashlib.sha256(b"\x01" + node + c).digest()
    assert len({a, b, c}) == 3


@given(st.integers(1, 40), st.data())
def test_a_path_proves_its_leaf_and_no_other(count: int, data: st.DataObject) -> None:
    all_of_them = leaves(count)
    leaf = data.draw(st.sampled_from(all_of_them))
    steps = path(all_of_them, leaf)
    top = root(all_of_them)
    assert follow(leaf, steps) == top
    assert follow(leaf._replace(length=leaf.length + 1), steps) != top
    assert follow(leaf._replace(kind="actor"), steps) != top
    assert len(steps) <= count.bit_length()


@given(st.permutations(leaves(7)))
def test_the_order_in_which_leaves_come_does_not_matter(order: list[Leaf]) -> None:
    assert root(order) == root(leaves(7))
    assert unpack(pack(order)) == tuple(leaves(7))


def test_what_is_not_a_leaf_has_no_path() -> None:
    with pytest.raises(ValueError, match="not in"):
        path(leaves(3), Leaf("borrower", "b9", 1, b""))
