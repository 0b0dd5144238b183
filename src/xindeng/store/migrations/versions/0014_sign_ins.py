"""Sign-ins that have gone to the identity provider and not come back."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; `state` is a digest, so that reading it opens nothing."""
    op.execute("""
        CREATE TABLE sign_in (
            state    digest PRIMARY KEY,
            nonce    text NOT NULL,
            verifier text NOT NULL,
            until    bigint NOT NULL
        )
    """)
