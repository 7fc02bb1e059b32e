-- +goose Up
-- Data from other systems: what was imported, and what was wrong with it.
CREATE TABLE imports (
    id         TEXT PRIMARY KEY, -- follows from the source
    kind       TEXT NOT NULL,
    source     TEXT NOT NULL,
    status     TEXT NOT NULL,
    chunks     INTEGER NOT NULL, -- taken, of a source that does not change
    taken      INTEGER NOT NULL,
    known      INTEGER NOT NULL,
    incomplete INTEGER NOT NULL,
    rejected   INTEGER NOT NULL,
    amount     INTEGER NOT NULL,
    started_by TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE import_findings (
    import_id TEXT NOT NULL REFERENCES imports (id),
    line      INTEGER NOT NULL,
    field     TEXT NOT NULL,
    rule      TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    row_id    TEXT, -- the client or the loan, if the row was taken
    client_id TEXT,
    value     TEXT NOT NULL, -- in the source
    limits    TEXT NOT NULL, -- values of the rule
    PRIMARY KEY (import_id, line, field, rule)
) STRICT, WITHOUT ROWID;
