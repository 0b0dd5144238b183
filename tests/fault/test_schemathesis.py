"""The service against its own document: every operation, every check of schemathesis.

Each operation is called as somebody who may, so that it is not only refused. `make soak` gives
each a hundred times as many examples.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection

from tests.fault.served import PLANTS, Served, served
from tests.service_world import ordinary
from xindeng.access import staff
from xindeng.access.door import Door
from xindeng.access.table import ACTIONS
from xindeng.api.openapi import document
from xindeng.api.routes import ROUTES
from xindeng.service.engine import open_engine

pytestmark = pytest.mark.postgres
EXAMPLES = int(os.environ.get("XINDENG_SOAK_EXAMPLES", "8"))
PASSWORD = "correct horse battery staple"
ROLES = ("support", "analyst", "approver", "admin")
NAME = "ann"

# A document cannot say all that a value must be: a cursor that we gave, a day of the calendar, an
# amount that fits the product. 422 names what it is; a 400 for what fits the schema stays a breach.
CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"positive_data_acceptance": {
        "expected-statuses": ["2xx", 401, 403, 404, 409, 422, 429, 503]}}}
)  # fmt: skip
schema = schemathesis.openapi.from_dict(
    msgspec.json.decode(msgspec.json.encode(document(ROUTES))), config=CONFIG
)


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    """What was made up for a stream: text as it is, anything else as lines of JSON."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    found = value if isinstance(value, list) else [value]
    return b"\n".join(msgspec.json.encode(one) for one in found)


@dataclass
class Callers:
    """The service, and a credential that may call each operation."""

    service: Served
    sessions: dict[str, str]

    def bearer(self, case: schemathesis.Case) -> str:
        name = f"{case.operation.method.upper()} {case.operation.path}"
        route = next(one for one in ROUTES if one.name == name)
        roles = {str(role) for role in ACTIONS[route.action].roles}
        if "service" in roles or not roles:
            return self.service.key
        return self.sessions[next(role for role in ROLES if role in roles)]


def sign_in(service: Served) -> Callers:
    with open_engine(service.policy, home=service.home, url=service.uri) as engine:
        for role in ROLES:
            staff.save(engine, role, PASSWORD, [role])
        guard = Door(engine, None).guesses
        found = {role: staff.sign_in(engine, guard, role, PASSWORD).token for role in ROLES}
    with service.client() as client:
        sent = {"borrower": NAME, "events": ordinary()}
        assert client.post("/v1/borrowers", json=sent).status_code == 201
    return Callers(service, found)


@pytest.fixture(scope="module")
def callers() -> Iterator[Callers]:
    with served(workers=1) as made:
        yield sign_in(made)


def call(case: schemathesis.Case, callers: Callers) -> None:
    bearer = callers.bearer(case)
    if case.operation.path == "/v1/sessions/current":
        bearer = callers.service.key  # signing out would end the session of the others
    name = case.path_parameters.get("borrower") if case.path_parameters else None
    fits = case.meta is not None and case.meta.generation.mode.is_positive
    if (
        fits
        and isinstance(name, str)
        and len(name) % 2
        and not case.operation.path.endswith("erasure")
    ):
        case.path_parameters["borrower"] = NAME  # every other time somebody who is there
    response = case.call(
        base_url=f"http://127.0.0.1:{callers.service.port}",
        headers={"Authorization": f"Bearer {bearer}"},
    )
    left_out = []
    if response.status_code == 503 and "retry-after" in response.headers:
        left_out.append(not_a_server_error)
    if case.operation.path == "/v1/events/stream":
        # Any text is a stream of lines; each that cannot be meant is refused and told by itself.
        left_out.append(negative_data_rejection)
    case.validate_response(response, excluded_checks=left_out)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_operation(case: schemathesis.Case, callers: Callers) -> None:
    call(case, callers)


PLANTED = {
    "GET /v1/platform": "violates schema",  # answers otherwise than its schema says
    "GET /v1/policies": "Server error",  # fails
    "GET /v1/borrowers/{borrower}/line": "IgnoredAuth",  # asks nobody who they are
}


def test_what_breaks_its_word_is_found() -> None:
    env = {"PLANT": "breaks its word", "PYTHONPATH": str(PLANTS)}
    found = {}
    with served(workers=1, env=env) as broken:
        callers = sign_in(broken)
        for name in PLANTED:
            method, _, path = name.partition(" ")

            @given(schema[path][method].as_strategy())
            @settings(max_examples=20, deadline=None, derandomize=True, database=None,
                      phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
            def tried(case: schemathesis.Case) -> None:
                call(case, callers)

            try:
                tried()
            except BaseException as error:
                found[name] = "".join(traceback.format_exception(error))
    for name, kind in PLANTED.items():
        assert kind in found.get(name, ""), f"{name}: {found.get(name)}"
