"""Notices are taken in hand, tried again later, and held back until they may be sent."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when a notice may go out at the earliest, and how often it was tried."""
    op.execute("""
        ALTER TABLE notice
            ADD COLUMN not_before bigint NOT NULL DEFAULT 0,
            ADD COLUMN attempts integer NOT NULL DEFAULT 0
    """)
