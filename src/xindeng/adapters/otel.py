"""Traces by OpenTelemetry: on where its usual OTEL_… variables ask for them, off otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from xindeng.kernel.errors import InputError, UnavailableError
from xindeng.kernel.tracing import Span, Told, Tracing

_EXPORTER: Final = "OTEL_TRACES_EXPORTER"
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PARENT: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def asked_for(environ: Mapping[str, str]) -> str | None:
    """Return the exporter that the environment asks for, "otlp" or "console"; None for none.

    Raises InputError for one that is not known here.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    named = environ.get(_EXPORTER, "").strip().lower()
    if not named:
        return "otlp" if any(environ.get(one, "").strip() for one in _ENDPOINTS) else None
    if named == "none":
        return None
    if named not in ("otlp", "console"):
        raise InputError(
            f"no exporter of traces {named!r}",
            where=_EXPORTER,
            next_step="use otlp, console or none",
            code="otel.exporter",
        )
    return named


@contextmanager
def open_tracing(environ: Mapping[str, str]) -> Iterator[Tracing | None]:
    """Yield what hears of what is done, None where nobody asked; what was heard is sent on at the
    end. Raises InputError, UnavailableError where the library is not installed."""
    exporter = asked_for(environ)
    if exporter is None:
        yield None
        return
    provider = _provider(exporter)
    try:
        yield OtelTracing(provider)
    finally:
        provider.shutdown()


class OtelTracing:
    """Tells an OpenTelemetry tracer."""

    def __init__(self, provider: Any) -> None:
        from opentelemetry import trace

        self._api = trace
        self._tracer = provider.get_tracer("xindeng")

    @contextmanager
    def span(
        self, name: str, *, caused_by: Sequence[object] = (), parent: str | None = None,
        told: dict[str, Told] | None = None,
    ) -> Iterator[Span]:  # fmt: skip
        """Tell of something, as `Tracing` says."""
        api = self._api
        server = parent is not None
        with self._tracer.start_as_current_span(
            name,
            context=_context(parent) if parent else None,
            kind=api.SpanKind.SERVER if server else api.SpanKind.INTERNAL,
            attributes=told or {},
            links=[api.Link(one) for one in caused_by if one is not None],
            # Its message may quote what somebody sent.
            record_exception=False,
            set_status_on_exception=False,
        ) as made:
            try:
                yield _Told(made)
            except BaseException as error:
                made.set_attribute("error.type", getattr(error, "code", type(error).__name__))
                made.set_status(api.StatusCode.ERROR)
                raise

    def mark(self) -> object:
        """Return the context of the span that is open here, None where none is."""
        found = self._api.get_current_span().get_span_context()
        return found if found.is_valid else None


class _Told:
    def __init__(self, span: Any) -> None:
        self._span = span

    def tell(self, name: str, value: Told) -> None:
        """Say something of it."""
        self._span.set_attribute(name, value)


def _context(parent: str) -> Any:
    """Return the context of a traceparent; what is none, or says more, is not believed."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if not _PARENT.fullmatch(parent):
        return None
    return TraceContextTextMapPropagator().extract({"traceparent": parent})


def _provider(exporter: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
    except ImportError as error:
        raise UnavailableError(
            "traces are asked for, and OpenTelemetry is not installed",
            where=_EXPORTER,
            next_step='install it with: pip install "xindeng[otel]", or set OTEL_SDK_DISABLED=true',
            code="otel.missing",
        ) from error
    provider = TracerProvider()
    sends = OTLPSpanExporter() if exporter == "otlp" else ConsoleSpanExporter()
    provider.add_span_processor(BatchSpanProcessor(sends))
    return provider
