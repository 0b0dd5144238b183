"""A line over HTTP under the reference policy: what staff do to it, and what its borrower sees."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_world import ApiWorld, Client, told
from tests.service.test_plans import over_indebted
from xindeng.service.policies import read_bundle
from xindeng.store import Store

STAFF_ONLY = ("kind", "reason", "owner", "extensions")


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("keys"), read_bundle("consumer_line"))


def as_own(name: str) -> dict[str, Any]:
    return {"role": "borrower", "borrower": name}


def place(client: Client, name: str, kind: str = "security") -> str:
    sent = {"kind": kind, "reason": "contact_report", "note": "called in"}
    done = client.post(f"/v1/borrowers/{name}/holds", sent, role="support", key="hold")
    return str(told(done, 201)["hold"])


def test_a_hold_is_placed_seen_extended_and_ended(client: Client) -> None:
    name = client.settle("held")
    at = f"/v1/borrowers/{name}"
    hold = place(client, name)
    shown = told(client.get(f"{at}/holds", role="support"), 200)["items"]
    assert [(one["id"], one["owner"]) for one in shown] == [(hold, "staff:support")]
    more = {"days": 2, "evidence": "a second report"}
    told(client.post(f"{at}/holds/{hold}/extensions", more, role="approver", key="e"), 201)
    change = {"kind": "release_hold", "borrower": name, "hold": hold}
    wish = {"change": change, "why": "verified"}
    made = told(client.post("/v1/proposals", wish, role="support"), 201)
    told(client.post(f"/v1/proposals/{made['id']}/approval", None, role="approver"), 200)
    assert told(client.get(f"{at}/holds", role="support"), 200)["items"] == []
    gone = client.post("/v1/proposals", wish, role="support")
    assert told(gone, 409)["code"] == "proposal.stale"


def test_a_borrower_sees_no_more_of_a_security_hold_than_the_notice_said(client: Client) -> None:
    name = client.settle("veiled")
    place(client, name)
    at = f"/v1/borrowers/{name}"
    mine = told(client.get(f"{at}/line", **as_own(name)), 200)
    assert mine["numbers"]["borrowable"] is None
    assert mine["numbers"]["gate"] is None
    assert mine["tasks"] == []
    (hold,) = mine["holds"]
    assert {field: hold[field] for field in STAFF_ONLY} == dict.fromkeys(STAFF_ONLY)
    assert hold["title"]["zh"]
    assert "contact_report" not in str(mine)
    told(client.get(f"{at}/holds", **as_own(name)), 403)
    theirs = told(client.get(f"{at}/line", role="support"), 200)
    assert theirs["holds"][0]["kind"] == "security"
    assert theirs["numbers"]["gate"]
    history = client.get(f"{at}/line/history?lang=en", **as_own(name))
    assert set().union(*told(history, 200)["items"]) == {"text"}


def test_what_a_hold_is_for_is_not_told_by_a_refused_confirmation(client: Client) -> None:
    name = client.settle("between")
    at = f"/v1/borrowers/{name}"
    told(client.get(f"{at}/line"), 200)
    place(client, name)
    made = told(client.post(f"{at}/draws", {"amount": 100_000}, key="d", **as_own(name)), 201)
    assert made["amount_offered"] is None
    # Neither when it is made nor when it is read again, alone or among others.
    again = told(client.get(f"{at}/decisions/{made['id']}", **as_own(name)), 200)
    (listed,) = told(client.get(f"{at}/decisions", **as_own(name)), 200)["items"]
    assert made == again == listed
    assert made["outcome"] == "verify_first" and made["retry_at"] is None
    theirs = told(client.get(f"{at}/decisions/{made['id']}", role="support"), 200)
    assert theirs["outcome"] in ("decline", "review")
    refused = client.post(f"{at}/confirmations", {"decision": made["id"]}, key="c", **as_own(name))
    assert "security" not in refused.text
    assert told(refused, 409).get("where") is None


def test_a_borrower_locks_at_once_and_unlocks_by_a_step_up_only(client: Client) -> None:
    name = client.settle("locker")
    at = f"/v1/borrowers/{name}"
    told(client.call("POST", f"{at}/lock", key="l", **as_own(name)), 200)
    assert told(client.get(f"{at}/line", **as_own(name)), 200)["holds"]
    refused = client.call("POST", f"{at}/unlock", key="u", **as_own(name))
    assert told(refused, 403)["code"].startswith("unlock")
    told(client.call("POST", f"{at}/lock", key="x", role="borrower", borrower="somebody"), 404)


def test_decisions_and_draws_of_others_are_not_there(client: Client) -> None:
    name, other = client.settle("owner"), client.settle("prying")
    made = told(client.post(f"/v1/borrowers/{name}/draws", {"amount": 100_000}, key="d"), 201)
    mine = f"/v1/borrowers/{other}/decisions/{made['id']}"
    for path in (mine, f"{mine}/explanation", f"{mine}/cost-sheet"):
        assert told(client.get(path, **as_own(other)), 404)["code"] == "not_found.decision"
    sent = {"decision": made["id"]}
    stolen = client.post(f"/v1/borrowers/{other}/confirmations", sent, key="c", **as_own(other))
    assert told(stolen, 404)["code"] == "not_found.decision"


def test_help_is_asked_for_and_answered(client: Client) -> None:
    name = client.settle("helped")
    at = f"/v1/borrowers/{name}"
    wish = {"cause": "job_loss", "wish": "deferral"}
    asked = client.post(f"{at}/hardship-requests?lang=en", wish, key="h", **as_own(name))
    menu = told(asked, 201)
    assert menu["options"]
    assert menu["answer_by"] >= "2025-01-01"
    tasks = told(client.get(f"{at}/line", role="support"), 200)["tasks"]
    assert any(one["kind"].startswith("hardship") for one in tasks)
    told(client.post(f"{at}/hardship-answers", {"result": "advice", "note": "debt advice"},
                     role="approver", key="a"), 201)  # fmt: skip
    tasks = told(client.get(f"{at}/line", role="support"), 200)["tasks"]
    assert not any(one["kind"].startswith("hardship") for one in tasks)


def test_a_plan_is_made_read_and_ticked_off_by_its_own_borrower(
    world: ApiWorld, client: Client
) -> None:
    name, other = "planner", client.settle("nosy")
    over_indebted(world, name)
    # Keys and sessions are over by then: this stands last in the file.
    world.now = world.at("2026-09-10 10:00")
    at, theirs = f"/v1/borrowers/{name}", f"/v1/borrowers/{other}"
    made = told(client.post(f"{at}/plans?lang=en", {"amount": 800_000}, **as_own(name)), 201)
    assert made["told"]["headline"]
    page = told(client.get(f"{at}/plans?lang=en", **as_own(name)), 200)
    assert [one["id"] for one in page["items"]] == [made["id"]]
    ident, step = made["id"], {"choice": 1, "step": 1}
    told(client.get(f"{theirs}/plans/{ident}", **as_own(other)), 404)
    told(client.post(f"{theirs}/plans/{ident}/steps", step, **as_own(other)), 404)
    assert told(client.post(f"{at}/plans/{ident}/steps", step, **as_own(name)), 200)["new"]
    found = told(client.get(f"{at}/plans/{ident}", **as_own(name)), 200)
    assert [(one["choice"], one["step"]) for one in found["done"]] == [(1, 1)]
    offer = {"lender": "a bank", "lender_kind": "bank", "annual_rate_bp": 600, "months": 36}
    wish = {"amount": 800_000, "offers": [offer]}
    merged = told(client.post(f"{at}/plans?lang=en", wish, **as_own(name)), 201)
    assert "a bank" in str(merged["told"])
    told(
        client.post(f"{at}/plans", {**wish, "offers": [{**offer, "months": 0}]}, **as_own(name)),
        422,
    )
    both = client.post(f"{at}/plans", {"amount": 1, "decision": "x"}, **as_own(name))
    assert told(both, 422)["code"] == "plan.both"
