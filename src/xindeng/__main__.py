"""`python -m xindeng` is the same as the `xindeng` script."""

from xindeng.cli.app import main

if __name__ == "__main__":
    main()
