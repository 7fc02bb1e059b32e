-- +goose Up
-- Where the members of the body lie, so that the relay hashes the event without
-- parsing it. NULL: the body must be parsed; also of rows written before.
ALTER TABLE outbox ADD COLUMN layout BYTEA;
