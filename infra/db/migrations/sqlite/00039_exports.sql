-- +goose Up
-- What users exported. The audit row of an export has its user, moment and key.
CREATE TABLE exports (
    id        TEXT PRIMARY KEY, -- subject of the audit row
    file      TEXT NOT NULL,
    request   TEXT NOT NULL, -- path with the filters, or the command line
    row_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER exports_update BEFORE UPDATE ON exports
BEGIN SELECT RAISE(ABORT, 'exports is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER exports_delete BEFORE DELETE ON exports
BEGIN SELECT RAISE(ABORT, 'exports is append-only'); END;
-- +goose StatementEnd

-- The API key with which a service account acted, in the first row of its command.
ALTER TABLE journal ADD COLUMN api_key TEXT;

-- Wrong codes since the last correct one, and the moment of the last.
ALTER TABLE factors ADD COLUMN wrong_codes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE factors ADD COLUMN wrong_at INTEGER NOT NULL DEFAULT -62135596800000000;
