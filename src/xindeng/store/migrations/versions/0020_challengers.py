"""Challengers: policies tried beside the one in force, and what each would have decided."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = """
-- A policy that is tried against a champion. `terms` say how, as data, and never change; a live one
-- decides for the borrowers whose bucket under `salt` is from `first` up to below `upto`.
CREATE TABLE challenger (
    name       xname PRIMARY KEY,
    champion   text COLLATE "C" NOT NULL REFERENCES policy_version,
    policy     text COLLATE "C" NOT NULL REFERENCES policy_version,
    mode       text NOT NULL CHECK (mode IN ('shadow', 'live')),
    terms      bytea NOT NULL,
    salt       bytea NOT NULL CHECK (octet_length(salt) = 16),
    first      integer NOT NULL,
    upto       integer NOT NULL,
    started_at bigint NOT NULL,
    ends_at    bigint NOT NULL CHECK (ends_at > started_at),
    proposal   uuid NOT NULL UNIQUE REFERENCES proposal,
    ended_at   bigint,
    ended_by   xname,
    why_ended  text,
    told_at    bigint,
    looked_at  bigint NOT NULL DEFAULT 0,
    CHECK (policy <> champion),
    CHECK (0 <= first AND first < upto AND upto <= 1000),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (why_ended IS NULL))
);
-- What every draw asks: is any live? There are none, or a handful.
CREATE INDEX challenger_live ON challenger (name) WHERE mode = 'live' AND ended_at IS NULL;

-- One decision and what the other policy says to the same facts: amounts in minor units, masks as
-- in `decision`, nothing where that policy raised an error (`failed` is the challenger's). `acted`
-- where the challenger decided; the answer that nobody was given is sealed in `record`. Work of
-- ours that proves nothing: it goes with the person.
CREATE TABLE trial (
    challenger       xname NOT NULL REFERENCES challenger,
    decision         uuid NOT NULL,
    borrower         xname NOT NULL REFERENCES borrower,
    at               bigint NOT NULL,
    acted            boolean NOT NULL,
    champion_outcome text,
    champion_amount  bigint,
    champion_fired   bytea,
    champion_missing bytea,
    outcome          text,
    amount           bigint,
    fired            bytea,
    missing          bytea,
    micros           bigint,
    failed           text,
    key_id           bigint NOT NULL REFERENCES borrower_key,
    record           bytea,
    PRIMARY KEY (challenger, decision),
    FOREIGN KEY (borrower, decision) REFERENCES decision (borrower, id),
    CHECK ((failed IS NULL) = (outcome IS NOT NULL))
);
CREATE INDEX trial_of_borrower ON trial (borrower);
"""


def upgrade() -> None:
    """Create the tables; how a challenger runs cannot be changed once two people agreed to it."""
    op.execute(TABLES)
    op.execute("""
        CREATE FUNCTION refuse_other_terms() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.ended_by, NEW.why_ended)
                    IS DISTINCT FROM (OLD.ended_at, OLD.ended_by, OLD.why_ended)
               OR (NEW.name, NEW.champion, NEW.policy, NEW.mode, NEW.terms, NEW.salt, NEW.first,
                   NEW.upto, NEW.started_at, NEW.ends_at, NEW.proposal)
                    IS DISTINCT FROM
                  (OLD.name, OLD.champion, OLD.policy, OLD.mode, OLD.terms, OLD.salt, OLD.first,
                   OLD.upto, OLD.started_at, OLD.ends_at, OLD.proposal)
            THEN
                RAISE EXCEPTION 'challenger % runs as it was approved: stop it and propose another',
                    OLD.name USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER as_approved BEFORE UPDATE ON challenger
        FOR EACH ROW EXECUTE FUNCTION refuse_other_terms();
        CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON challenger
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
