-- +goose Up
-- Payments that banks and shops report in files, and money above the payoff amount of a loan.

-- Whether the payment kept what was above the payoff amount.
ALTER TABLE loan_transactions ADD COLUMN keep_excess INTEGER NOT NULL DEFAULT 0 CHECK (keep_excess IN (0, 1));

-- How the files of a bank account are read.
CREATE TABLE bank_layouts (
    bank_account_id TEXT PRIMARY KEY REFERENCES bank_accounts (id),
    layout          TEXT NOT NULL, -- JSON
    changed_by      TEXT NOT NULL,
    changed_at      INTEGER NOT NULL
) STRICT;

-- Imported files. The id is made of the account and the content.
CREATE TABLE bank_files (
    id              TEXT PRIMARY KEY,
    bank_account_id TEXT NOT NULL REFERENCES bank_accounts (id),
    name            TEXT NOT NULL,
    status          TEXT NOT NULL, -- OPEN, DONE
    row_count       INTEGER NOT NULL,
    applied         INTEGER NOT NULL,
    suspended       INTEGER NOT NULL,
    known           INTEGER NOT NULL,
    bad             INTEGER NOT NULL,
    outgoing        INTEGER NOT NULL,
    imported_by     TEXT NOT NULL,
    imported_at     INTEGER NOT NULL,
    layout          TEXT NOT NULL, -- JSON
    content         BLOB NOT NULL
) STRICT;
CREATE INDEX bank_files_by_time ON bank_files (imported_at, id);

-- Payments of these files. The id is made of the account and the operation or the whole row,
-- so that a row that several files have is taken once.
CREATE TABLE incoming_payments (
    id              TEXT PRIMARY KEY,
    bank_account_id TEXT NOT NULL REFERENCES bank_accounts (id),
    file_id         TEXT NOT NULL REFERENCES bank_files (id),
    line            INTEGER NOT NULL,
    method          TEXT NOT NULL,
    value_date      TEXT NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount > 0),
    operation       TEXT NOT NULL,
    reference       TEXT NOT NULL,
    concept         TEXT NOT NULL,
    sender          TEXT NOT NULL,
    status          TEXT NOT NULL, -- APPLIED, SUSPENSE, ASSIGNED, RETURNED, INCOME
    reason          TEXT NOT NULL, -- why it was in suspense
    client_id       TEXT REFERENCES clients (id),
    loan_id         TEXT REFERENCES loans (id),
    transaction_id  TEXT,
    entry_id        TEXT, -- of its coming into suspense
    taken_by        TEXT NOT NULL,
    taken_at        INTEGER NOT NULL,
    taken_on        TEXT NOT NULL,
    resolved_by     TEXT NOT NULL,
    resolved_at     INTEGER NOT NULL, -- the year 1 until then
    note            TEXT NOT NULL,
    CHECK ((loan_id IS NULL) = (transaction_id IS NULL) AND (loan_id IS NULL) = (client_id IS NULL)),
    CHECK ((status IN ('APPLIED', 'ASSIGNED')) = (loan_id IS NOT NULL) AND (status = 'APPLIED') = (entry_id IS NULL)),
    CHECK ((status IN ('APPLIED', 'SUSPENSE')) = (resolved_by = ''))
) STRICT;
CREATE INDEX incoming_payments_of_file ON incoming_payments (file_id, line);
CREATE INDEX incoming_payments_by_time ON incoming_payments (taken_at, id);
CREATE INDEX incoming_payments_waiting ON incoming_payments (taken_at, id) WHERE status = 'SUSPENSE';
CREATE INDEX incoming_payments_of_client ON incoming_payments (client_id) WHERE client_id IS NOT NULL;
