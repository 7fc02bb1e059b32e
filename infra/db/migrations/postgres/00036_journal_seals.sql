-- +goose Up
-- Hashes that chain the journal. A seal covers the rows with an id after since, up to and including until.
CREATE TABLE journal_seals (
    number BIGINT PRIMARY KEY,
    since  UUID NOT NULL,
    until  UUID NOT NULL,
    marks  BYTEA NOT NULL, -- of each row its id and the first 8 bytes of its SHA-256
    hash   BYTEA NOT NULL  -- SHA-256 of the hash before, the number, the range, and the SHA-256 of each row
);
CREATE TRIGGER journal_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_seals EXECUTE FUNCTION refuse_change();
