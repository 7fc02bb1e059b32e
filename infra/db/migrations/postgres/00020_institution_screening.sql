-- +goose Up
-- The institution's data: one row, made from the settings at the first start.
CREATE TABLE institution (
    id              UUID PRIMARY KEY CHECK (id = '00000000-0000-7000-8000-000000000002'),
    name            TEXT NOT NULL,
    rfc             TEXT NOT NULL,
    body            TEXT NOT NULL, -- JSON with all data
    bank_account_id UUID,          -- of transfers that name no account
    changed_by      TEXT NOT NULL,
    changed_at      TIMESTAMPTZ NOT NULL
);
CREATE TABLE institution_logo (
    id         UUID PRIMARY KEY CHECK (id = '00000000-0000-7000-8000-000000000002'),
    media      TEXT NOT NULL CHECK (media IN ('image/png', 'image/jpeg')),
    width      BIGINT NOT NULL CHECK (width > 0),
    height     BIGINT NOT NULL CHECK (height > 0),
    sha256     TEXT NOT NULL,
    content    BYTEA NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
