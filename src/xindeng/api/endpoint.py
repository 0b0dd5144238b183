"""One request from its bytes to its answer: who, may they, what, then the use case."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from litestar.types import Send
from prometheus_client import Counter

from xindeng.access.caller import Caller
from xindeng.access.door import bearer_of
from xindeng.access.noted import Note, note, record_now
from xindeng.access.permit import permit
from xindeng.api.desk import Desk, in_time
from xindeng.api.lines import Stream
from xindeng.api.problems import MEDIA_TYPE, RequestError, problem
from xindeng.api.route import Call, Drawing, Reply, Route, Service, Taking, TakingLines
from xindeng.api.shapes import Sent
from xindeng.api.wire import Arrival, leave, whole
from xindeng.kernel.doubled import doubled_key
from xindeng.kernel.errors import InputError, NotFoundError, XindengError
from xindeng.kernel.time import SECOND
from xindeng.kernel.tracing import Told
from xindeng.service.draw import Asked, Keep
from xindeng.service.groups import ANSWER_WITHIN, overloaded
from xindeng.service.ingest import IngestReport
from xindeng.service.ingest_group import Batch
from xindeng.service.once import Wish, check_key, once, once_outside
from xindeng.store.answers import Answer
from xindeng.store.chain import digest
from xindeng.store.decisions import StoredDecision

JSON, NDJSON = "application/json", "application/x-ndjson"
MAX_BODY: Final = 2_000_000
MAX_FILES: Final = 32_000_000
MAX_LINES: Final = 1_000_000_000
"""Bytes of a stream, which is not kept in memory."""
_NUMBER: Final = b"00000000-NUMBER-OF-THE-REQUEST-00000"
"""As long as the number of a request, which takes its place."""
_SHED: Final = problem(overloaded(), _NUMBER.decode())
_REFUSAL: Final = whole(_SHED[0], _SHED[1], MEDIA_TYPE, _NUMBER.decode(), _SHED[2])
_AROUND: Final = _REFUSAL.split(_NUMBER)
_PATIENCE_S: Final = ANSWER_WITHIN / SECOND
_LONG_S: Final = 60.0
_STRANGE: Final = "Object contains unknown field"
_T = TypeVar("_T")
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as it came: nothing of it was believed yet."""

    names: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    content_type: str
    authorization: str | None
    key: str


