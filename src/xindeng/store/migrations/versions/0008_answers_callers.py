"""Answers given under an idempotency key, and who may call: API keys, staff, their sessions."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
-- The first answer to a request under a key, encrypted, to be given again for good. `body` is the
-- digest of what was asked. It lives with the borrower and goes, unreadable, with the data key.
CREATE TABLE answer (
    borrower xname NOT NULL REFERENCES borrower,
    key      xname NOT NULL,
    body     digest NOT NULL,
    at       bigint NOT NULL,
    status   smallint NOT NULL CHECK (status BETWEEN 200 AND 299),
    key_id   bigint NOT NULL REFERENCES borrower_key,
    record   bytea NOT NULL,
    PRIMARY KEY (borrower, key)
);
ALTER TABLE answer ALTER record SET STORAGE EXTERNAL;

-- Requests in hand that ask somebody outside, so that their duplicates wait. `until` is when
-- whoever had it in hand is taken for dead.
CREATE TABLE in_hand (
    borrower xname NOT NULL REFERENCES borrower,
    key      xname NOT NULL,
    token    uuid NOT NULL,
    until    bigint NOT NULL,
    PRIMARY KEY (borrower, key)
);

-- Keys of programs; the secret itself is known to its holder alone.
CREATE TABLE api_key (
    id         xname PRIMARY KEY,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    secret     digest NOT NULL,
    scopes     text[] NOT NULL CHECK (cardinality(scopes) >= 1),
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint,
    succeeds   xname REFERENCES api_key
);

-- People who sign in here; `password` is an argon2 hash.
CREATE TABLE staff (
    name        xname PRIMARY KEY,
    password    text NOT NULL,
    roles       text[] NOT NULL CHECK (cardinality(roles) >= 1),
    created_at  bigint NOT NULL,
    disabled_at bigint
);

CREATE TABLE staff_session (
    token      digest PRIMARY KEY,
    staff      xname NOT NULL REFERENCES staff,
    opened_at  bigint NOT NULL,
    expires_at bigint NOT NULL,
    closed_at  bigint
);
CREATE INDEX staff_session_staff ON staff_session (staff);
"""


def upgrade() -> None:
    """Create the tables; an answer once given can be neither changed nor removed."""
    op.execute(TABLES)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON answer
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
