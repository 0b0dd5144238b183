"""What one person proposes and another approves; and which policy was published by whom."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = """
-- `body` is what is to be done, sealed under the borrower's key where it is about one (key_id),
-- else free of personal data. It is carried out in the transaction that marks it as approved.
CREATE TABLE proposal (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    borrower   xname REFERENCES borrower,
    author     xname NOT NULL,
    made_at    bigint NOT NULL,
    expires_at bigint NOT NULL,
    key_id     bigint REFERENCES borrower_key,
    body       bytea NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'refused')),
    judged_by  xname,
    judged_at  bigint,
    CHECK ((state = 'open') = (judged_by IS NULL)),
    CHECK (judged_by <> author),
    CHECK ((borrower IS NULL) = (key_id IS NULL))
);
CREATE INDEX proposal_open ON proposal (made_at, id) WHERE state = 'open';

-- Policies in the order in which they came into force.
CREATE TABLE publication (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash         text COLLATE "C" NOT NULL REFERENCES policy_version,
    published_at bigint NOT NULL,
    proposal     uuid NOT NULL UNIQUE REFERENCES proposal
);
"""


def upgrade() -> None:
    """Create the tables; what was published stays told for good."""
    op.execute(TABLES)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON publication
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
