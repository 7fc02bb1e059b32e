-- +goose Up
CREATE TABLE clients (
    id         TEXT PRIMARY KEY,
    rfc        TEXT NOT NULL UNIQUE,
    email      TEXT NOT NULL UNIQUE,
    full_name  TEXT NOT NULL,
    loans      INTEGER NOT NULL CHECK (loans >= 0),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE loans (
    id          TEXT PRIMARY KEY,
    client_id   TEXT NOT NULL REFERENCES clients (id),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    rate        INTEGER NOT NULL CHECK (rate BETWEEN 0 AND 1000000),
    term_months INTEGER NOT NULL CHECK (term_months > 0),
    status      TEXT NOT NULL,
    balance     INTEGER NOT NULL CHECK (balance BETWEEN 0 AND amount),
    granted_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX loans_of_client ON loans (client_id, id);

CREATE TABLE payments (
    id      TEXT PRIMARY KEY,
    loan_id TEXT NOT NULL REFERENCES loans (id),
    amount  INTEGER NOT NULL CHECK (amount > 0),
    paid_at INTEGER NOT NULL
) STRICT;
CREATE INDEX payments_of_loan ON payments (loan_id, id);

CREATE TABLE entries (
    id            TEXT PRIMARY KEY,
    business_date TEXT NOT NULL,
    posted_at     INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    reference     TEXT NOT NULL,
    reverses      TEXT
) STRICT;

CREATE TABLE postings (
    entry_id TEXT NOT NULL,
    line     INTEGER NOT NULL,
    account  TEXT NOT NULL,
    subject  TEXT NOT NULL,
    debit    INTEGER NOT NULL,
    credit   INTEGER NOT NULL,
    PRIMARY KEY (entry_id, line),
    CHECK (debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0))
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    username     TEXT NOT NULL,
    operation    TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    answer       BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (key, username, operation)
) STRICT;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE audit (
    command        TEXT PRIMARY KEY,
    at             INTEGER NOT NULL,
    actor          TEXT NOT NULL,
    action         TEXT NOT NULL,
    subject        TEXT NOT NULL,
    correlation_id TEXT NOT NULL
) STRICT;

CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    body     TEXT NOT NULL,
    stale    TEXT NOT NULL, -- cache keys, a line each
    teller   TEXT NOT NULL DEFAULT '' -- the process that tells the cache of them
) STRICT;

-- Events that left the outbox, chained, a batch a row.
CREATE TABLE relayed (
    last_sequence INTEGER PRIMARY KEY,
    count         INTEGER NOT NULL,
    events        TEXT NOT NULL, -- a JSON array of envelopes
    stale         TEXT NOT NULL,
    sent_at       INTEGER
) STRICT;
CREATE INDEX relayed_unsent ON relayed (last_sequence) WHERE sent_at IS NULL;

CREATE TABLE chain (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
INSERT INTO chain VALUES (1, 0, '');

CREATE TABLE users (
    id         TEXT PRIMARY KEY,
    username   TEXT NOT NULL UNIQUE,
    password   TEXT NOT NULL,
    role       TEXT NOT NULL,
    disabled   INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created_at INTEGER NOT NULL,
    password_at INTEGER NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER entries_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries is append-only: a mistake is undone by a mirror entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entries_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries is append-only: a mistake is undone by a mirror entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER postings_update BEFORE UPDATE ON postings
BEGIN SELECT RAISE(ABORT, 'postings is append-only: a mistake is undone by a mirror entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER postings_delete BEFORE DELETE ON postings
BEGIN SELECT RAISE(ABORT, 'postings is append-only: a mistake is undone by a mirror entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
-- +goose StatementEnd

-- An entry comes after its postings, so each inserted entry must find them, balanced.
-- +goose StatementBegin
CREATE TRIGGER entries_balanced AFTER INSERT ON entries
WHEN (SELECT count(*) < 2 OR sum(debit) <> sum(credit) FROM postings WHERE entry_id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'an entry does not balance'); END;
-- +goose StatementEnd

-- And no posting may join an entry that stands already.
-- +goose StatementBegin
CREATE TRIGGER postings_first AFTER INSERT ON postings
WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'an entry that stands takes no further posting'); END;
-- +goose StatementEnd
