-- +goose Up
-- Sessions of the console, and how each user wants it.

CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    username   TEXT NOT NULL REFERENCES users (username),
    device     TEXT NOT NULL,
    opened_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_of_user ON sessions (username, id);

ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT ''; -- es, en
ALTER TABLE users ADD COLUMN theme TEXT NOT NULL DEFAULT ''; -- light, dark
ALTER TABLE users ADD COLUMN roomy INTEGER NOT NULL DEFAULT 0 CHECK (roomy IN (0, 1));
ALTER TABLE users ADD COLUMN no_keys INTEGER NOT NULL DEFAULT 0 CHECK (no_keys IN (0, 1));
