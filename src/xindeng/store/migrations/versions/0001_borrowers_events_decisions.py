"""The first tables: borrowers and their keys, chained events, states, decisions, policies."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Texts compare by byte: the same order on every machine, and the cheapest.
TABLES = """
CREATE DOMAIN xname AS text COLLATE "C" CHECK (length(VALUE) BETWEEN 1 AND 128);
CREATE DOMAIN digest AS bytea CHECK (octet_length(VALUE) = 32);

-- One row a borrower: the lock, and the head of the borrower's chain.
CREATE TABLE borrower (
    borrower    xname PRIMARY KEY,
    created_at  bigint NOT NULL,
    seq         bigint NOT NULL DEFAULT 0 CHECK (seq >= 0),
    head        digest NOT NULL
) WITH (fillfactor = 70);

-- A borrower's data key, wrapped by the master key. Erasure empties `wrapped`.
CREATE TABLE borrower_key (
    key_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    borrower     xname NOT NULL REFERENCES borrower,
    master_id    text NOT NULL,
    wrapped      bytea,
    created_at   bigint NOT NULL,
    destroyed_at bigint,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE UNIQUE INDEX borrower_key_one_in_use ON borrower_key (borrower) WHERE destroyed_at IS NULL;

-- What happened. `payload` is ciphertext; `evidence` the digest of the row elsewhere that the
-- event stands for (a decision); `hash` covers prev_hash, all header columns, payload, evidence.
CREATE TABLE event (
    borrower    xname NOT NULL REFERENCES borrower,
    seq         bigint NOT NULL CHECK (seq >= 1),
    id          xname NOT NULL,
    type        xname NOT NULL,
    version     integer NOT NULL,
    occurred_at bigint NOT NULL,
    known_at    bigint NOT NULL,
    key_id      bigint NOT NULL REFERENCES borrower_key,
    payload     bytea NOT NULL,
    evidence    digest,
    prev_hash   digest NOT NULL,
    hash        digest NOT NULL,
    PRIMARY KEY (borrower, seq),
    UNIQUE (borrower, id)
);
ALTER TABLE event ALTER payload SET STORAGE EXTERNAL;

-- Events set aside because they come from the future; `payload` is the whole event, encrypted.
CREATE TABLE quarantine (
    borrower    xname NOT NULL REFERENCES borrower,
    id          xname NOT NULL,
    received_at bigint NOT NULL,
    reason      text NOT NULL,
    key_id      bigint NOT NULL REFERENCES borrower_key,
    payload     bytea NOT NULL,
    PRIMARY KEY (borrower, id)
);

-- The events folded: a cache that can always be rebuilt. A draw rewrites `hot` alone; `buckets`
-- are as of `buckets_seq`. Both are encrypted; `kernel` names the feature book that made them.
CREATE TABLE state (
    borrower    xname PRIMARY KEY REFERENCES borrower,
    seq         bigint NOT NULL,
    kernel      text NOT NULL,
    key_id      bigint NOT NULL REFERENCES borrower_key,
    hot         bytea NOT NULL,
    buckets     bytea NOT NULL,
    buckets_seq bigint NOT NULL
) WITH (fillfactor = 70);
ALTER TABLE state ALTER hot SET STORAGE EXTERNAL, ALTER buckets SET STORAGE EXTERNAL;

-- Every bundle that ever decided; `files` is the bundle itself.
CREATE TABLE policy_version (
    hash      text COLLATE "C" PRIMARY KEY,
    name      text NOT NULL,
    stored_at bigint NOT NULL,
    files     bytea NOT NULL
);

-- What was decided at the decision event (borrower, seq). `record` holds request, feature vector
-- and full answer, encrypted; the masks hold one bit a rule, big-endian.
CREATE TABLE decision (
    id           uuid PRIMARY KEY,
    borrower     xname NOT NULL,
    seq          bigint NOT NULL,
    at           bigint NOT NULL,
    policy_hash  text COLLATE "C" NOT NULL REFERENCES policy_version,
    semantics    integer NOT NULL,
    platform_seq bigint NOT NULL,
    stance       text NOT NULL,
    segment      text NOT NULL,
    outcome      text NOT NULL,
    fired        bytea NOT NULL,
    missing      bytea NOT NULL,
    key_id       bigint NOT NULL REFERENCES borrower_key,
    record       bytea NOT NULL,
    FOREIGN KEY (borrower, seq) REFERENCES event (borrower, seq),
    UNIQUE (borrower, seq)
);
ALTER TABLE decision ALTER record SET STORAGE EXTERNAL;

-- Keys of requests that move money: they live with the borrower and never expire.
CREATE TABLE idempotency (
    borrower xname NOT NULL REFERENCES borrower,
    key      xname NOT NULL,
    body     digest NOT NULL,
    decision uuid NOT NULL REFERENCES decision,
    PRIMARY KEY (borrower, key)
);

-- The line as last told by events, for lists; decisions never read it.
CREATE TABLE line (
    borrower    xname PRIMARY KEY REFERENCES borrower,
    seq         bigint NOT NULL,
    currency    text NOT NULL,
    limit_shown bigint NOT NULL CHECK (limit_shown >= 0),
    change      text NOT NULL,
    changed_at  bigint NOT NULL
);
"""

APPEND_ONLY = ("event", "decision", "policy_version", "idempotency", "quarantine")


def upgrade() -> None:
    """Create everything; facts can be added but neither changed nor removed."""
    op.execute(TABLES)
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% rows are facts: add a new one instead of %', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """)
    for table in APPEND_ONLY:
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