@dataclass(slots=True)
class Endpoint:
    """Answers the requests of one route."""

    route: Route
    service: Service
    desk: Desk
    _shed: Counter | None = None

    async def serve(self, arrived: Arrival, send: Send) -> None:
        """Answer or tell the problem, and tell of it whoever listens."""
        tracing = self.service.engine.store.tracing
        if tracing is None:
            await self._serve(arrived, send)
            return
        told: dict[str, Told] = {
            "http.request.method": self.route.method, "http.route": self.route.path,
        }  # fmt: skip
        parent = arrived.header(b"traceparent") or ""
        with tracing.span(self.route.name, parent=parent, told=told) as span:
            span.tell("http.response.status_code", await self._serve(arrived, send))

    async def _serve(self, arrived: Arrival, send: Send) -> int:
        """Answer or tell the problem; whatever happens, one line of log and no stack. Return the
        status."""
        started, number = time.perf_counter(), self._number()
        if self._refuses():
            body = _SHED[1].replace(_NUMBER, number.encode())
            await leave(send, _SHED[0], body, MEDIA_TYPE, number, _SHED[2])
            return _SHED[0]
        who: list[Caller | None] = [None]
        fault: BaseException | None = None
        more: dict[str, str] = {}
        with self.service.metrics.waiting.track_inprogress():
            try:
                given = await self._given(arrived, who)
                status, body, media = given.status, given.body, JSON
                if self.route.path == "/metrics":
                    media = "text/plain; version=0.0.4"
            except Exception as error:
                fault = error
                known = error if isinstance(error, XindengError) else XindengError("unexpected")
                veiled = who[0] is not None and who[0].kind == "borrower"
                status, body, more = problem(known, number, veiled=veiled)
                media = MEDIA_TYPE
        self.service.answered(
            number, self.route.name, status, who[0], fault, time.perf_counter() - started,
            quiet=self.route.action == "health.read",
        )  # fmt: skip
        await leave(send, status, body, media, number, more)
        return status

    def refusal(self) -> bytes | None:
        """Return the bytes of a whole answer where this request would be refused now; who is not
        refused is expected."""
        if not self._refuses():
            self.desk.lanes[self.route.lane].expect()
            return None
        return self._number().encode().join(_AROUND)

    def _refuses(self) -> bool:
        """Say, before anything of it is read, whether the request has no place, and count it."""
        refused = self.route.action != "health.read" and self.desk.lanes[self.route.lane].full()
        if refused:
            if self._shed is None:  # found once: thousands are refused in a second
                self._shed = self.service.metrics.requests.labels(self.route.name, str(_SHED[0]))
            self._shed.inc()
        return refused

    async def _given(self, arrived: Arrival, who: list[Caller | None]) -> Answer:
        route, desk = self.route, self.desk
        asked = await self._read(arrived)
        if route.lane in ("draws", "events"):
            with desk.lanes[route.lane]:
                return await self._together(arrived, asked, who)
        # Whoever asks how we are must not wait behind those who keep us busy.
        if route.action == "health.read":
            if route.path != "/readyz" and asked.authorization is None:
                return self._work(asked, who)  # asks nobody, so it cannot be kept waiting
            return await in_time(asyncio.to_thread(self._work, asked, who), _PATIENCE_S)
        work = desk.run(lambda: self._work(asked, who), route.lane)
        return await in_time(work, _PATIENCE_S if route.brief else _LONG_S)

    async def _together(self, arrived: Arrival, asked: _Asked, who: list[Caller | None]) -> Answer:
        """Have it done together with others'."""
        door = self.service.door
        who[0] = door.remembered(asked.authorization)
        if who[0] is None:
            who[0] = await self.desk.run(lambda: door.caller(asked.authorization))
        call = self._call(asked, who[0])
        if self.route.once is not None:
            return await self._draw(call)
        wanted = self.route.handler(call)
        if isinstance(wanted, TakingLines):
            stream = Stream(wanted.read, self._take)
            answer = wanted.tell(await stream.run(arrived.chunks(MAX_LINES)))
        else:
            assert isinstance(wanted, Taking)
            answer = wanted.tell(await in_time(self._take(wanted.batch), _PATIENCE_S))
        return Answer(b"", self.route.status, msgspec.json.encode(answer))

    async def _draw(self, call: Call) -> Answer:
        """Decide a draw; whoever waits too long may ask again under the same key."""
        wish = self._wish(call)
        check_key(wish.key)
        wanted = self.route.handler(call)
        assert isinstance(wanted, Drawing)

        def tell(stored: StoredDecision) -> tuple[int, bytes]:
            return self.route.status, msgspec.json.encode(wanted.tell(stored))

        kept = Keep(wish.asked, tell)
        coming = self.desk.draws.submit(Asked(wish.borrower, wanted.request, wish.key, kept))
        given = await in_time(asyncio.wrap_future(coming), _PATIENCE_S)
        assert isinstance(given, Answer)
        return given

    def _take(self, batch: Batch) -> asyncio.Future[IngestReport]:
        return asyncio.wrap_future(self.desk.events.submit(batch))

    async def _read(self, arrived: Arrival) -> _Asked:
        arrived.check_headers()
        route, body = self.route, b""
        if route.body is not None:  # what nobody asked for is left unread
            body = await arrived.body(MAX_FILES if route.large else MAX_BODY)
        return _Asked(
            names=arrived.names,
            query=arrived.query,
            body=body,
            content_type=arrived.media_type if route.body is not None or route.lines else "",
            authorization=arrived.header(b"authorization"),
            key=arrived.header(b"idempotency-key") or "",
        )

    def _work(self, asked: _Asked, who: list[Caller | None]) -> Answer:
        """Do it all, in one thread: who is asking goes to `who` as soon as it is known."""
        route, engine = self.route, self.service.engine
        caller = who[0] = self.service.door.caller(asked.authorization)
        call = self._call(asked, caller)

        def do() -> tuple[int, bytes]:
            made = route.handler(call)
            if isinstance(made, Reply):
                return made.status, msgspec.json.encode(made.body)
            return route.status, msgspec.json.encode(made)

        if route.once is None:
            self._record(call)
            return Answer(b"", *do())
        deed = self._note(call) if caller is not None and caller.staff else None
        return (once if route.once == "joined" else once_outside)(
            engine, self._wish(call), do, deed
        )

    def _call(self, asked: _Asked, caller: Caller | None) -> Call:
        """Return what is asked, read and permitted."""
        route = self.route
        if any(
            not 1 <= len(name) <= 128 or not name.isprintable() for name in asked.names.values()
        ):
            raise NotFoundError(
                "no such name", where="path", code="not_found.name",
                next_step="give one of 1 to 128 printable characters",
            )  # fmt: skip
        permit(caller, route.action, asked.names.get("borrower"))
        return Call(
            self.service, caller, asked.names, self._query(asked), self._body(asked), asked.key,
            bearer_of(asked.authorization or ""),
        )  # fmt: skip

    def _wish(self, call: Call) -> Wish:
        """Return under which key it is asked for, and the digest of all that is asked."""
        if not call.key:
            raise RequestError(
                400, "this request needs an Idempotency-Key", where="Idempotency-Key",
                next_step="make one for each wish of the borrower, and repeat it on retries",
                code="idempotency.missing",
            )  # fmt: skip
        told = digest(self.route.name, sorted(call.names.items()), _encode(call.body))
        return Wish(call.borrower, call.key, told)

    def _query(self, asked: _Asked) -> Any:
        try:
            return msgspec.convert(dict(asked.query), self.route.query or Sent, strict=False)
        except msgspec.ValidationError as error:
            raise _refused(error, "query", self.route.query or Sent) from error

    def _body(self, asked: _Asked) -> Any:
        wanted = NDJSON if self.route.lines else JSON if self.route.body is not None else None
        if wanted is None:
            return None
        if asked.content_type != wanted:
            raise RequestError(
                415, f"this path takes {wanted}", where="Content-Type",
                next_step=f"send Content-Type: {wanted}", code="request.content_type",
            )  # fmt: skip
        if self.route.body is None:
            return None
        try:
            found = msgspec.json.decode(asked.body, type=self.route.body)
            if doubled_key(asked.body) is not None:
                raise InputError(
                    "a field stands twice in one object", where="body",
                    next_step="send it once: which of the two is meant nobody can know",
                    code="request.doubled",
                )  # fmt: skip
            # Seen in the bytes first: few bodies hold the escape, and none of them means it.
            if rb"\u0000" in asked.body and _null_in(msgspec.json.decode(asked.body)):
                raise InputError(
                    "a text holds the null character", where="body",
                    next_step="send text without it", code="request.value",
                )  # fmt: skip
            return found
        except msgspec.ValidationError as error:
            raise _refused(error, "body", self.route.body) from error
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise RequestError(
                400, "the body is not JSON", where="body",
                next_step="send one JSON object in UTF-8", code="request.json",
            ) from error  # fmt: skip

    def _record(self, call: Call) -> None:
        """Have what a member of staff is about to see or do in their chain before it is done."""
        if call.caller is None or not call.caller.staff or self.route.action == "session.close":
            return
        record_now(self.service.engine, self._note(call), call.names.get("borrower"))

    def _note(self, call: Call) -> Note:
        assert call.caller is not None
        route = self.route
        return note(call.engine, call.caller, route.action, route.name, call.names, call.body)

    def _number(self) -> str:
        engine = self.service.engine
        return engine.new_id(engine.clock())


def _null_in(value: Any) -> bool:
    """Say whether a text anywhere in plain JSON holds a null, which the database keeps in none."""
    if isinstance(value, dict):
        return any(_null_in(one) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return any(map(_null_in, value))
    return isinstance(value, str) and "\0" in value


def _refused(error: msgspec.ValidationError, part: str, wanted: type[msgspec.Struct]) -> InputError:
    what, _, place = str(error).partition(" - at ")
    path = place.strip("`").removeprefix("$").lstrip(".")
    step = "see what is accepted in /v1/openapi.json"
    if what.startswith(_STRANGE):
        # Its name is a stranger's word, and not said back; ours are told instead.
        what = "a field that nobody knows here"
        if not path:
            step = f"use only: {', '.join(wanted.__struct_encode_fields__) or 'none'}"
    return InputError(
        what,
        where=f"{part}.{path}" if path else part,
        next_step=step,
        code="request.value",
    )
