"""`xindeng serve`: the HTTP service, on loopback unless told otherwise."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from xindeng.cli.audit import AnchorOption
from xindeng.cli.output import HomeOption, PolicyOption, err, out
from xindeng.cli.ports import BureauOption, FunderOption, RailOption
from xindeng.cli.stance import SeriesOption
from xindeng.store.paths import default_home
from xindeng.store.server import open_server, reset_data
from xindeng.store.store import open_store
from xindeng.web.demo import DemoClock
from xindeng.web.serve import LOOPBACK, Settings, demo_door, run, run_demo


def serve(
    host: Annotated[str, typer.Option(help="the address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="the port to listen on", min=1, max=65_535)] = 8000,
    workers: Annotated[int, typer.Option(help="processes that answer", min=1, max=64)] = 1,
    rail: RailOption = None,
    funder: FunderOption = None,
    jwks: Annotated[
        str | None,
        typer.Option(envvar="XINDENG_JWKS", help="keys that sign borrowers' tokens: file or URL"),
    ] = None,
    issuer: Annotated[
        str | None, typer.Option(envvar="XINDENG_ISSUER", help="who issues borrowers' tokens")
    ] = None,
    audience: Annotated[
        str, typer.Option(envvar="XINDENG_AUDIENCE", help="whom these tokens must be for")
    ] = "xindeng",
    token_hours: Annotated[
        int,
        typer.Option(
            envvar="XINDENG_TOKEN_HOURS",
            min=1,
            max=168,
            help="how long such a token may be good for at most",
        ),
    ] = 12,
    sign_in: Annotated[
        str,
        typer.Option(envvar="XINDENG_SIGN_IN", help="where borrowers sign in"),
    ] = "",
    bureau: BureauOption = None,
    anchor: AnchorOption = None,
    series: SeriesOption = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="made-up borrowers, easy sign-in, nothing kept")
    ] = False,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Serve HTTP /v1 and the pages until SIGTERM; what is in hand is answered first."""
    if demo:
        # Never the home itself: a demo starts by erasing what is there.
        serve_demo((Path(home) if home else default_home()) / "demo", host, port)
        return
    if host not in LOOPBACK:
        err.print(
            f"listening on {host}: put a proxy with TLS in front, nothing here is encrypted",
            markup=False,
        )
    settings = Settings(
        policy=policy, home=home, rail=rail, funder=funder, jwks=jwks, issuer=issuer,
        audience=audience, token_hours=token_hours, sign_in_at=sign_in, bureau=bureau,
        series=None if series is None else str(series),
        anchor=str(anchor) if anchor else None,
    )  # fmt: skip
    run(settings, host=host, port=port, workers=workers)


def serve_demo(home: Path, host: str, port: int) -> None:
    """Start a demo from nothing and serve it; always on a server of its own."""
    with ExitStack() as stack:
        sockets = stack.enter_context(demo_door(host, port))
        reset_data(home)
        waiting = stack.enter_context(err.status("starting the demo", spinner="dots"))
        url = stack.enter_context(open_server(home))
        store = stack.enter_context(open_store(home, url))

        def ready() -> None:
            waiting.stop()
            announce(host, port)

        run_demo(store, DemoClock(0), home=home, sockets=sockets, ready=ready)


def announce(host: str, port: int) -> None:
    """Say where the demo is to be looked at."""
    out.print(f"\nOpen [bold]http://{host}:{port}/[/] and choose somebody; Ctrl-C ends it.")
