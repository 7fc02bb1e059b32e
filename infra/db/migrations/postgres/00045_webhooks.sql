-- +goose Up
-- Addresses that get events by HTTP, how far each one is, and the log of deliveries. The events
-- themselves are those of the table relayed.
CREATE TABLE webhooks (
    id           UUID PRIMARY KEY,
    name         TEXT NOT NULL,
    url          TEXT NOT NULL,
    events       TEXT NOT NULL, -- JSON list of types; empty: all
    state        TEXT NOT NULL CHECK (state IN ('active', 'paused', 'gone')),
    secret       TEXT NOT NULL, -- encrypted
    old_secret   TEXT NOT NULL, -- encrypted; signs too until old_until
    old_until    TIMESTAMPTZ NOT NULL,
    replay_until TIMESTAMPTZ NOT NULL, -- dead letters up to this moment are sent again
    created_by   TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL
);
CREATE TABLE webhook_progress (
    webhook_id   UUID PRIMARY KEY,
    sequence     BIGINT NOT NULL, -- of the last event that was delivered, given up or not wanted
    attempts     BIGINT NOT NULL, -- failed attempts to deliver the next event
    first_failed TIMESTAMPTZ NOT NULL,
    status       BIGINT NOT NULL, -- of the answer to the last attempt; 0: none
    problem      TEXT NOT NULL,   -- of the last attempt; empty if it succeeded
    missed       BIGINT NOT NULL  -- events that were deleted before their turn
);
CREATE TABLE webhook_deliveries (
    webhook_id  UUID NOT NULL,
    event_id    UUID NOT NULL,
    event_type  TEXT NOT NULL,
    sequence    BIGINT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('delivered', 'dead', 'replay')),
    attempts    BIGINT NOT NULL,
    status      BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    problem     TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (webhook_id, sequence);
CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (webhook_id, sequence) WHERE state <> 'delivered';
