"""The currency of a borrower's amounts: a policy of another would read them as its own."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; known lines tell it, all others settle it with their next event."""
    op.execute("ALTER TABLE borrower ADD COLUMN currency text")
    op.execute(
        "UPDATE borrower SET currency = line.currency FROM line"
        " WHERE line.borrower = borrower.borrower"
    )
