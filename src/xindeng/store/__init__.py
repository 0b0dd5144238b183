"""The store: an embedded or outside PostgreSQL, encrypted payloads, one hash chain a borrower."""
