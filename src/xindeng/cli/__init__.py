"""The command line; `main` is the entry point of the `xindeng` script."""

from xindeng.cli.app import main

__all__ = ["main"]
