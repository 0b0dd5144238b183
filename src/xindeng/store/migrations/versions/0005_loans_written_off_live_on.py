"""A loan written off is not closed: it ages, and counts as late, until it is recovered."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tell loans written off and not recovered apart from those that are closed."""
    op.execute("ALTER TABLE loan DROP CONSTRAINT loan_state_check")
    op.execute(
        "UPDATE loan SET state = 'written_off' WHERE state = 'closed'"
        " AND coalesce((posted->>'write_off')::int8, 0)"
        " + coalesce((posted->>'recovery')::int8, 0) > 0"
    )
    op.execute(
        "ALTER TABLE loan ADD CONSTRAINT loan_state_check"
        " CHECK (state IN ('open', 'written_off', 'closed'))"
    )
    op.execute("DROP INDEX loan_open")
    op.execute("CREATE INDEX loan_living ON loan (borrower, loan) WHERE state <> 'closed'")
