"""Matters put before a person: who waits for what answer, by when, and who has it in hand."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
-- A queue: what was said in a matter is in the borrower's events, sealed; nothing personal is here.
-- `asked` is whether the borrower asked, else the policy did; `priority` 0 goes first.
CREATE TABLE matter (
    id         uuid PRIMARY KEY,
    borrower   xname NOT NULL REFERENCES borrower,
    way        text NOT NULL CHECK (way IN ('review', 'appeal', 'dispute', 'complaint')),
    about      text COLLATE "C" NOT NULL,
    decision   uuid REFERENCES decision,
    asked      boolean NOT NULL,
    priority   smallint NOT NULL CHECK (priority BETWEEN 0 AND 9),
    opened_at  bigint NOT NULL,
    due_day    bigint NOT NULL,
    expires_at bigint,
    late       boolean NOT NULL DEFAULT false,
    taken_by   xname,
    taken_at   bigint,
    result     text,
    closed_at  bigint,
    closed_by  xname,
    CHECK ((result IS NULL) = (closed_at IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX matter_of_borrower ON matter (borrower, opened_at);
CREATE INDEX matter_queue ON matter (priority, due_day, id) WHERE closed_at IS NULL;
-- Asking again about the same thing is the same matter, and its clock does not move.
CREATE UNIQUE INDEX matter_open_once ON matter (borrower, way, about) WHERE closed_at IS NULL;
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TABLES)
