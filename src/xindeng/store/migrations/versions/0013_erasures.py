"""Who was erased when: a tombstone each, told to every stream; and the nights that were cleaned."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = """
-- The chain of hashes goes on to be verified, up to (seq, head); nothing in it can be read.
CREATE TABLE erasure (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    borrower xname NOT NULL REFERENCES borrower,
    at       bigint NOT NULL,
    actor    xname NOT NULL,
    cause    text NOT NULL CHECK (cause IN ('asked', 'retention', 'restored')),
    seq      bigint NOT NULL,
    head     digest NOT NULL
);
CREATE INDEX erasure_borrower ON erasure (borrower);
-- Up to which erasure each stream was told.
ALTER TABLE feed_reader ADD COLUMN erasure bigint NOT NULL DEFAULT 0;

CREATE TABLE cleaning (
    day     bigint PRIMARY KEY,
    done_at bigint NOT NULL,
    removed jsonb NOT NULL
);
"""


def upgrade() -> None:
    """Create the tables; that somebody was erased can be neither changed nor removed."""
    op.execute(TABLES)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erasure
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
