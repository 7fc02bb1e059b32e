-- +goose Up
-- Requests of people for operations beyond their own authority, and who edited an application.
CREATE TABLE requests (
    id         TEXT PRIMARY KEY,
    operation  TEXT NOT NULL, -- name of the command
    permission TEXT NOT NULL, -- that the operation needs
    command    TEXT NOT NULL, -- its arguments, JSON
    subject    TEXT,
    client_id  TEXT,
    kind       TEXT NOT NULL, -- the limit that the approver must have
    exposure   INTEGER NOT NULL CHECK (exposure >= 0),
    days       INTEGER NOT NULL CHECK (days >= 0),
    filed_by   TEXT NOT NULL,
    filed_at   INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    expires_on TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('WAITING', 'APPROVED', 'REJECTED', 'WITHDRAWN')),
    decided_by TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    decision   TEXT NOT NULL
) STRICT;
CREATE INDEX requests_waiting ON requests (id) WHERE state = 'WAITING';
CREATE INDEX requests_of_client ON requests (client_id, id);

ALTER TABLE loans ADD COLUMN edited_by TEXT NOT NULL DEFAULT '';
CREATE INDEX loans_applied ON loans (id) WHERE status = 'APPLIED';
