"""One request from its bytes to its answer: who, may they, what, then the use case."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response

from xindeng.access.caller import Caller
from xindeng.access.door import bearer_of
from xindeng.access.noted import Note, note, record_now
from xindeng.access.permit import permit
from xindeng.api.logs import LOG, kind_of, tell
from xindeng.api.problems import MEDIA_TYPE, RequestError, problem
from xindeng.api.route import Call, Drawing, Reply, Route, Service
from xindeng.api.shapes import Sent
from xindeng.kernel.errors import InputError, NotFoundError, XindengError
from xindeng.kernel.time import SECOND
from xindeng.service.draw import Asked, Keep
from xindeng.service.draw_group import DRAWS, Drawn
from xindeng.service.engine import Engine
from xindeng.service.groups import ANSWER_WITHIN, Groups, overloaded
from xindeng.service.once import Wish, check_key, once, once_outside, still_on_its_way
from xindeng.store.answers import Answer
from xindeng.store.chain import digest
from xindeng.store.decisions import StoredDecision

JSON, NDJSON = "application/json", "application/x-ndjson"
MAX_BODY: Final = 2_000_000
MAX_LINES: Final = 32_000_000
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_PATIENCE_S: Final = ANSWER_WITHIN / SECOND
_STRANGE: Final = "Object contains unknown field"
_T = TypeVar("_T")
_encode = msgspec.json.Encoder(order="deterministic").encode


class Desk:
    """The threads that do the work, and how many requests may wait for one of them."""

    def __init__(self, engine: Engine, threads: int = 4, waiting: int = 200) -> None:
        self.draws: Groups[Asked, Drawn] = Groups(engine, DRAWS)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="xindeng")
        self._most = threads + waiting
        self._here = 0

    async def run(self, work: Callable[[], _T]) -> _T:
        """Do the work in a thread; raises UnavailableError where too many wait already."""
        if self._here >= self._most:
            raise overloaded()
        self._here += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._here -= 1

    def open(self) -> None:
        """Start what works in groups."""
        self.draws.start()

    def close(self) -> None:
        """Let what is in hand end, and take nothing more."""
        self.draws.stop()
        self._pool.shutdown(wait=True)


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

    async def answer(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the answer or the problem; whatever happens, one line of log and no stack."""
        started, number = time.perf_counter(), self._number()
        who: list[Caller | None] = [None]
        fault: BaseException | None = None
        more: dict[str, str] = {}
        with self.service.metrics.waiting.track_inprogress():
            try:
                asked = await self._read(request)
                given = await self._given(asked, who)
                status, body, media = given.status, given.body, JSON
                if self.route.path == "/metrics":
                    media = "text/plain; version=0.0.4"
            except XindengError as error:
                fault = error
            except Exception as error:
                if error.__class__.__module__.startswith("litestar."):
                    raise
                fault = error
            if fault is not None:
                known = fault if isinstance(fault, XindengError) else XindengError("unexpected")
                caller = who[0]
                veiled = caller is not None and caller.kind == "borrower"
                status, body, more = problem(known, number, veiled=veiled)
                media = MEDIA_TYPE
        self._tell(number, status, who[0], fault, time.perf_counter() - started)
        headers = {**_HEADERS, "Request-Id": number, **more}
        return Response(body, status_code=status, media_type=media, headers=headers)

    async def _given(self, asked: _Asked, who: list[Caller | None]) -> Answer:
        if self.route.once == "together":
            return await self._together(asked, who)
        # Whoever asks how we are must not wait behind those who keep us busy.
        if self.route.action == "health.read":
            return await asyncio.to_thread(self._work, asked, who)
        return await self.desk.run(lambda: self._work(asked, who))

    async def _together(self, asked: _Asked, who: list[Caller | None]) -> Answer:
        """Have it done with others'; whoever waits too long may ask again under the same key."""
        door = self.service.door
        who[0] = door.remembered(asked.authorization)
        if who[0] is None:
            who[0] = await self.desk.run(lambda: door.caller(asked.authorization))
        call = self._call(asked, who[0])
        wish = self._wish(call)
        check_key(wish.key)
        wanted = self.route.handler(call)
        assert isinstance(wanted, Drawing)

        def tell(stored: StoredDecision) -> tuple[int, bytes]:
            return self.route.status, msgspec.json.encode(wanted.tell(stored))

        kept = Keep(wish.asked, tell)
        coming = self.desk.draws.submit(Asked(wish.borrower, wanted.request, wish.key, kept))
        try:
            given = await asyncio.wait_for(asyncio.wrap_future(coming), _PATIENCE_S)
        except TimeoutError:
            raise still_on_its_way() from None
        assert isinstance(given, Answer)
        return given

    async def _read(self, request: Request[Any, Any, Any]) -> _Asked:
        takes = self.route.body is not None or self.route.lines
        # A body that nobody asked for is left unread.
        body = await request.body() if takes else b""
        return _Asked(
            names={name: str(value) for name, value in request.path_params.items()},
            query=dict(request.query_params),
            body=body,
            content_type=request.headers.get("content-type", "").partition(";")[0].strip().lower(),
            authorization=request.headers.get("authorization"),
            key=request.headers.get("idempotency-key", ""),
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
            raise NotFoundError("no such name", where="path", code="not_found.name")
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
        if self.route.lines:
            return asked.body
        assert self.route.body is not None
        try:
            return msgspec.json.decode(asked.body, type=self.route.body)
        except msgspec.ValidationError as error:
            raise _refused(error, "body", self.route.body) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
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

    def _tell(
        self, number: str, status: int, caller: Caller | None, fault: BaseException | None,
        seconds: float,
    ) -> None:  # fmt: skip
        name = self.route.name
        self.service.metrics.requests.labels(name, str(status)).inc()
        self.service.metrics.seconds.labels(name).observe(seconds)
        severe = status >= 500
        if not severe and self.route.action == "health.read" and not LOG.isEnabledFor(10):
            return
        tell(
            "request", level=40 if severe else 20, error=fault if severe else None,
            request=number, route=name, status=status, ms=round(seconds * 1000, 2),
            caller=caller.kind if caller is not None else None,
            code=kind_of(fault) if fault is not None else None,
        )  # fmt: skip

    def _number(self) -> str:
        engine = self.service.engine
        return engine.new_id(engine.clock())


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
