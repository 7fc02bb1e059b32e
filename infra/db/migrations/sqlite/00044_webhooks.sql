-- +goose Up
-- Addresses that get events by HTTP, how far each one is, and the log of deliveries. The events
-- themselves are those of the table relayed.
CREATE TABLE webhooks (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    url          TEXT NOT NULL,
    events       TEXT NOT NULL, -- JSON list of types; empty: all
    state        TEXT NOT NULL CHECK (state IN ('active', 'paused', 'gone')),
    secret       TEXT NOT NULL, -- encrypted
    old_secret   TEXT NOT NULL, -- encrypted; signs too until old_until
    old_until    INTEGER NOT NULL,
    replay_until INTEGER NOT NULL, -- dead letters up to this moment are sent again
    created_by   TEXT NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE TABLE webhook_progress (
    webhook_id   TEXT PRIMARY KEY,
    sequence     INTEGER NOT NULL, -- of the last event that was delivered, given up or not wanted
    attempts     INTEGER NOT NULL, -- failed attempts to deliver the next event
    first_failed INTEGER NOT NULL,
    status       INTEGER NOT NULL, -- of the answer to the last attempt; 0: none
    problem      TEXT NOT NULL,   -- of the last attempt; empty if it succeeded
    missed       INTEGER NOT NULL  -- events that were deleted before their turn
) STRICT;
CREATE TABLE webhook_deliveries (
    webhook_id  TEXT NOT NULL,
    event_id    TEXT NOT NULL,
    event_type  TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('delivered', 'dead', 'replay')),
    attempts    INTEGER NOT NULL,
    status      INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    problem     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (webhook_id, event_id)
) STRICT;
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (webhook_id, sequence);
CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (webhook_id, sequence) WHERE state <> 'delivered';
