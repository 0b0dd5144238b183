"""Sealing and chaining: every changed byte is noticed, by the cipher or by the chain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xindeng.events.envelope import Event
from xindeng.events.security import Login
from xindeng.kernel.errors import ErasedError, UnavailableError, XindengError
from xindeng.store import crypto, events
from xindeng.store.borrowers import Chain
from xindeng.store.chain import Link, genesis, verify
from xindeng.store.crypto import DataKey, KeyRing
from xindeng.store.masters import master_key
from xindeng.store.paths import secret_file

KEY = DataKey(7, bytes(range(32)))


def chained(count: int = 4, borrower: str = "b1") -> tuple[Chain, list[Link]]:
    chain = Chain(borrower, 0, genesis(borrower), KEY)
    told = [
        Event(f"e{n}", borrower, "login", 1, n, n, Login(success=True), n)
        for n in range(1, count + 1)
    ]
    return chain, events.extend(chain, told, [None] * (count - 1) + [b"\x01" * 32])


def test_a_chain_verifies_and_reads_back() -> None:
    chain, links = chained()
    assert verify("b1", links) == (chain.seq, chain.head) == (4, links[-1].hash)
    assert [e.id for e in events.unseal(links, KEY)] == ["e1", "e2", "e3", "e4"]
    assert verify("b2", []) == (0, genesis("b2"))
    assert genesis("b1") != genesis("b2")


def test_every_column_is_covered() -> None:
    """A planted change in any column of any event is caught."""
    _, links = chained()
    changed = {
        "borrower": "b2", "seq": 9, "id": "other", "type": "payment", "version": 2,
        "occurred_at": 99, "known_at": 99, "key_id": 8, "payload": links[1].payload[:-1] + b"\0",
        "evidence": b"\x02" * 32, "prev_hash": b"\x03" * 32, "hash": b"\x04" * 32,
    }  # fmt: skip
    assert set(changed) == set(Link.__dataclass_fields__)
    for name, value in changed.items():
        planted = [links[0], replace(links[1], **{name: value}), *links[2:]]
        with pytest.raises(XindengError, match="b1") as caught:
            verify("b1", planted)
        assert caught.value.code == "store.integrity", name


@pytest.mark.parametrize("planted", [[1, 2, 3], [0, 2, 3], [0, 2, 1, 3], [0, 0, 1, 2, 3]])
def test_dropped_moved_and_repeated_events_are_caught(planted: list[int]) -> None:
    _, links = chained()
    with pytest.raises(XindengError):
        verify("b1", [links[n] for n in planted])


def test_a_cut_tail_shows_in_length_and_head() -> None:
    chain, links = chained()
    assert verify("b1", links[:-1]) != (chain.seq, chain.head)


def test_a_payload_moved_to_another_row_does_not_open() -> None:
    _, links = chained()
    moved = replace(links[0], payload=links[1].payload)
    with pytest.raises(XindengError, match="changed or moved"):
        list(events.unseal([moved], KEY))


def test_the_same_event_never_has_the_same_ciphertext() -> None:
    assert chained()[1][0].payload != chained()[1][0].payload


def test_a_chain_takes_only_what_comes_next() -> None:
    chain, _ = chained()
    with pytest.raises(XindengError, match="would follow"):
        events.extend(chain, [Event("x", "b1", "login", 1, 1, 1, Login(success=True), 6)], [None])


def test_keys_are_wrapped_for_one_borrower() -> None:
    ring = KeyRing(bytes(range(1, 33)))
    wrapped = ring.new_wrapped("b1")
    opened = ring.open("b1", 1, wrapped, ring.master_id)
    sealed = opened.seal(b"secret", b"here")
    fresh = KeyRing(bytes(range(1, 33)))
    again = fresh.open("b1", 1, wrapped, fresh.master_id)
    assert again.unseal(sealed, b"here", where="t") == b"secret"
    with pytest.raises(XindengError, match="changed or moved"):
        again.unseal(sealed, b"elsewhere", where="t")
    with pytest.raises(XindengError, match="data key was changed"):
        KeyRing(bytes(range(1, 33))).open("b2", 1, wrapped, ring.master_id)


def test_a_destroyed_key_means_erased_and_a_foreign_one_a_wrong_home() -> None:
    ring, other = KeyRing(bytes(range(1, 33))), KeyRing(bytes(range(2, 34)))
    wrapped = ring.new_wrapped("b1")
    ring.open("b1", 1, wrapped, ring.master_id)
    with pytest.raises(ErasedError):
        ring.open("b1", 1, None, ring.master_id)
    with pytest.raises(UnavailableError, match="master key"):
        other.open("b1", 1, wrapped, ring.master_id)


def test_the_ring_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto, "_CACHED_KEYS", 2)
    ring = KeyRing(bytes(range(1, 33)))
    for n in range(5):
        ring.open("b", n, ring.new_wrapped("b"), ring.master_id)
    assert list(ring._unwrapped) == [3, 4]


def test_the_master_key_is_made_once_and_kept_close(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XINDENG_MASTER_KEY", raising=False)
    key = master_key(tmp_path)
    assert master_key(tmp_path) == key
    file = tmp_path / "master.key"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(UnavailableError, match="read by other users"):
        master_key(tmp_path)
    file.chmod(0o600)
    file.write_text("abc")
    with pytest.raises(UnavailableError, match="damaged"):
        master_key(tmp_path)


@pytest.mark.parametrize("bad", ["abc", "00" * 32, "ab" * 32, "zz" * 32])
def test_a_weak_master_key_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setenv("XINDENG_MASTER_KEY", bad)
    with pytest.raises(UnavailableError, match="XINDENG_MASTER_KEY"):
        master_key(tmp_path)
    monkeypatch.setenv("XINDENG_MASTER_KEY", bytes(range(32)).hex())
    assert master_key(tmp_path) == bytes(range(32))


def test_a_secret_is_written_whole(tmp_path) -> None:
    assert len(secret_file(tmp_path / "s", 16)) == 16
