-- +goose Up
-- Requests of people for operations beyond their own authority, and who edited an application.
CREATE TABLE requests (
    id         UUID PRIMARY KEY,
    operation  TEXT NOT NULL, -- name of the command
    permission TEXT NOT NULL, -- that the operation needs
    command    TEXT NOT NULL, -- its arguments, JSON
    subject    UUID,
    client_id  UUID,
    kind       TEXT NOT NULL, -- the limit that the approver must have
    exposure   BIGINT NOT NULL CHECK (exposure >= 0),
    days       BIGINT NOT NULL CHECK (days >= 0),
    filed_by   TEXT NOT NULL,
    filed_at   TIMESTAMPTZ NOT NULL,
    reason     TEXT NOT NULL,
    expires_on DATE NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('WAITING', 'APPROVED', 'REJECTED', 'WITHDRAWN')),
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    decision   TEXT NOT NULL
);
CREATE INDEX requests_waiting ON requests (id) WHERE state = 'WAITING';
CREATE INDEX requests_of_client ON requests (client_id, id);

ALTER TABLE loans ADD COLUMN edited_by TEXT NOT NULL DEFAULT '';
CREATE INDEX loans_applied ON loans (id) WHERE status = 'APPLIED';
