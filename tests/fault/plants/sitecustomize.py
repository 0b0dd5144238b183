"""Bugs planted in the processes of the service; `PLANT` in their environment names which."""

import os

PLANT = os.environ.get("PLANT", "")

if PLANT == "answers before it is durable":
    # The pool's sessions do not wait for the disk: what was answered is lost with the server.
    from psycopg_pool import ConnectionPool

    init = ConnectionPool.__init__

    def careless(self, *args, kwargs=None, **more):
        kwargs = dict(kwargs or {})
        kwargs["options"] = kwargs.get("options", "") + " -c synchronous_commit=off"
        init(self, *args, kwargs=kwargs, **more)

    ConnectionPool.__init__ = careless

if PLANT == "pays under a new key each time":
    # A draw is sent to the rail, and asked about, under a key of the moment.
    from uuid import uuid4

    from xindeng.adapters.ports import Transfer
    from xindeng.service import disburse

    disburse._transfer = lambda draw: Transfer(
        str(uuid4()), draw.borrower, draw.amount, draw.currency
    )

if PLANT == "does not heed the key":
    from dataclasses import replace
    from uuid import uuid4

    from xindeng.api.endpoint import Endpoint

    read = Endpoint._read

    async def deaf(self, request):
        asked = await read(self, request)
        return replace(asked, key=str(uuid4())) if asked.key else asked

    Endpoint._read = deaf

if PLANT == "breaks its word":
    from msgspec import Raw

    from xindeng.access.door import Door
    from xindeng.api import endpoint
    from xindeng.api.resources import platform, policies

    permit = endpoint.permit
    caller_of = Door.caller

    def fail(call):
        raise RuntimeError("planted")

    def anybody(self, authorization):
        try:
            return caller_of(self, authorization)
        except Exception:
            return None

    def lenient(caller, action, borrower=None):
        if action != "line.read":
            permit(caller, action, borrower)

    platform.show = lambda call: Raw(b'{"stances": 5}')
    policies.page = fail
    Door.caller = anybody
    endpoint.permit = lenient

if PLANT == "turns nobody away":
    # Whatever comes is taken in and waits for its turn.
    from dataclasses import replace

    from xindeng.api import desk

    desk.MOST["draws"] = 1_000_000
    desk.DRAWS = replace(desk.DRAWS, most_waiting=1_000_000)

if PLANT == "repayments wait with the draws":
    from xindeng.api.desk import Desk

    init_desk = Desk.__init__

    def one_lane(self, engine):
        init_desk(self, engine)
        self.lanes["money_in"] = self.lanes["draws"]

    Desk.__init__ = one_lane

if PLANT == "cuts off who waits":
    from xindeng.api.turnstile import Turnstile

    Turnstile.shutdown = lambda self: self.transport.abort()

if PLANT == "outlives who started it":
    from xindeng.web import processes

    processes.end_with_supervisor = lambda: None

if PLANT == "works until it cannot":
    import asyncio

    from xindeng.service import worker

    async def once(make, complain):
        await worker._work(make(), asyncio.Event())

    worker._until_told = once

if PLANT == "does not know a full disk":
    import psycopg

    from xindeng.store import connect

    connect._AWAY = (psycopg.InterfaceError,)
