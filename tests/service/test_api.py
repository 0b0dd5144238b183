"""HTTP /v1 from a borrower's first event to the money and back, on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_world import ApiWorld, Client, told
from xindeng.kernel.time import DAY, SECOND
from xindeng.store import Store


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("keys"))


def wish(yuan: int = 3_000) -> dict[str, Any]:
    return {"amount": yuan * 100, "term_months": 10, "rate_bp": 1200}


def decided(client: Client, name: str, key: str = "d") -> dict[str, Any]:
    return told(client.post(f"/v1/borrowers/{name}/draws", wish(), key=key), 201)


def test_a_draw_from_the_first_event_to_the_last_repayment(world: ApiWorld, client: Client) -> None:
    name = client.settle("whole")
    base = f"/v1/borrowers/{name}"
    me = {"role": "borrower", "borrower": name}
    trial = told(client.post(f"{base}/prechecks?lang=en", wish(), **me), 200)
    assert trial["trial"] is True
    made = told(client.post(f"{base}/draws", wish(), key="k1", **me), 201)
    assert (made["outcome"], made["amount_offered"], made["currency"]) == (
        "approve",
        300_000,
        "CNY",
    )
    assert made["made_at"]["us"] == world.now
    assert made["made_at"]["iso"].endswith("+08:00")
    sheet = told(client.get(f"{base}/decisions/{made['id']}/cost-sheet", **me), 200)
    assert sheet["principal"] == 300_000
    assert sum(row["principal"] for row in sheet["instalments"]) == 300_000
    world.now += sheet["reading_seconds"] * SECOND
    sent = {"decision": made["id"]}
    draw = told(client.post(f"{base}/confirmations", sent, key="c1", **me), 201)
    assert draw["state"] == "settled"
    assert world.rail.paid  # the money really went
    assert told(client.get(f"{base}/draws/{draw['draw']}", **me), 200)["state"] == "settled"
    line = told(client.get(f"{base}/line", **me), 200)
    assert line["numbers"]["limit"] - line["numbers"]["available"] == 300_000
    loan = line["loans"][0]["loan"]
    paid = told(client.post(f"{base}/repayments", {"amount": 400_000}, key="r1"), 201)
    assert paid["parts"][0] | {"settled": True, "loan": loan} == paid["parts"][0]
    back = told(client.post(f"{base}/refunds", {}, key="b1"), 201)
    assert back["parts"][0]["credit"] == 0
    history = told(client.get(f"{base}/line/history?lang=en&limit=2", role="support"), 200)
    assert len(history["items"]) == 2
    assert history["next"]


def test_every_answer_is_read_again_page_by_page(client: Client) -> None:
    name = client.settle("pages")
    made = [decided(client, name, f"d{n}")["id"] for n in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = told(client.get(f"/v1/borrowers/{name}/decisions?limit=2{cursor}"), 200)
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == made[::-1]
    bad = told(client.get(f"/v1/borrowers/{name}/decisions?cursor=nonsense"), 422)
    assert bad["code"] == "request.cursor"


def test_whom_an_explanation_is_for_is_a_matter_of_role(client: Client) -> None:
    name = client.settle("why")
    at = f"/v1/borrowers/{name}/decisions/{decided(client, name)['id']}/explanation"
    mine = told(client.get(at, role="borrower", borrower=name), 200)
    assert mine["audit"] is None
    told(client.get(f"{at}?audience=support", role="borrower", borrower=name), 403)
    told(client.get(f"{at}?audience=support", role="support"), 200)
    told(client.get(f"{at}?audience=auditor", role="support"), 403)
    assert told(client.get(f"{at}?audience=auditor&lang=en", role="analyst"), 200)["audit"]


def test_events_come_alone_in_batches_and_by_lines(world: ApiWorld, client: Client) -> None:
    event = {"type": "income_evidence", "occurred_at": "2025-06-01",
             "payload": {"monthly_income": 900_000, "source": "payroll"}}  # fmt: skip
    one = told(client.post("/v1/borrowers/told/events", event), 200)
    assert one == {"accepted": 1, "duplicates": 0, "quarantined": []}
    many = [{**event, "borrower": f"told{n}"} for n in range(3)]
    assert told(client.post("/v1/events", {"events": many}), 200)["accepted"] == 3
    late = {**event, "occurred_at": world.now + DAY, "borrower": "told0", "id": "late"}
    apart = told(client.post("/v1/events", {"events": [late]}), 200)
    assert apart["quarantined"][0]["id"] == "late"
    lines = b"\n".join(
        b'{"borrower":"told9","type":"purchase","id":"p%d","occurred_at":"2025-06-02",'
        b'"payload":{"amount":%d,"merchant":"m"}}' % (n, n + 1)
        for n in range(2_500)
    )
    ndjson = {"Content-Type": "application/x-ndjson"}
    for again in (False, True):
        found = told(client.call("POST", "/v1/events/stream", lines, headers=ndjson), 200)
        assert (found["accepted"], found["duplicates"]) == ((0, 2_500) if again else (2_500, 0))
    # A line that is no event, one that says otherwise under a known id, one of nobody we may tell of.
    other = lines.splitlines()[700].replace(b'"amount":701', b'"amount":1')
    ours = b'{"borrower":"platform","type":"stance_change","occurred_at":"2025-06-02","payload":{}}'
    more = lines.splitlines()[0].replace(b'"p0"', b'"new"')
    broken = b"\n".join([lines, b"{]", b"", other, ours, more])
    found = told(client.call("POST", "/v1/events/stream", broken, headers=ndjson), 200)
    assert (found["accepted"], found["duplicates"], found["refused"]) == (1, 2_500, 3)
    errors = {one["line"]: one["problem"]["code"] for one in found["errors"]}
    assert errors.keys() == {2_501, 2_503, 2_504}
    assert errors[2_501] == "event.malformed"


def test_a_confirmation_needs_a_cost_that_was_shown_and_read(
    world: ApiWorld, client: Client
) -> None:
    name, other = client.settle("reader"), client.settle("reader2")
    made, theirs = decided(client, name), decided(client, other)
    at = f"/v1/borrowers/{name}"

    def confirm(decision: str = made["id"]) -> Any:
        return client.post(f"{at}/confirmations", {"decision": decision}, key="once")

    assert told(confirm(), 409)["code"] == "draw.not_shown"
    sheet = told(client.get(f"{at}/decisions/{made['id']}/cost-sheet"), 200)
    assert told(confirm(), 409)["code"] == "draw.unread"
    world.now += sheet["reading_seconds"] * SECOND
    told(confirm(theirs["id"]), 404)  # somebody else's approval
    told(confirm(), 201)


def test_the_platform_is_changed_by_an_approver_only(world: ApiWorld, client: Client) -> None:
    change = {"id": "s1", "type": "stance_change", "occurred_at": world.now,
              "payload": {"segment": "all", "stance": "neutral", "review_day": 20_800}}  # fmt: skip
    told(client.post("/v1/platform/events", change, role="analyst"), 403)
    told(client.post("/v1/platform/events", change, role="approver"), 200)
    again = told(client.post("/v1/platform/events", change, role="approver"), 200)
    assert again["duplicates"] == 1
    found = told(client.get("/v1/platform", role="support"), 200)
    assert found["stances"][0]["stance"] == "neutral"
    stricter = {**change, "id": "s2", "payload": {**change["payload"], "stance": "tight"}}
    told(client.post("/v1/platform/events", stricter, role="approver"), 200)
    looser = told(client.post("/v1/platform/events", {**change, "id": "s3"}, role="approver"), 403)
    assert looser["code"] == "stance.looser" and "another person" in looser["next_step"]
    raw = {"borrower": "platform", **change}
    told(client.post("/v1/events", {"events": [raw]}), 403)
    told(client.get("/v1/borrowers/platform"), 404)


def test_policies_are_listed_and_checked(world: ApiWorld, client: Client) -> None:
    listed = told(client.get("/v1/policies", role="analyst"), 200)
    assert [one["hash"] for one in listed["items"] if one["in_force"]] == [world.engine.policy.hash]
    bad = told(
        client.post("/v1/policies/check", {"files": {"policy.yaml": "{"}}, role="analyst"), 200
    )
    assert not bad["ok"]
    assert bad["problems"][0]["line"] >= 1


def test_health_and_figures_are_open_and_tell_nothing_of_anybody(client: Client) -> None:
    client.settle("silent")
    assert told(client.get("/healthz", role=""), 200)["status"] == "ok"
    assert told(client.get("/readyz", role=""), 200)["policy"]
    figures = client.get("/metrics", role="").text
    assert 'xindeng_http_requests_total{route="POST /v1/borrowers",status="201"}' in figures
    assert "silent" not in figures
