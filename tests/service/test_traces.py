"""Traces: request, group, transaction, commit; nothing personal, and nothing at all unasked."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.api_world import ApiWorld, Client, told
from tests.canaries import MARK
from tests.service.test_canaries import everywhere
from xindeng.adapters.otel import OtelTracing, asked_for, open_tracing
from xindeng.kernel.errors import InputError, UnavailableError
from xindeng.service.policies import read_bundle
from xindeng.store import Store

NAME = "bears-canaries"
WISH = {"amount": 300_000, "term_months": 12}
PARENT = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"


class Heard:
    def __init__(self) -> None:
        self._kept = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self.tracing = OtelTracing(provider)

    def spans(self) -> list[ReadableSpan]:
        found = list(self._kept.get_finished_spans())
        self._kept.clear()
        return found


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="module")
def world(store: Store, heard: Heard, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    place = tmp_path_factory.mktemp("keys")
    made = ApiWorld(replace(store, tracing=heard.tracing), place, read_bundle("consumer_line"))
    made.service.checkups.per_hour = made.service.door.guesses.per_hour = 1_000_000
    return made


@pytest.fixture(scope="module")
def settled(client: Client) -> Iterator[Client]:
    client.settle(NAME)
    yield client


def named(spans: list[ReadableSpan], name: str) -> ReadableSpan:
    (found,) = [one for one in spans if one.name == name]
    return found


def test_a_draw_from_the_request_to_the_commit(settled: Client, heard: Heard) -> None:
    heard.spans()
    path = f"/v1/borrowers/{NAME}/draws"
    told(settled.post(path, WISH, key="t1", headers={"traceparent": PARENT}), 201)
    spans = heard.spans()
    request = named(spans, "POST /v1/borrowers/{borrower}/draws")
    group = named(spans, "group of draws")
    ours = [one for one in spans if one.context.trace_id == group.context.trace_id]
    transaction, commit = named(ours, "transaction"), named(ours, "commit")
    assert request.context.trace_id == int(PARENT.split("-")[1], 16)
    assert request.attributes is not None and group.attributes is not None
    assert dict(request.attributes) == {
        "http.request.method": "POST", "http.route": "/v1/borrowers/{borrower}/draws",
        "http.response.status_code": 201,
    }  # fmt: skip
    assert [link.context.span_id for link in group.links] == [request.context.span_id]
    assert dict(group.attributes) == {"xindeng.requests": 1, "xindeng.size": 1}
    assert transaction.parent is not None and commit.parent is not None
    assert transaction.parent.span_id == group.context.span_id
    assert commit.parent.span_id == transaction.context.span_id
    assert commit.end_time <= transaction.end_time <= group.end_time  # type: ignore[operator]


def test_what_is_done_in_another_thread_is_part_of_its_request(
    settled: Client, heard: Heard
) -> None:
    heard.spans()
    told(settled.post(f"/v1/borrowers/{NAME}/repayments", {"amount": 1}, key="r1"), 409)
    spans = heard.spans()
    request = named(spans, "POST /v1/borrowers/{borrower}/repayments")
    steps = [one for one in spans if one.name == "transaction"]
    assert steps and all(one.context.trace_id == request.context.trace_id for one in steps)
    failed = [one for one in steps if one.attributes and "error.type" in one.attributes]
    assert [one.attributes["error.type"] for one in failed if one.attributes] == [
        "repay.nothing_owed"
    ]


def leaks(spans: list[ReadableSpan]) -> list[str]:
    return [one.to_json() for one in spans if MARK in one.to_json()]


def test_a_thousand_canaries_are_in_no_trace(settled: Client, heard: Heard) -> None:
    heard.spans()
    sent = everywhere(settled)
    spans = heard.spans()
    assert len(sent.words) >= 1_000 and len(spans) > len(sent.words)
    assert leaks(spans) == []
    for odd in (f"{PARENT}-{MARK}", MARK, f"00-{MARK}"):
        settled.call("GET", "/v1/platform", role="service", headers={"traceparent": odd})
    told_more = {"traceparent": PARENT, "tracestate": f"x={MARK}", "baggage": f"name={MARK}"}
    settled.call("GET", "/v1/platform", role="service", headers=told_more)
    assert leaks(heard.spans()) == []


def test_a_trace_that_quotes_an_error_is_found(
    settled: Client, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the message of what was raised is told, as the library does by itself."""
    tracer = heard.tracing._tracer
    begin = tracer.start_as_current_span

    def quoting(name: str, **more: Any) -> Any:
        return begin(name, **{**more, "record_exception": True})

    monkeypatch.setattr(tracer, "start_as_current_span", quoting)
    heard.spans()
    told(settled.post(f"/v1/borrowers/{MARK}/repayments", {"amount": 1}, key="q1"), 404)
    assert leaks(heard.spans())


def test_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_tracing({}) as nobody:
        assert nobody is None
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    assert asked_for(endpoint) == "otlp"
    assert asked_for(endpoint | {"OTEL_SDK_DISABLED": "true"}) is None
    assert asked_for(endpoint | {"OTEL_TRACES_EXPORTER": "none"}) is None
    assert asked_for({"OTEL_TRACES_EXPORTER": "console"}) == "console"
    with pytest.raises(InputError, match="zipkin"):
        asked_for({"OTEL_TRACES_EXPORTER": "zipkin"})
    with open_tracing({"OTEL_TRACES_EXPORTER": "console"}) as heard:
        assert heard is not None
    imported = builtins.__import__

    def missing(name: str, *more: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return imported(name, *more)

    for module in [one for one in sys.modules if one.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", missing)
    with open_tracing({}) as nobody:
        assert nobody is None
    with pytest.raises(UnavailableError) as caught, open_tracing(endpoint):
        pass
    assert "xindeng[otel]" in caught.value.next_step
