-- +goose Up
-- Personal data of clients that are blocked until their term of conservation ends. body has them
-- encrypted and is empty once they are destroyed. files has the hashes of documents that must still
-- be deleted from the store of files.
ALTER TABLE clients ADD COLUMN data_state TEXT NOT NULL DEFAULT ''; -- empty: in use; blocked, destroyed
CREATE TABLE client_blocks (
    client_id    UUID PRIMARY KEY,
    reason       TEXT NOT NULL,
    blocked_on   DATE NOT NULL,
    blocked_by   TEXT NOT NULL,
    blocked_at   TIMESTAMPTZ NOT NULL,
    destroy_from DATE NOT NULL,
    destroyed_on DATE,
    destroyed_by TEXT NOT NULL,
    body         TEXT NOT NULL,
    files        TEXT NOT NULL
);
-- Keys that encrypt the personal members of the events of a client.
CREATE TABLE client_keys (
    client_id UUID PRIMARY KEY,
    key       TEXT NOT NULL
);
