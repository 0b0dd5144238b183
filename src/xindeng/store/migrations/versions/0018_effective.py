"""A publication takes effect at its own time, at once or later."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add from when on a publication is in force; one that says nothing was at once."""
    op.execute("ALTER TABLE publication ADD COLUMN effective_at bigint")
