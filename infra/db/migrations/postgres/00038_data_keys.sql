-- +goose Up
-- Keys that encrypt personal data (data) and make blind indexes (index). The key-encryption key
-- of the settings wraps them; wrapped_by names it.
CREATE TABLE data_keys (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('data', 'index')),
    wrapped     TEXT NOT NULL,
    wrapped_by  TEXT NOT NULL,
    active_from TIMESTAMPTZ NOT NULL, -- from when values are encrypted with it
    complete    BOOLEAN NOT NULL -- no value is in clear or has an earlier key
);
