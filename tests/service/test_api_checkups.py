"""Check-ups over HTTP, agents behind them, and what monitoring counts."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.api_world import ApiWorld, Client, told
from xindeng.lab.papers.person import story
from xindeng.lab.papers.write import reports
from xindeng.service import agents
from xindeng.store import Store

NAME = "own-papers"


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def papers() -> Mapping[str, bytes]:
    return reports(story("1"))


BILL_CUT_OFF = (
    "交易时间,交易分类,交易对方,商品说明,收/支,金额,交易状态,交易订单号\n2026-08-01 09:00:00,餐饮\n"
)


def sent(kind: str, name: str, content: bytes) -> dict[str, str]:
    return {"kind": kind, "name": name, "content": base64.b64encode(content).decode()}


def checks(client: Client, body: Any, status: int = 200, name: str = NAME) -> Any:
    path = f"/v1/borrowers/{name}/checkups"
    return told(client.post(path, body, role="borrower", borrower=name), status)


def test_papers_are_checked_and_nothing_of_them_is_kept(
    world: ApiWorld,
    client: Client,
    papers: Mapping[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(world, "now", world.at("2026-09-10 12:00"))
    name = next(one for one in papers if one.startswith("report-simple"))
    found = checks(client, {"papers": [sent("report", f"../../{name}", papers[name])]})
    assert found["policy"] == "consumer_line"
    assert "不是任何机构的审批规则" in str(found["report"])
    assert name in str(found["report"]) and "../" not in str(found["report"])
    assert list(tmp_path.iterdir()) == []


def test_a_paper_that_cannot_be_read_is_refused_and_kept_neither(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    problem = checks(client, {"papers": [sent("report", "x.pdf", b"%PDF-1.4 nothing")]}, 422)
    assert problem["next_step"]
    assert list(tmp_path.iterdir()) == []
    assert checks(client, {}, 422)["code"] == "checkup.nothing"


def test_a_refusal_speaks_the_language_and_says_the_line_but_not_the_cell(client: Client) -> None:
    table = "贷款机构,种类,余额,每月应还\n甲银行,信用卡,很多很多,100\n".encode()
    body = {"papers": [sent("debts", "d.csv", table), sent("debts", "e.csv", table)]}
    assert checks(client, body, 422)["detail"] == "债务这一类材料有 2 份"
    refused = checks(client, {"papers": [sent("debts", "d.csv", table)]}, 422)
    assert "这些格子没有读懂" in refused["detail"] and "d.csv:2" in refused["detail"]
    assert refused["next_step"] == "请改好后再交；这次一笔债务都没有读入"
    cut = sent("bills", "a.csv", BILL_CUT_OFF.encode())
    refused = checks(client, {"papers": [cut]}, 422)
    assert refused["where"] == "a.csv:2" and "这一行不完整" in refused["detail"]
    assert "很多很多" not in str(checks(client, {"papers": [sent("debts", "d.csv", table)]}, 422))


def test_two_reports_are_one_too_many(client: Client) -> None:
    both = [sent("report", f"{n}.pdf", b"x") for n in range(2)]
    assert checks(client, {"papers": both}, 422)["code"] == "checkup.several"


def test_one_device_for_many_people_is_looked_at_and_nobody_is_marked(
    world: ApiWorld, client: Client
) -> None:
    events_before = world.counts()["event"]
    for number in range(6):
        answer = checks(
            client, {"income": 900_000, "traces": {"device": "phone-of-the-agent"}},
            name=f"client-{number}",
        )  # fmt: skip
        assert answer["report"]
    for number in range(6):  # the same people again, each from a device of their own
        checks(client, {"income": 900_000, "traces": {"device": f"own-{number}"}},
               name=f"client-{number}")  # fmt: skip
    (found,) = told(client.get("/v1/agents", role="approver"), 200)["items"]
    assert (found["kind"], found["borrowers"]) == ("device", 6)
    assert "client-" not in str(found) and "phone" not in str(found)
    assert world.counts()["event"] == events_before
    path = f"/v1/agents/{found['id']}/finding"
    closed = told(client.post(path, {"finding": "收费代办，已劝阻"}, role="approver"), 200)
    assert closed["closed_by"] == "staff:approver"
    told(client.post(path, {"finding": "again"}, role="approver"), 404)


def test_a_device_that_only_the_events_tell_of_is_known_too(
    world: ApiWorld, client: Client
) -> None:
    """Whoever sells repair from one phone is found, whether or not a request says where it is."""
    for number in range(6):
        name = client.settle(f"led-{number}")
        sign_in = event("login", {"success": True, "device": "phone-of-many"})
        card = event("payout_card", {"action": "bound", "card": "card-of-many"})
        for told_ in (sign_in, card):
            told(client.post(f"/v1/borrowers/{name}/events", told_), 200)
        if number % 2:
            checks(client, {"income": 900_000}, name=name)
        else:
            told(client.post(f"/v1/borrowers/{name}/matters", {"way": "complaint"}, key="m"), 201)
    found = told(client.get("/v1/agents", role="approver"), 200)["items"]
    mine = {one["kind"]: one for one in found if one["closed_at"] is None}
    assert {kind: one["borrowers"] for kind, one in mine.items()} == {"device": 6, "payout_card": 6}
    # Looked at once, they are looked at again only when seen with more people.
    path = f"/v1/agents/{mine['device']['id']}/finding"
    told(client.post(path, {"finding": "one family's tablet"}, role="approver"), 200)
    checks(client, {"income": 900_000}, name="led-0")
    assert [one["kind"] for one in waiting(client)] == ["payout_card"]
    checks(client, {"income": 900_000, "traces": {"device": "phone-of-many"}}, name="led-6")
    assert {(one["kind"], one["borrowers"]) for one in waiting(client)} == {
        ("payout_card", 6), ("device", 7),
    }  # fmt: skip


def waiting(client: Client) -> list[Any]:
    found = told(client.get("/v1/agents", role="approver"), 200)["items"]
    return [one for one in found if one["closed_at"] is None]


def event(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "occurred_at": "2026-06-01", "payload": payload}


def test_a_trace_stands_nowhere_in_the_clear(world: ApiWorld, client: Client) -> None:
    agents.seen(world.engine, "hidden-person", {"address": "幸福路1号"})
    with world.store.snapshot() as conn:
        rows = conn.execute("SELECT kind, trace, who FROM sighting").fetchall()
    assert rows
    assert all("幸福路" not in str(row) and "hidden" not in str(row) for row in rows)


def test_check_ups_are_not_without_end(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.service.checkups, "per_hour", 2)
    for _ in range(2):
        checks(client, {"income": 500_000}, name="hasty")
    answer = client.post(
        "/v1/borrowers/hasty/checkups", {"income": 1}, role="borrower", borrower="hasty"
    )
    assert told(answer, 429) and answer.headers["retry-after"]


def test_monitoring_counts_what_was_decided_today(world: ApiWorld, client: Client) -> None:
    empty = told(client.get("/v1/monitoring", role="analyst"), 200)
    name = client.settle("monitored")
    for number, amount in enumerate((800_000, 900_000, 900_000_000)):
        path = f"/v1/borrowers/{name}/draws"
        told(client.post(path, {"amount": amount, "term_months": 10}, key=f"d{number}"), 201)
    found = told(client.get("/v1/monitoring", role="analyst"), 200)
    assert found["decisions"] - empty["decisions"] == 3
    assert sum(one["count"] for one in found["outcomes"]) == found["decisions"]
    assert {"name": "approve", "count": 2} in found["outcomes"]
    assert found["reasons"] and name not in str(found)
    times = {one["route"]: one for one in found["latency"]}
    draws = times["POST /v1/borrowers/{borrower}/draws"]
    assert draws["answered"] == 3 and 0 < draws["p50_ms"] <= draws["p99_ms"]
    yesterday = {"since": "2026-06-01", "to": "2026-06-30"}
    past = told(client.get("/v1/monitoring", role="analyst", params=yesterday), 200)
    assert past["decisions"] == 0
    told(client.get("/v1/monitoring", role="analyst", params={"since": "2020-01-01"}), 422)
