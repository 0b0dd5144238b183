"""`python -m xindeng` is the same as the `xindeng` script."""

from xindeng.cli import main

if __name__ == "__main__":
    main()
