"""Plans: what a borrower was told to do and by when, every later look at it, every step done."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
-- The plans made for one request on one day. `record` holds the request and the plans, encrypted;
-- they rest on the events with seq up to `seq` and the platform's with seq up to `platform_seq`.
CREATE TABLE plan (
    id           uuid PRIMARY KEY,
    borrower     xname NOT NULL REFERENCES borrower,
    made_at      bigint NOT NULL,
    seq          bigint NOT NULL,
    platform_seq bigint NOT NULL,
    policy_hash  text COLLATE "C" NOT NULL REFERENCES policy_version,
    decision     uuid REFERENCES decision,
    key_id       bigint NOT NULL REFERENCES borrower_key,
    record       bytea NOT NULL
);
CREATE INDEX plan_borrower ON plan (borrower, made_at);
ALTER TABLE plan ALTER record SET STORAGE EXTERNAL;

-- A proof anew that said something new, the newest with the highest `no`. `record` is encrypted.
CREATE TABLE plan_look (
    plan        uuid NOT NULL REFERENCES plan,
    no          integer NOT NULL CHECK (no >= 1),
    at          bigint NOT NULL,
    seq         bigint NOT NULL,
    policy_hash text COLLATE "C" NOT NULL REFERENCES policy_version,
    key_id      bigint NOT NULL REFERENCES borrower_key,
    record      bytea NOT NULL,
    PRIMARY KEY (plan, no)
);

-- Steps of one of the plans that the borrower says are done, once each; whether they are, the
-- events tell.
CREATE TABLE plan_step_done (
    plan   uuid NOT NULL REFERENCES plan,
    choice integer NOT NULL CHECK (choice >= 1),
    step   integer NOT NULL CHECK (step >= 1),
    at     bigint NOT NULL,
    PRIMARY KEY (plan, choice, step)
);

-- The plans that may still hold, and what they were last looked at with: a worker's list of work,
-- from which a plan is taken off when none of it is left.
CREATE TABLE plan_watch (
    plan        uuid PRIMARY KEY REFERENCES plan,
    borrower    xname NOT NULL REFERENCES borrower,
    policy_hash text COLLATE "C" NOT NULL,
    seq         bigint NOT NULL,
    day         bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX plan_watch_borrower ON plan_watch (borrower);
"""

APPEND_ONLY = ("plan", "plan_look", "plan_step_done")


def upgrade() -> None:
    """Create the tables; what was said to a borrower can be neither changed nor removed."""
    op.execute(TABLES)
    for table in APPEND_ONLY:
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
