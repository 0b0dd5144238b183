"""The order in which events became visible, what staff did, and the seals over both."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# `tx` is the transaction that wrote a row, `pos` the order of writing. Rows become visible when
# their transaction ends, so a reader takes whole transactions below a horizon (`store/feed.py`).
# A restored dump comes to a server that counts transactions from the beginning: `epoch` is raised.
_PLACE = """
    ADD COLUMN epoch smallint NOT NULL DEFAULT 0,
    ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ADD COLUMN pos bigint GENERATED ALWAYS AS IDENTITY
"""

TABLES = """
CREATE TABLE feed_epoch (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch    smallint NOT NULL
);
INSERT INTO feed_epoch (epoch) VALUES (0);

-- What staff and keys did, a chain an actor. `body` is sealed under the borrower's key where the
-- action is about one (key_id), else plain and free of personal data.
CREATE TABLE action (
    actor     xname NOT NULL,
    seq       bigint NOT NULL CHECK (seq >= 1),
    id        uuid NOT NULL UNIQUE,
    at        bigint NOT NULL,
    kind      xname NOT NULL,
    subject   text COLLATE "C" NOT NULL,
    key_id    bigint REFERENCES borrower_key,
    body      bytea NOT NULL,
    prev_hash digest NOT NULL,
    hash      digest NOT NULL,
    PRIMARY KEY (actor, seq)
);
CREATE INDEX action_of_subject ON action (subject, at);

-- Each seal covers what became visible since the one before it: `leaves` are the chains that grew,
-- with their lengths and heads; `hash` covers the root and the seal before it.
CREATE TABLE seal (
    number     bigint PRIMARY KEY CHECK (number >= 1),
    at         bigint NOT NULL,
    upto_epoch smallint NOT NULL,
    upto_tx    bigint NOT NULL,
    leaves     bytea NOT NULL,
    root       digest NOT NULL,
    prev       digest NOT NULL,
    hash       digest NOT NULL
);
"""


def upgrade() -> None:
    """Give events their place, and make the tables of actions and seals."""
    op.execute(f"ALTER TABLE event {_PLACE}")
    op.execute("CREATE INDEX event_feed ON event (epoch, tx)")
    op.execute(TABLES)
    op.execute(f"ALTER TABLE action {_PLACE}")
    op.execute("CREATE INDEX action_feed ON action (epoch, tx)")
    for table in ("action", "seal"):
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
