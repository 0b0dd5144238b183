"""`xindeng export` and `xindeng erasure`: a person's own data, and its end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xindeng.cli.borrower import BorrowerArgument
from xindeng.cli.output import HomeOption, PolicyOption, out
from xindeng.kernel.errors import UnavailableError
from xindeng.service import erasure
from xindeng.service import export as exporting
from xindeng.service.engine import open_engine


def export(
    borrower: BorrowerArgument,
    file: Annotated[Path, typer.Option("--out", help="a .zip or .json file to write")],
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Write all that is stored of a person, and nothing of anybody else, to a zip or JSON file."""
    with open_engine(policy, home=Path(home) if home else None) as engine:
        found = exporting.export(engine, borrower)
    data = exporting.as_json(found) if file.suffix == ".json" else exporting.as_zip(found)
    try:
        file.touch(mode=0o600)
        file.write_bytes(data)
    except OSError as error:
        raise UnavailableError(
            f"the export cannot be written: {error}",
            where=str(file),
            next_step="give a file that you may write to",
            code="export.file",
        ) from error
    out.print(f"→ {file} ({len(data):,} bytes)", markup=False)


def erase_again(policy: PolicyOption = "consumer_line", home: HomeOption = None) -> None:
    """After a restore: erase again whoever had been erased since the backup was made."""
    with open_engine(policy, home=Path(home) if home else None) as engine:
        done = erasure.erase_again(engine)
    out.print(f"erased {done:,} again", markup=False)
