"""The borrower's pages: one thing a page, in plain words, each from one or two use cases."""
