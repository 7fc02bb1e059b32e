-- +goose Up
-- The institution's data: one row, made from the settings at the first start.
CREATE TABLE institution (
    id              UUID PRIMARY KEY CHECK (id = '00000000-0000-7000-8000-000000000002'),
    name            TEXT NOT NULL,
    rfc             TEXT NOT NULL,
    body            TEXT NOT NULL, -- JSON with all data
    bank_account_id UUID,          -- of transfers that name no account
    changed_by      TEXT NOT NULL,
    changed_at      TIMESTAMPTZ NOT NULL
);
CREATE TABLE institution_logo (
    id         UUID PRIMARY KEY CHECK (id = '00000000-0000-7000-8000-000000000002'),
    media      TEXT NOT NULL CHECK (media IN ('image/png', 'image/jpeg')),
    width      BIGINT NOT NULL CHECK (width > 0),
    height     BIGINT NOT NULL CHECK (height > 0),
    sha256     TEXT NOT NULL,
    content    BYTEA NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

-- Lists of persons with whom clients are compared. A list has one row with its version in
-- force; its entries stay when a version removes them, because alerts refer to them.
CREATE TABLE screening_lists (
    code             TEXT CONSTRAINT "screening_lists.code" PRIMARY KEY,
    title            TEXT NOT NULL,
    effect           TEXT NOT NULL CHECK (effect IN ('block', 'warn')),
    version          BIGINT NOT NULL CHECK (version > 0),
    entries          BIGINT NOT NULL,
    sha256           TEXT NOT NULL,
    imported_by      TEXT NOT NULL,
    imported_at      TIMESTAMPTZ NOT NULL,
    screened_version BIGINT NOT NULL -- the last version that was compared with all clients
);
CREATE TABLE screening_versions (
    list        TEXT NOT NULL REFERENCES screening_lists (code),
    version     BIGINT NOT NULL,
    id          UUID NOT NULL CONSTRAINT "screening_versions.id" UNIQUE,
    entries     BIGINT NOT NULL,
    added       BIGINT NOT NULL,
    removed     BIGINT NOT NULL,
    bad_rows    TEXT NOT NULL, -- JSON
    sha256      TEXT NOT NULL,
    imported_by TEXT NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL,
    clients     BIGINT NOT NULL, -- compared
    alerts      BIGINT NOT NULL, -- raised
    screened_at TIMESTAMPTZ NOT NULL, -- the time of the import until then
    CONSTRAINT "screening_versions.version" PRIMARY KEY (list, version)
);
CREATE TABLE screening_entries (
    id         UUID PRIMARY KEY,
    list       TEXT NOT NULL,
    reference  TEXT NOT NULL,
    name       TEXT NOT NULL,
    rfc        TEXT NOT NULL,
    curp       TEXT NOT NULL,
    born       DATE,
    added_in   BIGINT NOT NULL,
    removed_in BIGINT NOT NULL -- 0: in force
);
CREATE INDEX screening_entries_in_force ON screening_entries (list) WHERE removed_in = 0;
-- Values of the entries in force: R and the RFC, C and the CURP, N and the words of the name.
CREATE TABLE screening_keys (
    value    TEXT NOT NULL,
    entry_id UUID NOT NULL REFERENCES screening_entries (id),
    list     TEXT NOT NULL,
    effect   TEXT NOT NULL,
    born     DATE,
    CONSTRAINT "screening_keys.value" PRIMARY KEY (value, entry_id)
);
CREATE INDEX screening_keys_of_entry ON screening_keys (entry_id);
CREATE TABLE screening_alerts (
    id         UUID PRIMARY KEY,
    client_id  UUID REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED, -- NULL: the registration was refused
    subject    TEXT NOT NULL, -- the client's id, or a value of the person
    entry_id   UUID NOT NULL REFERENCES screening_entries (id),
    list       TEXT NOT NULL,
    effect     TEXT NOT NULL,
    basis      TEXT NOT NULL,
    operation  TEXT NOT NULL,
    name       TEXT NOT NULL, -- of a person who is not a client
    status     TEXT NOT NULL CHECK (status IN ('open', 'cleared', 'confirmed')),
    raised_by  TEXT NOT NULL,
    raised_at  TIMESTAMPTZ NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL, -- the time of the alert while it is open
    reason     TEXT NOT NULL,
    CONSTRAINT "screening_alerts.entry_id" UNIQUE (subject, entry_id)
);
CREATE INDEX screening_alerts_of_client ON screening_alerts (client_id) WHERE client_id IS NOT NULL;
CREATE INDEX screening_alerts_open ON screening_alerts (id) WHERE status = 'open';
