"""Backtests that people at the risk desk asked for, and what came of them."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = """
-- `draft` is the bundle that is held against the version `base`; `report` is the figures as JSON,
-- in which no borrower is named.
CREATE TABLE backtest (
    id       uuid PRIMARY KEY,
    key      text COLLATE "C" NOT NULL UNIQUE,
    author   xname,
    made_at  bigint NOT NULL,
    base     text COLLATE "C" NOT NULL REFERENCES policy_version,
    draft    bytea NOT NULL,
    first    integer,
    last     integer,
    mode     text NOT NULL,
    state    text NOT NULL DEFAULT 'waiting'
             CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    began_at bigint,
    ended_at bigint,
    report   bytea,
    problem  text,
    CHECK ((state = 'done') = (report IS NOT NULL)),
    CHECK ((state = 'failed') = (problem IS NOT NULL))
);
CREATE INDEX backtest_waiting ON backtest (made_at, id) WHERE state IN ('waiting', 'running');
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TABLES)
