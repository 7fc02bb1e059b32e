-- +goose Up
-- Sessions of the API, in the table of the console's. Columns have defaults, so that older
-- programs can write until they are stopped.

ALTER TABLE sessions ADD COLUMN kind TEXT NOT NULL DEFAULT 'console', -- console, api
    ADD COLUMN generation BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN secret BYTEA, -- SHA-256 of the secret in the refresh token; NULL for the console
    ADD COLUMN used_at TIMESTAMPTZ NOT NULL DEFAULT '0001-01-01 00:00:00+00';
