"""The store: an embedded or outside PostgreSQL, encrypted payloads, one hash chain a borrower."""

from xindeng.store.store import Store, open_store

__all__ = ["Store", "open_store"]
