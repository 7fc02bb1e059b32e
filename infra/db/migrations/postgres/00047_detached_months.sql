-- +goose Up
-- Months of the journal that were written to a file and dropped, oldest first. The journal begins where the last one ends.
CREATE TABLE detached_months (
    month           DATE PRIMARY KEY,     -- its first day
    until           UUID NOT NULL,        -- the ids of its rows are below it
    ended_at        TIMESTAMPTZ NOT NULL,
    last_day        DATE NOT NULL,        -- latest business date of its entries
    journal_rows    BIGINT NOT NULL,
    journal_sha256  TEXT NOT NULL,        -- of the file
    position_rows   BIGINT NOT NULL,
    position_sha256 TEXT NOT NULL,        -- empty if the database had no daily positions of the month
    detached_at     TIMESTAMPTZ NOT NULL,
    detached_by     TEXT NOT NULL
);
