-- +goose Up
-- The work of collecting overdue loans: who collects a loan, contacts, promises to pay, notes.

-- The collector of each loan that has one.
CREATE TABLE loan_collectors (
    loan_id     TEXT PRIMARY KEY REFERENCES loans (id),
    client_id   TEXT NOT NULL,
    collector   TEXT NOT NULL, -- user name
    assigned_by TEXT NOT NULL,
    assigned_at INTEGER NOT NULL
) STRICT;
CREATE INDEX loan_collectors_by_name ON loan_collectors (collector, loan_id);

CREATE TABLE collection_contacts (
    id            TEXT PRIMARY KEY,
    loan_id       TEXT NOT NULL REFERENCES loans (id),
    client_id     TEXT NOT NULL,
    channel       TEXT NOT NULL,
    result        TEXT NOT NULL,
    contacted_at  INTEGER NOT NULL,
    outside_hours INTEGER NOT NULL CHECK (outside_hours IN (0, 1)),
    place         TEXT NOT NULL, -- kind of address of a visit
    latitude      INTEGER NOT NULL, -- millionths of a degree; 0 and 0 if unknown
    longitude     INTEGER NOT NULL,
    note          TEXT NOT NULL,
    next_channel  TEXT NOT NULL,
    next_on       TEXT,
    made_by       TEXT NOT NULL,
    made_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX collection_contacts_of_loan ON collection_contacts (loan_id, id);

CREATE TABLE promises (
    id                TEXT PRIMARY KEY,
    loan_id           TEXT NOT NULL REFERENCES loans (id),
    client_id         TEXT NOT NULL,
    amount            INTEGER NOT NULL CHECK (amount > 0),
    due               TEXT NOT NULL,
    status            TEXT NOT NULL CHECK (status IN ('OPEN', 'KEPT', 'BROKEN', 'CANCELLED')),
    received          INTEGER NOT NULL CHECK (received >= 0),
    decided_on        TEXT, -- closed day that decided it
    collector         TEXT NOT NULL,
    made_on           TEXT NOT NULL, -- business date
    made_by           TEXT NOT NULL,
    made_at           INTEGER NOT NULL,
    reason            TEXT NOT NULL, -- of the cancellation
    after_transaction INTEGER NOT NULL, -- number of the loan's last transaction before the promise
    CHECK ((status = 'OPEN') = (decided_on IS NULL))
) STRICT;
CREATE INDEX promises_of_loan ON promises (loan_id, id);
CREATE INDEX promises_open ON promises (due, id) WHERE status = 'OPEN';
CREATE INDEX promises_broken ON promises (due, loan_id) WHERE status = 'BROKEN';
CREATE INDEX promises_by_due ON promises (due);

CREATE TABLE collection_notes (
    id        TEXT PRIMARY KEY,
    loan_id   TEXT NOT NULL REFERENCES loans (id),
    client_id TEXT NOT NULL,
    note      TEXT NOT NULL,
    made_by   TEXT NOT NULL,
    made_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX collection_notes_of_loan ON collection_notes (loan_id, id);
