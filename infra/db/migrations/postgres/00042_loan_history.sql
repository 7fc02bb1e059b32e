-- +goose Up
-- What other systems stated about loans, and the payments that they received. Rows are never
-- changed.
CREATE TABLE imported_loans (
    loan_id       UUID PRIMARY KEY,
    client_id     UUID NOT NULL,
    import_id     UUID NOT NULL,
    line          BIGINT NOT NULL,
    number        TEXT NOT NULL, -- in the other system
    status        TEXT NOT NULL, -- in the other system
    balance       BIGINT NOT NULL, -- in the other system; may be negative
    principal     BIGINT NOT NULL, -- with which the loan goes on
    days_past_due BIGINT NOT NULL,
    owed          BIGINT NOT NULL -- due and unpaid, without principal
);
CREATE INDEX imported_loans_of_import ON imported_loans (import_id, line);
CREATE TABLE loan_history (
    id        UUID PRIMARY KEY,
    loan_id   UUID NOT NULL,
    client_id UUID NOT NULL,
    import_id UUID NOT NULL,
    line      BIGINT NOT NULL,
    amount    BIGINT NOT NULL CHECK (amount > 0),
    paid_at   TIMESTAMPTZ NOT NULL,
    reference TEXT NOT NULL
);
CREATE INDEX loan_history_of_loan ON loan_history (loan_id);
CREATE TRIGGER loan_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON loan_history EXECUTE FUNCTION refuse_change();
