"""Calls counted by the hour, of whoever stands behind a keyed hash, for all processes together."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; a crash may empty it, and nothing is kept in it for more than a day."""
    op.execute("""
        CREATE UNLOGGED TABLE guard (
            kind  xname NOT NULL,
            who   digest NOT NULL,
            at    bigint NOT NULL,
            calls bigint[] NOT NULL,
            PRIMARY KEY (kind, who)
        );
        CREATE INDEX guard_at ON guard (at);
    """)
