"""Entry point: `python -m benchmarks NAME [--quick]`, with NAME one of `NAMES`."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

NAMES = ("policy", "decide", "endofday", "debts", "plan", "service", "pages", "history",
         "backtest")  # fmt: skip


def main() -> int:
    """Run one benchmark; exit status 0 means that every target was met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--quick", action="store_true", help="end within 50 seconds")
    chosen = parser.parse_args()
    try:
        run = import_module(f"benchmarks.{chosen.name}").run
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed; run: make check (it installs the tools)")
        return 1
    return int(run(quick=chosen.quick))


if __name__ == "__main__":
    sys.exit(main())
