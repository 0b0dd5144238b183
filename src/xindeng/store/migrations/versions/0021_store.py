"""A store has a name of its own, so that a lake knows which one it was written from."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name the store; a backup carries the name along, and its restore begins an epoch."""
    op.execute("ALTER TABLE feed_epoch ADD COLUMN store uuid NOT NULL DEFAULT gen_random_uuid()")
