-- +goose Up
-- The institution's data: one row, made from the settings at the first start.
CREATE TABLE institution (
    id              TEXT PRIMARY KEY CHECK (id = '00000000-0000-7000-8000-000000000002'),
    name            TEXT NOT NULL,
    rfc             TEXT NOT NULL,
    body            TEXT NOT NULL, -- JSON with all data
    bank_account_id TEXT,          -- of transfers that name no account
    changed_by      TEXT NOT NULL,
    changed_at      INTEGER NOT NULL
) STRICT;
CREATE TABLE institution_logo (
    id         TEXT PRIMARY KEY CHECK (id = '00000000-0000-7000-8000-000000000002'),
    media      TEXT NOT NULL CHECK (media IN ('image/png', 'image/jpeg')),
    width      INTEGER NOT NULL CHECK (width > 0),
    height     INTEGER NOT NULL CHECK (height > 0),
    sha256     TEXT NOT NULL,
    content    BLOB NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- Lists of persons with whom clients are compared. A list has one row with its version in
-- force; its entries stay when a version removes them, because alerts refer to them.
CREATE TABLE screening_lists (
    code             TEXT PRIMARY KEY,
    title            TEXT NOT NULL,
    effect           TEXT NOT NULL CHECK (effect IN ('block', 'warn')),
    version          INTEGER NOT NULL CHECK (version > 0),
    entries          INTEGER NOT NULL,
    sha256           TEXT NOT NULL,
    imported_by      TEXT NOT NULL,
    imported_at      INTEGER NOT NULL,
    screened_version INTEGER NOT NULL -- the last version that was compared with all clients
) STRICT;
CREATE TABLE screening_versions (
    list        TEXT NOT NULL REFERENCES screening_lists (code) DEFERRABLE INITIALLY DEFERRED,
    version     INTEGER NOT NULL,
    id          TEXT NOT NULL UNIQUE,
    entries     INTEGER NOT NULL,
    added       INTEGER NOT NULL,
    removed     INTEGER NOT NULL,
    bad_rows    TEXT NOT NULL, -- JSON
    sha256      TEXT NOT NULL,
    imported_by TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    clients     INTEGER NOT NULL, -- compared
    alerts      INTEGER NOT NULL, -- raised
    screened_at INTEGER NOT NULL, -- the time of the import until then
    PRIMARY KEY (list, version)
) STRICT;
CREATE TABLE screening_entries (
    id         TEXT PRIMARY KEY,
    list       TEXT NOT NULL,
    reference  TEXT NOT NULL,
    name       TEXT NOT NULL,
    rfc        TEXT NOT NULL,
    curp       TEXT NOT NULL,
    born       TEXT,
    added_in   INTEGER NOT NULL,
    removed_in INTEGER NOT NULL -- 0: in force
) STRICT;
CREATE INDEX screening_entries_in_force ON screening_entries (list) WHERE removed_in = 0;
-- Values of the entries in force: R and the RFC, C and the CURP, N and the words of the name.
CREATE TABLE screening_keys (
    value    TEXT NOT NULL,
    entry_id TEXT NOT NULL REFERENCES screening_entries (id) DEFERRABLE INITIALLY DEFERRED,
    list     TEXT NOT NULL,
    effect   TEXT NOT NULL,
    born     TEXT,
    PRIMARY KEY (value, entry_id)
) STRICT;
CREATE INDEX screening_keys_of_entry ON screening_keys (entry_id);
CREATE TABLE screening_alerts (
    id         TEXT PRIMARY KEY,
    client_id  TEXT REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED, -- NULL: the registration was refused
    subject    TEXT NOT NULL, -- the client's id, or a value of the person
    entry_id   TEXT NOT NULL REFERENCES screening_entries (id) DEFERRABLE INITIALLY DEFERRED,
    list       TEXT NOT NULL,
    effect     TEXT NOT NULL,
    basis      TEXT NOT NULL,
    operation  TEXT NOT NULL,
    name       TEXT NOT NULL, -- of a person who is not a client
    status     TEXT NOT NULL CHECK (status IN ('open', 'cleared', 'confirmed')),
    raised_by  TEXT NOT NULL,
    raised_at  INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at INTEGER NOT NULL, -- the time of the alert while it is open
    reason     TEXT NOT NULL,
    UNIQUE (subject, entry_id)
) STRICT;
CREATE INDEX screening_alerts_of_client ON screening_alerts (client_id) WHERE client_id IS NOT NULL;
CREATE INDEX screening_alerts_open ON screening_alerts (id) WHERE status = 'open';
