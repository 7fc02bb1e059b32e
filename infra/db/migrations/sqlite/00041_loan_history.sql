-- +goose Up
-- What other systems stated about loans, and the payments that they received. Rows are never
-- changed.
CREATE TABLE imported_loans (
    loan_id       TEXT PRIMARY KEY,
    client_id     TEXT NOT NULL,
    import_id     TEXT NOT NULL,
    line          INTEGER NOT NULL,
    number        TEXT NOT NULL, -- in the other system
    status        TEXT NOT NULL, -- in the other system
    balance       INTEGER NOT NULL, -- in the other system; may be negative
    principal     INTEGER NOT NULL, -- with which the loan goes on
    days_past_due INTEGER NOT NULL,
    owed          INTEGER NOT NULL -- due and unpaid, without principal
) STRICT, WITHOUT ROWID;
CREATE INDEX imported_loans_of_import ON imported_loans (import_id, line);
CREATE TABLE loan_history (
    id        TEXT PRIMARY KEY,
    loan_id   TEXT NOT NULL,
    client_id TEXT NOT NULL,
    import_id TEXT NOT NULL,
    line      INTEGER NOT NULL,
    amount    INTEGER NOT NULL CHECK (amount > 0),
    paid_at   INTEGER NOT NULL,
    reference TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX loan_history_of_loan ON loan_history (loan_id);
-- +goose StatementBegin
CREATE TRIGGER loan_history_update BEFORE UPDATE ON loan_history
BEGIN SELECT RAISE(ABORT, 'loan_history is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER loan_history_delete BEFORE DELETE ON loan_history
BEGIN SELECT RAISE(ABORT, 'loan_history is append-only'); END;
-- +goose StatementEnd
