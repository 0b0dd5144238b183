"""Large tables in parts: events and decisions by hash of the borrower, postings by year.

A borrower's rows stay together, so that a draw touches one part, and the parts can be cleaned,
moved to other disks or spread over machines (docs/explanation/a-hundred-million.md). Rows that are
there already are copied, while nobody can write: time it on a copy first.
"""

from __future__ import annotations

from datetime import date

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

PARTS = 16
YEARS = range(2020, 2041)
_EPOCH = date(1970, 1, 1)

# The identity column becomes a default: parts have none of their own before PostgreSQL 17.
EVENT = """
ALTER TABLE event RENAME TO event_whole;
CREATE SEQUENCE event_pos AS bigint;
CREATE TABLE event (LIKE event_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)
    PARTITION BY HASH (borrower);
ALTER TABLE event ALTER pos SET DEFAULT nextval('event_pos');
ALTER SEQUENCE event_pos OWNED BY event.pos;
"""
EVENT_FILLED = """
INSERT INTO event SELECT * FROM event_whole;
SELECT setval('event_pos', coalesce((SELECT max(pos) FROM event), 1),
              EXISTS (SELECT FROM event));
ALTER TABLE decision DROP CONSTRAINT decision_borrower_seq_fkey;
DROP TABLE event_whole;
ALTER TABLE event
    ADD PRIMARY KEY (borrower, seq),
    ADD UNIQUE (borrower, id),
    ADD FOREIGN KEY (borrower) REFERENCES borrower,
    ADD FOREIGN KEY (key_id) REFERENCES borrower_key;
CREATE INDEX event_feed ON event (epoch, tx);
"""

# What points at a decision names its borrower too, for the parts are by borrower.
DECISION = """
ALTER TABLE decision RENAME TO decision_whole;
CREATE TABLE decision (LIKE decision_whole INCLUDING CONSTRAINTS INCLUDING STORAGE)
    PARTITION BY HASH (borrower);
"""
DECISION_FILLED = """
INSERT INTO decision SELECT * FROM decision_whole;
ALTER TABLE idempotency DROP CONSTRAINT idempotency_decision_fkey;
ALTER TABLE reservation DROP CONSTRAINT reservation_decision_fkey;
ALTER TABLE plan DROP CONSTRAINT plan_decision_fkey;
ALTER TABLE matter DROP CONSTRAINT matter_decision_fkey;
DROP TABLE decision_whole;
ALTER TABLE decision
    ADD PRIMARY KEY (borrower, id),
    ADD UNIQUE (borrower, seq),
    ADD FOREIGN KEY (borrower, seq) REFERENCES event (borrower, seq),
    ADD FOREIGN KEY (policy_hash) REFERENCES policy_version,
    ADD FOREIGN KEY (key_id) REFERENCES borrower_key;
CREATE INDEX decision_id ON decision (id);
ALTER TABLE idempotency ADD FOREIGN KEY (borrower, decision) REFERENCES decision (borrower, id);
ALTER TABLE reservation ADD FOREIGN KEY (borrower, decision) REFERENCES decision (borrower, id);
ALTER TABLE plan ADD FOREIGN KEY (borrower, decision) REFERENCES decision (borrower, id);
ALTER TABLE matter ADD FOREIGN KEY (borrower, decision) REFERENCES decision (borrower, id);
"""

POSTING = """
ALTER TABLE posting RENAME TO posting_whole;
CREATE TABLE posting (LIKE posting_whole INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (value_day);
"""
# An entry has one value day, so its key is as unique with the day as it was without.
POSTING_FILLED = """
INSERT INTO posting SELECT * FROM posting_whole;
DROP TABLE posting_whole;
ALTER TABLE posting
    ADD PRIMARY KEY (entry, account, cause, value_day),
    ADD FOREIGN KEY (loan) REFERENCES loan;
CREATE UNIQUE INDEX posting_once_a_day ON posting (loan, value_day, job, account)
    WHERE job IS NOT NULL;
CREATE INDEX posting_of_loan ON posting (loan);
"""
BALANCED = """
CREATE TRIGGER balanced AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION entries_balance()
"""
KEPT = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Put the parts in place of the whole tables; triggers guard each part by its own name too."""
    for table, made, filled in (
        ("event", EVENT, EVENT_FILLED), ("decision", DECISION, DECISION_FILLED),
    ):  # fmt: skip
        op.execute(made)
        parts = [f"{table}_{part:02}" for part in range(PARTS)]
        for part, name in enumerate(parts):
            op.execute(
                f"CREATE TABLE {name} PARTITION OF {table}"
                f" FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
            )
        op.execute(filled)
        for name in (table, *parts):
            op.execute(KEPT.format(table=name))
    _postings_by_year()


def _postings_by_year() -> None:
    op.execute(POSTING)
    op.execute("CREATE TABLE posting_other PARTITION OF posting DEFAULT")
    for year in YEARS:
        first, after = ((date(one, 1, 1) - _EPOCH).days for one in (year, year + 1))
        op.execute(
            f"CREATE TABLE posting_{year} PARTITION OF posting"
            f" FOR VALUES FROM ({first}) TO ({after})"
        )
    op.execute(POSTING_FILLED)
    for name in ("posting", "posting_other", *(f"posting_{year}" for year in YEARS)):
        op.execute(BALANCED.format(table=name))
        op.execute(KEPT.format(table=name))
