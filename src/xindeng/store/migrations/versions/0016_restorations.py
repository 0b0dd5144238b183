"""When this database was restored, and whether the payment rail was asked since."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = """
-- `proof` is the SHA-256 of the backup's manifest. While `reconciled_at` is empty nothing is drawn.
CREATE TABLE restoration (
    number        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    backup_at     bigint NOT NULL,
    restored_at   bigint NOT NULL,
    proof         digest NOT NULL,
    reconciled_at bigint
);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TABLES)
