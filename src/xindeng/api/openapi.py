"""The OpenAPI 3.1 document, made from the table of routes: it cannot say anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from msgspec import Struct

from xindeng import __version__
from xindeng.access.table import ACTIONS
from xindeng.api.endpoint import JSON, NDJSON
from xindeng.api.problems import MEDIA_TYPE, Problem
from xindeng.api.route import Route

_REF: Final = "#/components/schemas/{name}"
_ABOUT: Final = (
    "Both sides of “your limit is shown but you cannot borrow”: decides each draw, explains it, "
    "finds the way back. Amounts are integers in minor units (fen) of `currency`; instants are "
    "given twice, as ISO 8601 with the policy's zone and as µs since 1970; days are local. "
    "Every error is a problem (RFC 9457) with `code`, `where` and `next_step`."
)
_EXAMPLE: Final = Problem(
    type="urn:xindeng:problem:request.value", title="Unprocessable Entity", status=422,
    detail="Expected `int` >= 1", code="request.value", where="body.amount",
    next_step="see what is accepted in /v1/openapi.json",
    instance="urn:uuid:01988d7b-3c00-7000-8000-000000000000",
)  # fmt: skip
_HEADERS: Final = {
    "Request-Id": {"description": "the number of this request in our log",
                   "schema": {"type": "string", "format": "uuid"}},
}  # fmt: skip
_RETRY: Final = {
    "Retry-After": {"description": "seconds after which repeating it is worth while",
                    "schema": {"type": "integer", "minimum": 1}},
}  # fmt: skip


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the document of these routes as plain data."""
    routes = tuple(routes)
    types = _types(routes)
    _, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "xindeng 信灯", "version": __version__, "description": _ABOUT,
                 "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {
                    "type": "http", "scheme": "bearer",
                    "description": "an API key (xd_…), a staff session (xs_…), or a borrower's "
                    "token (JWT, RS256 or ES256) of the lender",
                },
            },
        },
    }  # fmt: skip


def _types(routes: Iterable[Route]) -> list[type[Struct]]:
    found: dict[type[Struct], None] = {Problem: None}
    for route in routes:
        for one in (route.body, route.answer):
            if one is not None:
                found[one] = None
    return list(found)


def _operation(route: Route) -> dict[str, Any]:
    public = ACTIONS[route.action].public
    told: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "description": (route.handler.__doc__ or route.summary).strip(),
        "tags": [route.path.removeprefix("/v1/").partition("/")[0]],
        "x-action": route.action,
        "security": [] if public else [{"bearer": []}],
        "parameters": _parameters(route),
        "responses": _responses(route, public=public),
    }
    if route.body is not None:
        body: dict[str, Any] = {"schema": _ref(route.body)}
        if route.example is not None:
            body["example"] = msgspec.to_builtins(route.example)
        told["requestBody"] = {"required": True, "content": {JSON: body}}
    if route.lines:
        told["requestBody"] = {
            "required": True,
            "content": {NDJSON: {"schema": {"type": "string", "description": "an event a line"}}},
        }
    return told


def _operation_id(route: Route) -> str:
    parts = [part.strip("{}").replace("-", "_").replace(".", "_")
             for part in route.path.split("/") if part not in ("", "v1")]  # fmt: skip
    return "_".join([route.method.lower(), *parts])


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True,
         "schema": {"type": "string", "minLength": 1, "maxLength": 128}}
        for name in route.parameters
    ]  # fmt: skip
    if route.query is not None:
        (schema,), parts = msgspec.json.schema_components([route.query], ref_template=_REF)
        own: Mapping[str, Any] = parts.get(route.query.__name__, schema)
        needed = own.get("required", ())
        found += [
            {"name": name, "in": "query", "required": name in needed, "schema": told}
            for name, told in own.get("properties", {}).items()
        ]
    if route.once is not None:
        found.append({
            "name": "Idempotency-Key", "in": "header", "required": True,
            "description": "one for each wish; the same key and body get the first answer again",
            "schema": {"type": "string", "minLength": 1, "maxLength": 96},
        })  # fmt: skip
    return found


def _responses(route: Route, *, public: bool) -> dict[str, Any]:
    media = "text/plain" if route.path == "/metrics" else JSON
    schema = {"type": "string"} if route.path == "/metrics" else _ref(route.answer)
    good = {"headers": _HEADERS, "content": {media: {"schema": schema}}}
    told: dict[str, Any] = {str(route.status): {"description": "done", **good}}
    if route.once == "outside":
        told["202"] = {"description": "on its way; ask again for how it ended", **good}
    for status in _errors(route, public=public):
        headers = {**_HEADERS, **_RETRY} if status in (409, 429, 503) else _HEADERS
        content: dict[str, Any] = {"schema": _ref(Problem)}
        if status == 422:
            content["example"] = msgspec.to_builtins(_EXAMPLE)
        told[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "headers": headers,
            "content": {MEDIA_TYPE: content},
        }
    return told


def _errors(route: Route, *, public: bool) -> list[int]:
    found = {400, 422, 503}
    if route.action not in ("health.read", "document.read"):
        found.add(429)  # limits by caller, by borrower, by hour of the day
    if route.path.startswith("/v1/sessions/oidc"):
        found.add(404)  # where no provider is configured
    if not public:
        found |= {401, 403, 404, 409, 410}
    if route.body is not None or route.lines:
        found |= {408, 413, 415}
    if route.action == "session.open":
        found.add(401)
    return sorted(found)


def _ref(of: type[Struct]) -> dict[str, str]:
    return {"$ref": _REF.format(name=of.__name__)}
