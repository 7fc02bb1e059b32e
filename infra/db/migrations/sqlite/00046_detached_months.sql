-- +goose Up
-- Months of the journal that were written to a file and dropped. SQLite has no partitions, so there are none.
CREATE TABLE detached_months (
    month           TEXT PRIMARY KEY,
    until           TEXT NOT NULL,
    ended_at        INTEGER NOT NULL,
    last_day        TEXT NOT NULL,
    journal_rows    INTEGER NOT NULL,
    journal_sha256  TEXT NOT NULL,
    position_rows   INTEGER NOT NULL,
    position_sha256 TEXT NOT NULL,
    detached_at     INTEGER NOT NULL,
    detached_by     TEXT NOT NULL
) STRICT;
