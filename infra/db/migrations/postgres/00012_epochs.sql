-- +goose Up
-- Epochs of the chain of events, except the first one, whose number is 0. An epoch without
-- events is replaced by the next one.
CREATE TABLE epochs (
    number         BIGINT PRIMARY KEY, -- Unix time at its beginning
    after_sequence BIGINT NOT NULL UNIQUE,
    hash           TEXT NOT NULL -- of the event with that sequence
);

-- System identifier and timeline of the server on which the last epoch was checked or begun.
ALTER TABLE chain ADD COLUMN server TEXT NOT NULL DEFAULT '';
