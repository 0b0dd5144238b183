"""`xindeng serve`: the HTTP service, on loopback unless told otherwise."""

from __future__ import annotations

from typing import Annotated

import typer

from xindeng.api.serve import Settings, run
from xindeng.cli.output import HomeOption, PolicyOption, err
from xindeng.cli.ports import FunderOption, RailOption

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


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
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Serve HTTP /v1 until SIGTERM; what is in hand is answered first."""
    if host not in _LOOPBACK:
        err.print(
            f"listening on {host}: put a proxy with TLS in front, nothing here is encrypted",
            markup=False,
        )
    settings = Settings(
        policy=policy, home=home, rail=rail, funder=funder, jwks=jwks, issuer=issuer,
        audience=audience,
    )  # fmt: skip
    run(settings, host=host, port=port, workers=workers)
