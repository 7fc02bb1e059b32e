-- +goose Up
-- The files of clients: who they are, their consents, documents and notes, and the values by
-- which they are found exactly.

CREATE TABLE client_files (
    client_id      UUID CONSTRAINT "client_files.client_id" PRIMARY KEY REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED,
    kind           TEXT NOT NULL, -- person, company
    birth_date     DATE,
    risk           TEXT NOT NULL, -- low, medium, high; empty before the first grade
    complete_until DATE, -- NULL: something is missing
    revision       BIGINT NOT NULL CHECK (revision >= 0), -- 0: no file was stated yet
    body           TEXT NOT NULL, -- JSON
    changed_by     TEXT NOT NULL,
    changed_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX client_files_by_risk ON client_files (risk, client_id);

-- Values by which clients are found, in the form of client.LookupValue.
CREATE TABLE client_lookups (
    value     TEXT NOT NULL,
    kind      TEXT NOT NULL, -- rfc, email, curp, phone, clabe, name_birth
    client_id UUID NOT NULL
);
INSERT INTO client_lookups
    SELECT rfc, 'rfc', id FROM clients WHERE rfc NOT IN ('XAXX010101000', 'XEXX010101000')
    UNION ALL SELECT lower(email COLLATE "C"), 'email', id FROM clients WHERE email <> '';
ALTER TABLE client_lookups ADD CONSTRAINT "client_lookups.value" PRIMARY KEY (value, kind, client_id);
CREATE INDEX client_lookups_of_client ON client_lookups (client_id);
ALTER TABLE client_lookups ADD FOREIGN KEY (client_id) REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE client_consents (
    id             UUID PRIMARY KEY,
    client_id      UUID NOT NULL REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED,
    kind           TEXT NOT NULL,
    notice_version TEXT NOT NULL,
    channel        TEXT NOT NULL,
    given_on       DATE NOT NULL,
    valid_until    DATE,
    recorded_by    TEXT NOT NULL,
    recorded_at    TIMESTAMPTZ NOT NULL,
    withdrawn_on   DATE,
    withdrawn_by   TEXT NOT NULL
);
CREATE INDEX client_consents_of_client ON client_consents (client_id, id);

-- The bytes of a document are in a store of files, by their hash.
CREATE TABLE client_documents (
    id         UUID PRIMARY KEY,
    client_id  UUID NOT NULL REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED,
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size       BIGINT NOT NULL CHECK (size > 0),
    sha256     TEXT NOT NULL,
    added_by   TEXT NOT NULL,
    added_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX client_documents_of_client ON client_documents (client_id, id);
CREATE INDEX client_documents_by_hash ON client_documents (sha256);

CREATE TABLE client_notes (
    id         UUID PRIMARY KEY,
    client_id  UUID NOT NULL REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED,
    text       TEXT NOT NULL,
    written_by TEXT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX client_notes_of_client ON client_notes (client_id, id);

-- The history of a file: names of fields, never values.
CREATE TABLE client_changes (
    id         UUID PRIMARY KEY,
    client_id  UUID NOT NULL REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED,
    action     TEXT NOT NULL,
    fields     TEXT NOT NULL, -- separated by spaces
    confirmed  TEXT NOT NULL, -- names of confirmed warnings, separated by spaces
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX client_changes_of_client ON client_changes (client_id, id);
ANALYZE client_lookups;
