-- +goose Up
-- What was done with a client, in order.
CREATE INDEX journal_of_client ON journal (client_id, id) WHERE client_id IS NOT NULL AND actor IS NOT NULL;
