"""How far each reader of the feed has come."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.execute("""
        -- A reader is in the window from `since` to `until` and has done positions up to `pos`.
        CREATE TABLE feed_reader (
            reader      xname PRIMARY KEY,
            since_epoch smallint NOT NULL,
            since_tx    bigint NOT NULL,
            until_epoch smallint NOT NULL,
            until_tx    bigint NOT NULL,
            pos         bigint NOT NULL
        )
    """)
