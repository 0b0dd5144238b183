"""The OpenAPI document says what the table of routes says, and is itself well-formed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import validate

from xindeng.access.table import ACTIONS
from xindeng.api.openapi import document
from xindeng.api.routes import ROUTES
from xindeng.web.table import PAGES

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md"
# Asked for by a handler beside its route's own.
ASKED_WITHIN = {
    "explanation.support", "explanation.auditor", "matter.judge", "proposal.publish",
    "proposal.set_stance", "proposal.raise_limit", "proposal.release_hold", "proposal.post_by_hand",
    "proposal.erase", "proposal.run_challenger",
}  # fmt: skip


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return msgspec.json.decode(msgspec.json.encode(document(ROUTES)))


def operations(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_openapi_3_1_and_holds_every_route_once(told: dict[str, Any]) -> None:
    validate(told)
    assert told["openapi"].startswith("3.1")
    assert sorted(name for name, _ in operations(told)) == sorted(one.name for one in ROUTES)
    names = [operation["operationId"] for _, operation in operations(told)]
    assert len(set(names)) == len(names)


def test_every_operation_tells_its_errors_its_key_and_whom_it_asks(told: dict[str, Any]) -> None:
    by_name = {one.name: one for one in ROUTES}
    for name, operation in operations(told):
        route = by_name[name]
        bad = [code for code in operation["responses"] if code >= "400"]
        assert bad
        for code in bad:
            content = operation["responses"][code]["content"]
            assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
        key = [one for one in operation["parameters"] if one["name"] == "Idempotency-Key"]
        assert bool(key) == (route.once is not None)
        assert bool(operation["security"]) is not ACTIONS[route.action].public


def test_examples_are_what_the_route_takes() -> None:
    shown = [one for one in ROUTES if one.example is not None]
    assert shown
    for one in shown:
        assert one.body is not None
        msgspec.json.decode(msgspec.json.encode(one.example), type=one.body)


def test_no_action_stands_idle_and_money_moves_under_a_key_alone() -> None:
    told = {one.action for one in (*ROUTES, *PAGES)}
    assert told | ASKED_WITHIN == set(ACTIONS)
    moving = {one.name for one in ROUTES if one.method == "POST" and "borrower" in one.parameters}
    free = {one.name for one in ROUTES if one.once is None}
    # What needs no key either changes nothing of the line, or bears an id of its own.
    assert {name.rpartition("/")[2] for name in moving & free} == {
        "events", "prechecks", "plans", "steps", "checkups", "erasure",
    }  # fmt: skip


def test_the_reference_lists_every_route_with_its_action() -> None:
    rows = re.findall(r"^\| `(\S+ \S+)` \| (\S+) \|", REFERENCE.read_text(encoding="utf-8"), re.M)
    assert rows == [(one.name, one.action) for one in ROUTES]
