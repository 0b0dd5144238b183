"""A person's data: consents that end, an export that is whole, an erasure that nothing undoes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.api_world import ApiWorld, Client, told
from tests.service.test_stories import OLD_CARD, Person
from tests.service_world import event, seal_all
from xindeng.adapters.anchor import FileAnchor
from xindeng.adapters.erased import ErasedFile
from xindeng.adapters.streams import Record
from xindeng.decision import consent
from xindeng.kernel.errors import ErasedError
from xindeng.kernel.time import DAY
from xindeng.service import audit, erasure, retention, stream_out
from xindeng.service import export as exporting
from xindeng.service.policies import read_bundle
from xindeng.service.replay import replay
from xindeng.store import Store, erasures, inventory

KEY = iter(range(10_000))


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    place = tmp_path_factory.mktemp("keys")
    made = ApiWorld(store, place, read_bundle("consumer_line"))
    made.engine.erased = ErasedFile(place / "erased.ndjson")
    return made


def post(client: Client, path: str, body: Any, status: int = 201, **more: Any) -> Any:
    return told(client.post(path, body, key=f"p{next(KEY)}", **more), status)


def draws(client: Client, name: str, amount: int = 100_000) -> Any:
    sent = {"amount": amount, "term_months": 12}
    return post(client, f"/v1/borrowers/{name}/draws", sent)


def good(client: Client, name: str) -> str:
    """Somebody whom the reference policy approves of."""
    person = Person(client.world, name, "2026-07-01")
    person.salary(10_000, *(f"2026-{month:02d}-10" for month in range(1, 7)))
    person.report("2026-06-28", accounts=[OLD_CARD])
    client.world.now = client.world.at("2026-07-01 12:00")
    return name


# ---- consents ---------------------------------------------------------------------------------


def consents(client: Client, name: str, category: str, *, granted: bool) -> Any:
    body = {"category": category, "granted": granted, "version": "2026-03"}
    return post(client, f"/v1/borrowers/{name}/consents", body, role="borrower", borrower=name)


def test_a_withdrawn_consent_is_used_no_more_and_approves_nothing(client: Client) -> None:
    name = good(client, "withdraws")
    assert draws(client, name)["outcome"] == "approve"
    for category in ("bureau", "transactions"):
        consents(client, name, category, granted=False)
        refused = draws(client, name)
        assert refused["outcome"] == "review", category
        consents(client, name, category, granted=True)
        assert draws(client, name)["outcome"] == "approve"


def test_a_gate_that_only_hides_the_values_is_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: values are taken out, but rules that make something of NULL go on as if it were a
    no; the flows that would have paused the draw are then simply not seen."""
    from xindeng.decision import decide

    def careless(gates: Sequence[consent.Gate], inputs: list[Any]) -> int:
        consent.withhold(gates, inputs)
        return 0

    name = good(client, "careless")
    consents(client, name, "transactions", granted=False)
    barred = draws(client, name)
    monkeypatch.setattr(decide, "withhold", careless)
    again = draws(client, name)
    path = f"/v1/borrowers/{name}/decisions/{{}}/explanation"
    lights = [
        str(told(client.get(path.format(one["id"]), role="analyst"), 200)["lights"])
        for one in (barred, again)
    ]
    assert lights[0] != lights[1]


def test_the_register_tells_when_and_to_which_words(client: Client) -> None:
    name = client.settle("registers")
    consents(client, name, "location", granted=True)
    consents(client, name, "location", granted=False)
    found = told(client.get(f"/v1/borrowers/{name}/consents", role="support"), 200)["items"]
    assert [(one["granted"], one["in_force"], one["version"]) for one in found] == [
        (True, False, "2026-03"), (False, True, "2026-03"),
    ]  # fmt: skip


# ---- export -----------------------------------------------------------------------------------


def rich(client: Client, name: str) -> str:
    good(client, name)
    draws(client, name)
    post(client, f"/v1/borrowers/{name}/matters", {"way": "complaint", "text": f"words of {name}"})
    hold = {"kind": "security", "reason": "watch-list hit", "note": "do not tell"}
    post(client, f"/v1/borrowers/{name}/holds", hold, role="support")
    flag = event("account_flag", "2026-06-01", flag="fraud_suspect", raised=True)
    body = {"events": [{"borrower": name, **flag}]}
    told(client.post("/v1/events", body), 200)
    return name


