-- +goose Up
-- What users exported. The audit row of an export has its user, moment and key.
CREATE TABLE exports (
    id        UUID CONSTRAINT "exports.id" PRIMARY KEY, -- subject of the audit row
    file      TEXT NOT NULL,
    request   TEXT NOT NULL, -- path with the filters, or the command line
    row_count BIGINT NOT NULL
);
CREATE TRIGGER exports_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exports EXECUTE FUNCTION refuse_change();

-- The API key with which a service account acted, in the first row of its command.
ALTER TABLE journal ADD COLUMN api_key UUID;

-- Wrong codes since the last correct one, and the moment of the last.
ALTER TABLE factors ADD COLUMN wrong_codes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE factors ADD COLUMN wrong_at TIMESTAMPTZ NOT NULL DEFAULT '0001-01-01 00:00:00+00';
