"""A challenger over HTTP and on the pages: proposed by one, approved by another, told truly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.api_world import ApiWorld, Client, told
from tests.challenger_world import members, text_of
from tests.service_world import ordinary
from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.service import challengers, trials
from xindeng.service.policies import read_bundle
from xindeng.store import Store
from xindeng.web.app import Pages
from xindeng.web.settings import Site

BUNDLE = read_bundle("consumer_line")
HTML = {"Accept": "text/html"}
SAID = "试行期间单笔不超过七千元"
RULE = f"""
- id: debt.tried_limit
  when: request_amount > 700000
  rank: 1
  light: red
  effect: decline
  reason: PAYMENT_BURDEN_TRIED
  whose: borrower
  data: {{category: financial, purpose: affordability, consent: contract}}
  texts:
    zh: {{borrower: "{SAID}", support: "{SAID}", auditor: "{SAID}"}}
    en: {{borrower: "a tenth", support: "a tenth", auditor: "a tenth"}}
  cases:
    - {{given: {{request_amount: 800000}}, expect: fires}}
    - {{given: {{request_amount: 500000}}, expect: quiet}}
"""
OTHER = {**BUNDLE, "areas/debt.yaml": BUNDLE["areas/debt.yaml"] + RULE.encode()}
RAILS = [{"kind": "rate", "rail": "errors", "most": 0.5},
         {"kind": "money", "rail": "loss", "most": 10_000_000},
         {"kind": "money", "rail": "at_risk", "most": 10_000_000}]  # fmt: skip


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("keys"), BUNDLE)


@pytest.fixture(scope="module")
def site(world: ApiWorld) -> Iterator[TestClient[Any]]:
    application = create(world.service, ROUTES, beside=Pages(Site(sign_in_at="https://l.example/")))
    with TestClient(application, base_url="https://testserver.local") as found:
        yield found


def income_now() -> list[dict[str, Any]]:
    """An ordinary borrower whose income is known of late."""
    grant, income, debt = ordinary(due=200_000)
    return [grant, {**income, "occurred_at": "2026-06-20"}, {**debt, "occurred_at": "2026-06-20"}]


@pytest.fixture(scope="module")
def names(world: ApiWorld, client: Client) -> tuple[str, str]:
    """A borrower for whom the challenger decides, and one for whom the champion does."""
    change = {"kind": "run_challenger", "name": "tenth", "files": text_of(OTHER),
              "terms": {"mode": "live", "share": 300, "rails": RAILS}}  # fmt: skip
    sent = {"change": change, "why": "是否更稳"}
    assert (
        told(client.post("/v1/proposals", sent, role="support"), 403)["code"] == "forbidden.action"
    )
    made = told(client.post("/v1/proposals", sent, role="approver"), 201)
    path = f"/v1/proposals/{made['id']}/approval"
    assert told(client.post(path, None, role="approver"), 403)["code"] == "proposal.own"
    world.employ("second", "approver")
    assert told(client.post(path, None, role="second"), 200)["state"] == "approved"
    one = challengers.read(world.engine, "tenth")
    found = (next(members(one)), next(members(one, False)))
    for name in found:
        done = client.post("/v1/borrowers", {"borrower": name, "events": income_now()})
        told(done, 201)
    return found


def reasons(client: Client, name: str, path: str, body: Any) -> str:
    return str(told(client.post(f"/v1/borrowers/{name}/{path}", body), 200))


def test_all_that_is_told_is_of_the_policy_that_decides(
    world: ApiWorld, client: Client, names: tuple[str, str]
) -> None:
    theirs, ours = names
    wish = {"amount": 800_000}
    assert SAID in reasons(client, theirs, "prechecks", wish)
    assert SAID not in reasons(client, ours, "prechecks", wish)
    hashes = {}
    for name in names:
        made = told(client.post(f"/v1/borrowers/{name}/draws", wish, key="k"), 201)
        again = told(client.post(f"/v1/borrowers/{name}/draws", wish, key="k"), 201)
        assert again == made
        hashes[name] = made["policy_hash"]
        why = client.get(f"/v1/borrowers/{name}/decisions/{made['id']}/explanation")
        assert (SAID in str(told(why, 200))) is (name == theirs)
        line = told(client.get(f"/v1/borrowers/{name}/line"), 200)["numbers"]
        assert (line["gate"] == "debt.tried_limit") <= (name == theirs)
        plan = client.post(f"/v1/borrowers/{name}/plans", wish, key="p")
        assert told(plan, 201)["policy_hash"] == made["policy_hash"]
    one = challengers.read(world.engine, "tenth").row
    assert hashes == {theirs: one.policy, ours: one.champion}
    counted = client.get("/metrics", role="").text
    assert 'xindeng_challenger_draws_total{challenger="tenth"' in counted


@pytest.mark.parametrize("page", ["/me", "/me/why", "/me/try", "/me/plan", "/me/history"])
def test_the_pages_of_either_stand(
    world: ApiWorld, site: TestClient[Any], names: tuple[str, str], page: str
) -> None:
    for name in names:
        site.cookies.clear()
        site.post("/arrive", data={"token": world.token(name)}, headers=HTML)
        answer = site.get(page, headers=HTML)
        assert answer.status_code == 200, (name, answer.text[:300])


def test_analysts_compare_and_stop_and_others_do_not(
    world: ApiWorld, client: Client, names: tuple[str, str]
) -> None:
    wish = {"amount": 800_000}
    told(client.post(f"/v1/borrowers/{names[0]}/draws", wish, key="another"), 201)
    trials.try_all(world.engine)
    found = told(client.get("/v1/challengers/tenth", role="analyst"), 200)
    assert found["acted"] == found["both"] >= 1
    assert names[0] not in str(found)
    assert told(client.get("/v1/challengers/none", role="analyst"), 404)
    assert told(client.get("/v1/challengers", role="support"), 403)
    stop = "/v1/challengers/tenth/stop"
    assert told(client.post(stop, {"why": "x"}, role="support"), 403)
    assert told(client.post(stop, {}, role="analyst"), 422)
    done = told(client.post(stop, {"why": "看够了"}, role="analyst"), 200)
    assert (done["ended_by"], done["why_ended"]) == ("staff:analyst", "看够了")
    assert told(client.get("/v1/challengers", role="analyst"), 200)["items"] == []
    every = client.get("/v1/challengers", role="analyst", params={"every": True})
    assert [one["name"] for one in told(every, 200)["items"]] == ["tenth"]
    assert SAID not in reasons(client, names[0], "prechecks", wish)
