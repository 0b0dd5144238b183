"""The command line; `xindeng.cli.app.main` is the entry point of the `xindeng` script."""
