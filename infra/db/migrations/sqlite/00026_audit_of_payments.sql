-- +goose Up
-- What was done with a client, in order. Payments are found by the transactions of the client's
-- loans: another index would cost each payment a page.
DROP INDEX journal_of_client;
CREATE INDEX journal_of_client ON journal (client_id, id) WHERE client_id IS NOT NULL AND actor IS NOT NULL AND action <> 'receive_payment';
