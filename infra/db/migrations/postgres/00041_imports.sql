-- +goose Up
-- Data from other systems: what was imported, and what was wrong with it.
CREATE TABLE imports (
    id         UUID PRIMARY KEY, -- follows from the source
    kind       TEXT NOT NULL,
    source     TEXT NOT NULL,
    status     TEXT NOT NULL,
    chunks     BIGINT NOT NULL, -- taken, of a source that does not change
    taken      BIGINT NOT NULL,
    known      BIGINT NOT NULL,
    incomplete BIGINT NOT NULL,
    rejected   BIGINT NOT NULL,
    amount     BIGINT NOT NULL,
    started_by TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE import_findings (
    import_id UUID NOT NULL REFERENCES imports (id),
    line      BIGINT NOT NULL,
    field     TEXT NOT NULL,
    rule      TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    row_id    UUID, -- the client or the loan, if the row was taken
    client_id UUID,
    value     TEXT NOT NULL, -- in the source
    limits    TEXT NOT NULL, -- values of the rule
    PRIMARY KEY (import_id, line, field, rule)
);
