"""From where check-ups and disputes come, as keyed hashes; and agents whom a person looks at."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = """
-- One device, address or payout card seen with one borrower. Both are keyed hashes: who it was
-- cannot be read from here, and nothing that judges a borrower reads it.
CREATE TABLE sighting (
    kind  text NOT NULL CHECK (kind IN ('device', 'address', 'payout_card')),
    trace digest NOT NULL,
    who   digest NOT NULL,
    at    bigint NOT NULL,
    PRIMARY KEY (kind, trace, who)
);
CREATE INDEX sighting_age ON sighting (at);
CREATE INDEX sighting_who ON sighting (who);

-- A trace seen with so many borrowers that a person looks at whoever stands behind it.
CREATE TABLE agent (
    id        uuid PRIMARY KEY,
    kind      text NOT NULL,
    trace     digest NOT NULL,
    borrowers integer NOT NULL,
    opened_at bigint NOT NULL,
    seen_at   bigint NOT NULL,
    closed_at bigint,
    closed_by xname,
    finding   text
);
CREATE UNIQUE INDEX agent_open_once ON agent (kind, trace) WHERE closed_at IS NULL;
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)
