-- +goose Up
-- Sessions of the API, in the table of the console's.

ALTER TABLE sessions ADD COLUMN kind TEXT NOT NULL DEFAULT 'console'; -- console, api
ALTER TABLE sessions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN secret BLOB; -- SHA-256 of the secret in the refresh token; NULL for the console
ALTER TABLE sessions ADD COLUMN used_at INTEGER NOT NULL DEFAULT -62135596800000000;
