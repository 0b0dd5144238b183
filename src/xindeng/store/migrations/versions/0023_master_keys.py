"""Under which master key the data keys lie, once they were moved from the first."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; it stays empty until the first move."""
    op.execute("""
        CREATE TABLE master_key (
            number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            master_id text NOT NULL UNIQUE,
            look_up   bytea NOT NULL,
            at        bigint NOT NULL
        );
    """)
