-- +goose Up
-- Personal data of clients that are blocked until their term of conservation ends. body has them
-- encrypted and is empty once they are destroyed. files has the hashes of documents that must still
-- be deleted from the store of files.
ALTER TABLE clients ADD COLUMN data_state TEXT NOT NULL DEFAULT ''; -- empty: in use; blocked, destroyed
CREATE TABLE client_blocks (
    client_id    TEXT PRIMARY KEY,
    reason       TEXT NOT NULL,
    blocked_on   TEXT NOT NULL,
    blocked_by   TEXT NOT NULL,
    blocked_at   INTEGER NOT NULL,
    destroy_from TEXT NOT NULL,
    destroyed_on TEXT,
    destroyed_by TEXT NOT NULL,
    body         TEXT NOT NULL,
    files        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Keys that encrypt the personal members of the events of a client.
CREATE TABLE client_keys (
    client_id TEXT PRIMARY KEY,
    key       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
