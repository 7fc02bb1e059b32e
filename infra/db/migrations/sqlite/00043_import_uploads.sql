-- +goose Up
-- Files that were uploaded to be imported. import_contents has their bytes, encrypted, until the
-- import is complete or discarded.
CREATE TABLE import_uploads (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    size         INTEGER NOT NULL,
    row_count    INTEGER NOT NULL,
    status       TEXT NOT NULL,
    settings     TEXT NOT NULL, -- JSON
    import_id    TEXT, -- from the confirmation on
    problem      TEXT NOT NULL, -- code of the refusal that stopped the import
    problem_en   TEXT NOT NULL,
    problem_es   TEXT NOT NULL,
    uploaded_by  TEXT NOT NULL,
    uploaded_at  INTEGER NOT NULL,
    confirmed_by TEXT NOT NULL,
    confirmed_at INTEGER NOT NULL, -- the year 1 until then
    ended_at     INTEGER NOT NULL -- the year 1 until then
) STRICT, WITHOUT ROWID;
CREATE INDEX import_uploads_of_import ON import_uploads (import_id);
CREATE TABLE import_contents (
    upload_id TEXT PRIMARY KEY REFERENCES import_uploads (id),
    content   BLOB NOT NULL
) STRICT;
