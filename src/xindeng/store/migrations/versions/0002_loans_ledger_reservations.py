"""Money: reservations, loans and their transactions, postings, progress of jobs, the job queue."""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Accounting records outlive the borrower's data key, so they hold amounts, days and pseudonymous
# ids in the clear, and nothing that a person said or is.
TABLES = """
-- Money spoken for by a draw that is on its way. `key` is what the payment rail knows it by.
--   reserved → sent → settled | void;   sent → unknown → settled | void
CREATE TABLE reservation (
    draw         uuid PRIMARY KEY,
    borrower     xname NOT NULL REFERENCES borrower,
    key          xname NOT NULL,
    body         digest NOT NULL,
    decision     uuid UNIQUE REFERENCES decision,
    amount       bigint NOT NULL CHECK (amount > 0),
    currency     text NOT NULL,
    terms        bytea NOT NULL,
    funder       text,
    state        text NOT NULL CHECK (state IN ('reserved', 'sent', 'unknown', 'settled', 'void')),
    cause        text NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    reserved_at  bigint NOT NULL,
    changed_at   bigint NOT NULL,
    UNIQUE (borrower, key)
) WITH (fillfactor = 70);
CREATE INDEX reservation_open ON reservation (borrower)
    WHERE state IN ('reserved', 'sent', 'unknown');

-- How each reservation moved, and on whose word.
CREATE TABLE reservation_step (
    draw  uuid NOT NULL REFERENCES reservation,
    at    bigint NOT NULL,
    no    integer NOT NULL,
    state text NOT NULL,
    cause text NOT NULL,
    PRIMARY KEY (draw, no)
);

-- A loan is its terms and its dated transactions. `posted` are its balances by account: a cache
-- that the sums of its postings must prove. `aged` is the last day the end of day has done,
-- `dpd` the days past due it found.
CREATE TABLE loan (
    loan      uuid PRIMARY KEY,
    borrower  xname NOT NULL REFERENCES borrower,
    currency  text NOT NULL,
    terms     bytea NOT NULL,
    opened    bigint NOT NULL,
    state     text NOT NULL CHECK (state IN ('open', 'closed')),
    aged      bigint NOT NULL,
    dpd       integer NOT NULL,
    posted    jsonb NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX loan_of_borrower ON loan (borrower);
CREATE INDEX loan_open ON loan (borrower, loan) WHERE state = 'open';

CREATE TABLE loan_transaction (
    loan      uuid NOT NULL REFERENCES loan,
    seq       integer NOT NULL CHECK (seq >= 1),
    borrower  xname NOT NULL,
    key       xname NOT NULL,
    value_day bigint NOT NULL,
    booked_at bigint NOT NULL,
    body      bytea NOT NULL,
    PRIMARY KEY (loan, seq),
    UNIQUE (borrower, key)
);

-- Double entry: the rows of an entry sum to zero in each currency. A job posts once a loan, day
-- and account; that index, not the job's care, is what keeps a second run from posting twice.
CREATE TABLE posting (
    entry     uuid NOT NULL,
    account   text NOT NULL,
    loan      uuid NOT NULL REFERENCES loan,
    borrower  xname NOT NULL,
    amount    bigint NOT NULL CHECK (amount <> 0),
    currency  text NOT NULL,
    value_day bigint NOT NULL,
    booked_at bigint NOT NULL,
    cause     text NOT NULL,
    job       text,
    PRIMARY KEY (entry, account, cause)
);
CREATE UNIQUE INDEX posting_once_a_day ON posting (loan, value_day, job, account)
    WHERE job IS NOT NULL;
CREATE INDEX posting_of_loan ON posting (loan);

CREATE FUNCTION entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid;
BEGIN
    SELECT entry INTO wrong FROM added GROUP BY entry, currency HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % does not sum to zero', wrong
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER balanced AFTER INSERT ON posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION entries_balance();

-- How far a job of a business day has come: one row a chunk of lines, `upto` its last borrower.
CREATE TABLE job_chunk (
    job       text NOT NULL,
    day       bigint NOT NULL,
    chunk     integer NOT NULL,
    first     xname NOT NULL,
    upto      xname NOT NULL,
    lines     integer NOT NULL,
    done_at   bigint,
    changed   integer,
    PRIMARY KEY (job, day, chunk)
);

-- Messages to people, written with the change they tell of, sent afterwards by the worker.
CREATE TABLE notice (
    id        uuid PRIMARY KEY,
    borrower  xname NOT NULL REFERENCES borrower,
    kind      text NOT NULL,
    key_id    bigint NOT NULL REFERENCES borrower_key,
    body      bytea NOT NULL,
    made_at   bigint NOT NULL,
    sent_at   bigint
);
CREATE INDEX notice_unsent ON notice (id) WHERE sent_at IS NULL;

-- What a person must look at by a day; `note` is sealed.
CREATE TABLE task (
    id        uuid PRIMARY KEY,
    borrower  xname NOT NULL REFERENCES borrower,
    kind      text NOT NULL,
    subject   text NOT NULL,
    due_day   bigint NOT NULL,
    key_id    bigint NOT NULL REFERENCES borrower_key,
    note      bytea NOT NULL,
    made_at   bigint NOT NULL,
    done_at   bigint
);
-- The same thing is asked of people once until it is done.
CREATE UNIQUE INDEX task_open_once ON task (borrower, kind, subject) WHERE done_at IS NULL;
"""

APPEND_ONLY = ("reservation_step", "loan_transaction", "posting")


def upgrade() -> None:
    """Create the tables of money, and the queue's own by its own statements."""
    op.execute(TABLES)
    for table in APPEND_ONLY:
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
    # Through the driver itself, whose call without parameters reads no placeholders. The queue's
    # requirement is pinned: a version with another schema needs a migration of ours beside it.
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema())