def test_an_export_is_whole_and_only_theirs(client: Client) -> None:
    name, other = rich(client, "exports"), rich(client, "neighbour")
    path = f"/v1/borrowers/{name}/export"
    found = told(client.get(path, role="borrower", borrower=name), 200)
    text = json.dumps(found, ensure_ascii=False)
    assert f"words of {name}" in text and other not in text
    assert len(found["decisions"]) == 1 and found["notices"] and found["matters"]
    assert "watch-list hit" not in text and "do not tell" not in text
    assert "account_flag" not in text and found["left_out"]["some"]
    told(client.get(path, role="borrower", borrower=other), 404)


def test_every_table_about_a_borrower_is_in_the_export_or_says_why_not(world: ApiWorld) -> None:
    with world.store.snapshot() as conn:
        rows = conn.execute(
            "SELECT DISTINCT c.table_name FROM information_schema.columns c"
            " JOIN pg_class r ON r.relname = c.table_name AND NOT r.relispartition"
            " WHERE c.column_name = 'borrower' AND c.table_schema = 'public'"
        )
        tables = {row[0] for row in rows}
    assert tables == set(exporting.PARTS) | set(exporting.ELSEWHERE)


def test_the_zip_holds_the_same_part_by_part(world: ApiWorld, client: Client) -> None:
    found = exporting.export(world.engine, rich(client, "zipped"))
    packed = zipfile.ZipFile(io.BytesIO(exporting.as_zip(found)))
    assert {f"{part}.json" for part in exporting.PARTS.values()} - {"borrower.json"} <= set(
        packed.namelist()
    )
    assert json.loads(packed.read("events.json")) == json.loads(exporting.as_json(found["events"]))


# ---- erasure ----------------------------------------------------------------------------------


def erases(client: Client, name: str, status: int = 200) -> Any:
    return told(client.post(f"/v1/borrowers/{name}/erasure", None), status)


