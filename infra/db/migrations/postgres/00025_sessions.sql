-- +goose Up
-- Sessions of the console, and how each user wants it. Columns have defaults, so that older
-- programs can write until they are stopped.

CREATE TABLE sessions (
    id         UUID PRIMARY KEY,
    username   TEXT NOT NULL REFERENCES users (username),
    device     TEXT NOT NULL,
    opened_at  TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (username, id);

ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT '', -- es, en
    ADD COLUMN theme TEXT NOT NULL DEFAULT '', -- light, dark
    ADD COLUMN roomy BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN no_keys BOOLEAN NOT NULL DEFAULT FALSE;
