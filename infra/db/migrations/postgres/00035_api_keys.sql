-- +goose Up
-- A service account is a user that a program acts as: it has no password, but API keys.
ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service'));

CREATE TABLE api_keys (
    id           UUID PRIMARY KEY,
    username     TEXT NOT NULL REFERENCES users (username),
    name         TEXT NOT NULL,
    hash         TEXT NOT NULL,        -- SHA-256 of the secret, in hexadecimal
    permissions  TEXT NOT NULL,        -- JSON list; empty: all of the account's role
    created_by   TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    activated_by TEXT NOT NULL,        -- empty: the key waits for a second person
    revoked_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX api_keys_of_user ON api_keys (username, id);
