-- +goose Up
-- Hashes that chain the journal. A seal covers the rows with an id after since, up to and including until.
CREATE TABLE journal_seals (
    number INTEGER PRIMARY KEY,
    since  TEXT NOT NULL,
    until  TEXT NOT NULL,
    marks  BLOB NOT NULL, -- of each row its id and the first 8 bytes of its SHA-256
    hash   BLOB NOT NULL  -- SHA-256 of the hash before, the number, the range, and the SHA-256 of each row
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER journal_seals_update BEFORE UPDATE ON journal_seals
BEGIN SELECT RAISE(ABORT, 'journal_seals is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_seals_delete BEFORE DELETE ON journal_seals
BEGIN SELECT RAISE(ABORT, 'journal_seals is append-only'); END;
-- +goose StatementEnd
