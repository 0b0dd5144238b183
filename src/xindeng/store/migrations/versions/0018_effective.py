"""A publication takes effect at its own time, at once or later."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add from when on a publication is in force; those so far were at once."""
    op.execute("ALTER TABLE publication ADD COLUMN effective_at bigint")
    op.execute("ALTER TABLE publication DISABLE TRIGGER append_only")
    op.execute("UPDATE publication SET effective_at = published_at")
    op.execute("ALTER TABLE publication ENABLE TRIGGER append_only")
    op.execute("ALTER TABLE publication ALTER COLUMN effective_at SET NOT NULL")
    op.execute("CREATE INDEX publication_effective ON publication (effective_at, number)")
