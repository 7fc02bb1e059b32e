-- +goose Up
-- The work of collecting overdue loans: who collects a loan, contacts, promises to pay, notes.

-- The collector of each loan that has one.
CREATE TABLE loan_collectors (
    loan_id     UUID CONSTRAINT "loan_collectors.loan_id" PRIMARY KEY REFERENCES loans (id),
    client_id   UUID NOT NULL,
    collector   TEXT NOT NULL, -- user name
    assigned_by TEXT NOT NULL,
    assigned_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX loan_collectors_by_name ON loan_collectors (collector, loan_id);

CREATE TABLE collection_contacts (
    id            UUID PRIMARY KEY,
    loan_id       UUID NOT NULL REFERENCES loans (id),
    client_id     UUID NOT NULL,
    channel       TEXT NOT NULL,
    result        TEXT NOT NULL,
    contacted_at  TIMESTAMPTZ NOT NULL,
    outside_hours BOOLEAN NOT NULL,
    place         TEXT NOT NULL, -- kind of address of a visit
    latitude      BIGINT NOT NULL, -- millionths of a degree; 0 and 0 if unknown
    longitude     BIGINT NOT NULL,
    note          TEXT NOT NULL,
    next_channel  TEXT NOT NULL,
    next_on       DATE,
    made_by       TEXT NOT NULL,
    made_at       TIMESTAMPTZ NOT NULL
);
CREATE INDEX collection_contacts_of_loan ON collection_contacts (loan_id, id);

CREATE TABLE promises (
    id                UUID PRIMARY KEY,
    loan_id           UUID NOT NULL REFERENCES loans (id),
    client_id         UUID NOT NULL,
    amount            BIGINT NOT NULL CHECK (amount > 0),
    due               DATE NOT NULL,
    status            TEXT NOT NULL CHECK (status IN ('OPEN', 'KEPT', 'BROKEN', 'CANCELLED')),
    received          BIGINT NOT NULL CHECK (received >= 0),
    decided_on        DATE, -- closed day that decided it
    collector         TEXT NOT NULL,
    made_on           DATE NOT NULL, -- business date
    made_by           TEXT NOT NULL,
    made_at           TIMESTAMPTZ NOT NULL,
    reason            TEXT NOT NULL, -- of the cancellation
    after_transaction INTEGER NOT NULL, -- number of the loan's last transaction before the promise
    CHECK ((status = 'OPEN') = (decided_on IS NULL))
);
CREATE INDEX promises_of_loan ON promises (loan_id, id);
CREATE INDEX promises_open ON promises (due, id) WHERE status = 'OPEN';
CREATE INDEX promises_broken ON promises (due, loan_id) WHERE status = 'BROKEN';
CREATE INDEX promises_by_due ON promises (due);

CREATE TABLE collection_notes (
    id        UUID PRIMARY KEY,
    loan_id   UUID NOT NULL REFERENCES loans (id),
    client_id UUID NOT NULL,
    note      TEXT NOT NULL,
    made_by   TEXT NOT NULL,
    made_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX collection_notes_of_loan ON collection_notes (loan_id, id);
