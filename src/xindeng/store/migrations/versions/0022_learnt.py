"""What was lent by lot: the approvals of test-and-learn arms."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLE = """
-- An approval that the lot alone brought about, by the salt of its arm. Like a reservation it holds
-- an amount and a pseudonymous id, and nothing that a person said or is. It is written before its
-- decision, in the same transaction, so that the next draw of a group sees it.
CREATE TABLE learnt (
    decision uuid NOT NULL,
    borrower xname NOT NULL REFERENCES borrower,
    salt     text COLLATE "C" NOT NULL,
    amount   bigint NOT NULL CHECK (amount > 0),
    at       bigint NOT NULL,
    PRIMARY KEY (borrower, decision),
    FOREIGN KEY (borrower, decision) REFERENCES decision (borrower, id)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX learnt_salt ON learnt (salt);
"""


def upgrade() -> None:
    """Create the table; what was lent by lot stays told for good."""
    op.execute(TABLE)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON learnt
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
