-- +goose Up
CREATE TABLE clients (
    id         UUID PRIMARY KEY,
    rfc        TEXT NOT NULL CONSTRAINT "clients.rfc" UNIQUE,
    email      TEXT NOT NULL CONSTRAINT "clients.email" UNIQUE,
    full_name  TEXT NOT NULL,
    loans      INTEGER NOT NULL CHECK (loans >= 0),
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE loans (
    id          UUID PRIMARY KEY,
    client_id   UUID NOT NULL REFERENCES clients (id),
    amount      BIGINT NOT NULL CHECK (amount > 0),
    rate        BIGINT NOT NULL CHECK (rate BETWEEN 0 AND 1000000),
    term_months INTEGER NOT NULL CHECK (term_months > 0),
    status      TEXT NOT NULL,
    balance     BIGINT NOT NULL CHECK (balance BETWEEN 0 AND amount),
    granted_at  TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX loans_of_client ON loans (client_id, id);

CREATE TABLE payments (
    id      UUID PRIMARY KEY,
    loan_id UUID NOT NULL REFERENCES loans (id),
    amount  BIGINT NOT NULL CHECK (amount > 0),
    paid_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX payments_of_loan ON payments (loan_id, id);

CREATE TABLE entries (
    id            UUID PRIMARY KEY,
    business_date DATE NOT NULL,
    posted_at     TIMESTAMPTZ NOT NULL,
    kind          TEXT NOT NULL,
    reference     UUID NOT NULL,
    reverses      UUID
);

CREATE TABLE postings (
    entry_id UUID NOT NULL,
    line     INTEGER NOT NULL,
    account  TEXT NOT NULL,
    subject  UUID NOT NULL,
    debit    BIGINT NOT NULL,
    credit   BIGINT NOT NULL,
    PRIMARY KEY (entry_id, line),
    CHECK (debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0))
);

CREATE TABLE idempotency (
    username     TEXT NOT NULL,
    operation    TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    answer       BYTEA NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    CONSTRAINT "idempotency.key" PRIMARY KEY (key, username, operation)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE audit (
    command        UUID PRIMARY KEY,
    at             TIMESTAMPTZ NOT NULL,
    actor          TEXT NOT NULL,
    action         TEXT NOT NULL,
    subject        UUID NOT NULL,
    correlation_id TEXT NOT NULL
);

CREATE TABLE outbox (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body     TEXT NOT NULL,
    stale    TEXT NOT NULL, -- cache keys, a line each
    teller   TEXT NOT NULL DEFAULT '' -- the process that tells the cache of them
);

-- Events that left the outbox, chained, a batch a row.
CREATE TABLE relayed (
    last_sequence BIGINT PRIMARY KEY,
    count         INTEGER NOT NULL,
    events        TEXT NOT NULL, -- a JSON array of envelopes
    stale         TEXT NOT NULL,
    sent_at       TIMESTAMPTZ
);
-- lz4 costs a fraction of the processor time of pglz; a server built without it keeps pglz.
-- +goose StatementBegin
DO $$ BEGIN
    ALTER TABLE relayed ALTER COLUMN events SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END $$;
-- +goose StatementEnd
CREATE INDEX relayed_unsent ON relayed (last_sequence) WHERE sent_at IS NULL;

CREATE TABLE chain (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    sequence BIGINT NOT NULL,
    hash     TEXT NOT NULL
);
INSERT INTO chain VALUES (1, 0, '');

CREATE TABLE users (
    id         UUID PRIMARY KEY,
    username   TEXT NOT NULL CONSTRAINT "users.username" UNIQUE,
    password   TEXT NOT NULL,
    role       TEXT NOT NULL,
    disabled   BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    password_at TIMESTAMPTZ NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: a mistake is undone by a mirror entry', TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries EXECUTE FUNCTION refuse_change();
CREATE TRIGGER postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON postings EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION refuse_change();

-- An entry comes after its postings, so each inserted entry must find them, balanced.
-- +goose StatementBegin
CREATE FUNCTION check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM inserted LEFT JOIN postings ON postings.entry_id = inserted.id
        GROUP BY inserted.id
        HAVING count(postings.line) < 2 OR sum(postings.debit) <> sum(postings.credit)
    ) THEN
        RAISE EXCEPTION 'an entry does not balance';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_balanced AFTER INSERT ON entries
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION check_balanced();

-- And no posting may join an entry that stands already.
-- +goose StatementBegin
CREATE FUNCTION refuse_late_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM inserted JOIN entries ON entries.id = inserted.entry_id) THEN
        RAISE EXCEPTION 'an entry that stands takes no further posting';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER postings_first AFTER INSERT ON postings
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_posting();
