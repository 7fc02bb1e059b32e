-- +goose Up
-- Second factors: one-time codes (TOTP) of users.

CREATE TABLE factors (
    username     TEXT PRIMARY KEY REFERENCES users (username),
    secret       BYTEA NOT NULL, -- encrypted
    confirmed_at TIMESTAMPTZ NOT NULL, -- the year 1 until a code was entered
    used_step    BIGINT NOT NULL, -- period of 30 seconds of the last code
    recovery     TEXT NOT NULL -- SHA-256 of the unused recovery codes, with blanks between them
);