class Kept:
    """A topic that keeps what it was told."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def publish(self, records: Sequence[Record]) -> None:
        self.records += records


def test_after_an_erasure_nothing_can_be_read_and_the_audit_still_verifies(
    world: ApiWorld, client: Client, tmp_path: Path
) -> None:
    name = good(client, "erased")
    made = draws(client, name)
    anchor = FileAnchor(tmp_path / "anchor")
    seal_all(world.engine, anchor)
    topic = Kept()
    stream_out.publish(world.engine, topic, reader="privacy")
    done = erases(client, name)
    assert done["events"] > 2 and {one["record"] for one in done["kept"]} >= {"loans_and_postings"}
    for path in ("", "/line", "/decisions", "/export", "/matters", "/consents"):
        told(client.get(f"/v1/borrowers/{name}{path}"), 410)
    assert erases(client, name, 410)["code"] == "erased"
    with pytest.raises(ErasedError):
        replay(world.engine, made["id"])
    assert audit.verify(world.engine, anchor).ok
    seal_all(world.engine, anchor)
    report = audit.verify(world.engine, anchor)
    assert report.ok and report.entries > 0
    told_before = len(topic.records)
    stream_out.publish(world.engine, topic, reader="privacy")
    fresh = [one for one in topic.records[told_before:] if one.key == name]
    assert [one.value for one in fresh] == [None]
    assert stream_out.publish(world.engine, topic, reader="privacy") == 0
    left = rows_of(world, name)
    assert left.keys() & {"state", "line", "task", "notice", "in_hand", "plan_watch"} == set()


def rows_of(world: ApiWorld, name: str) -> dict[str, int]:
    found = {}
    with world.store.snapshot() as conn:
        for table in {*exporting.PARTS, *exporting.ELSEWHERE}:
            row = conn.execute(
                f"SELECT count(*) FROM {table} WHERE borrower = %s",
                [name],  # type: ignore[call-overload]
            ).fetchone()
            if row[0]:
                found[table] = row[0]
    return found


def test_no_ciphertext_opens_once_the_key_is_gone(world: ApiWorld, client: Client) -> None:
    """Planted: the key is kept in the row, as a careless erasure would; then it opens again."""
    name = good(client, "key-gone")
    with world.store.snapshot() as conn:
        row = conn.execute(
            "SELECT key_id, wrapped FROM borrower_key WHERE borrower = %s", [name]
        ).fetchone()
    assert row is not None
    erases(client, name)
    with world.store.snapshot() as conn:
        now = conn.execute(
            "SELECT wrapped, destroyed_at FROM borrower_key WHERE key_id = %s", [row[0]]
        ).fetchone()
    assert now is not None and now[0] is None and now[1] is not None
    with world.store.pool.connection() as conn:
        conn.execute(
            "UPDATE borrower_key SET wrapped = %s, destroyed_at = NULL WHERE key_id = %s",
            [row[1], row[0]],
        )
    told(client.get(f"/v1/borrowers/{name}/line"), 200)
    # What a restore brings back is erased again from the list outside.
    assert erasure.erase_again(world.engine) == 1
    told(client.get(f"/v1/borrowers/{name}/line"), 410)
    assert erasure.erase_again(world.engine) == 0


def test_a_living_loan_or_an_open_matter_holds_an_erasure(world: ApiWorld, client: Client) -> None:
    name = good(client, "held-back")
    matter = post(client, f"/v1/borrowers/{name}/matters", {"way": "complaint"})
    assert "matter" in erases(client, name, 409)["detail"]
    post(client, f"/v1/borrowers/{name}/matters/{matter['id']}/withdrawal", None, 200)
    made = draws(client, name)
    path = f"/v1/borrowers/{name}/decisions/{made['id']}/cost-sheet"
    sheet = told(client.get(path), 200)
    world.now += sheet["reading_seconds"] * 1_000_000
    post(client, f"/v1/borrowers/{name}/confirmations", {"decision": made["id"]})
    refused = erases(client, name, 409)
    assert refused["code"] == "erasure.held" and "loan" in refused["detail"]


# ---- retention --------------------------------------------------------------------------------


def test_the_nightly_cleaning_removes_what_is_old_once(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = rich(client, "cleaned")
    with world.store.pool.connection() as conn:
        conn.execute("UPDATE notice SET sent_at = made_at WHERE borrower = %s", [name])
    assert retention.clean(world.engine).get("notices") == 0
    assert retention.clean(world.engine) == {}
    monkeypatch.setattr(world, "now", world.now + 1_096 * DAY)
    removed = retention.clean(world.engine)
    assert removed["notices"] >= 1
    assert "notice" not in rows_of(world, name) and rows_of(world, name)["event"]
    assert retention.clean(world.engine) == {}


def test_a_line_closed_long_ago_is_erased_by_itself(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = client.settle("long-closed")
    world.tell(name, event("limit_change", "2026-06-30", limit=0, change="closed"))
    monkeypatch.setattr(world, "now", world.now + 1_824 * DAY)
    assert retention.clean(world.engine)["closed_lines"] == 0
    monkeypatch.setattr(world, "now", world.now + 3 * DAY)
    assert retention.clean(world.engine)["closed_lines"] == 1
    with pytest.raises(ErasedError):
        exporting.export(world.engine, name)


# Table → its record in the retention file; "" for what is about nobody.
KEPT = {
    **dict.fromkeys(("event", "decision", "borrower", "borrower_key", "state", "line", "erasure",
                     "idempotency", "learnt", "reservation", "reservation_step"),
                    "events_and_decisions"),
    **dict.fromkeys(("loan", "loan_transaction", "posting"), "loans_and_postings"),
    **dict.fromkeys(("plan", "plan_look", "plan_step_done", "plan_watch"), "plans"),
    **dict.fromkeys(("action", "proposal", "staff", "api_key"), "staff_actions"),
    "answer": "answers_under_keys", "in_hand": "requests_in_hand", "notice": "notices",
    "task": "tasks_done", "trial": "trials", "sighting": "sightings", "agent": "agents_found",
    "staff_session": "staff_sessions", "matter": "matters", "quarantine": "events_set_aside",
    "guard": "limits_of_calls", "sign_in": "limits_of_calls",
    **dict.fromkeys(("seal", "feed_epoch", "feed_reader", "policy_version", "publication",
                     "challenger", "backtest", "cleaning", "job_chunk", "restoration", "master_key",
                     "oldest_program", "alembic_version"), ""),
}  # fmt: skip


def test_every_table_is_kept_for_as_long_as_is_written(world: ApiWorld) -> None:
    records = {one.record: one for one in retention.records()}
    with world.store.snapshot() as conn:
        tables = {one for one in inventory.tables(conn) if not one.startswith("procrastinate")}
    assert tables == set(KEPT), "say how long the rows of each table are kept"
    assert {one for one in KEPT.values() if one} == set(records) - {retention.CLOSED}
    assert {name for name, one in records.items() if one.days is not None} == (
        erasures.REMOVABLE | {retention.CLOSED}
    ), "what has days is removed, and nothing else"


def test_what_is_kept_is_told_with_its_source(client: Client) -> None:
    found = told(client.get("/v1/retention", role=""), 200)["items"]
    assert all(one["source"] and one["title"]["zh"] and one["title"]["en"] for one in found)
    assert all(one["days"] or one["until"] for one in found)
