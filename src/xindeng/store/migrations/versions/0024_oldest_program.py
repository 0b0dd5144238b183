"""How old a program may be to run over these tables: the database itself says so to those who come
from before."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; its one row is written with every migration (store/migrate.py)."""
    op.execute("""
        CREATE TABLE oldest_program (
            one    boolean PRIMARY KEY DEFAULT TRUE CHECK (one),
            number text NOT NULL
        );
    """)
