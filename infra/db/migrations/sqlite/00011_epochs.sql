-- +goose Up
-- Epochs of the chain of events, except the first one, whose number is 0. An epoch without
-- events is replaced by the next one.
CREATE TABLE epochs (
    number         INTEGER PRIMARY KEY, -- Unix time at its beginning
    after_sequence INTEGER NOT NULL UNIQUE,
    hash           TEXT NOT NULL -- of the event with that sequence
) STRICT;

-- Used on PostgreSQL only.
ALTER TABLE chain ADD COLUMN server TEXT NOT NULL DEFAULT '';
