-- +goose Up
-- Uniqueness of RFC and e-mail address moves from columns of clients to claims. Clients with
-- a generic RFC claim none, so many clients may have it.

-- Wait for open transactions of older programs, and block all others until the end.
LOCK TABLE clients IN ACCESS EXCLUSIVE MODE;

-- Values that only one client may have.
CREATE TABLE client_claims (
    value     TEXT NOT NULL,
    kind      TEXT NOT NULL, -- rfc, email
    client_id UUID NOT NULL
);
INSERT INTO client_claims
    SELECT rfc, 'rfc', id FROM clients WHERE rfc NOT IN ('XAXX010101000', 'XEXX010101000')
    UNION ALL SELECT email, 'email', id FROM clients;
ALTER TABLE client_claims ADD CONSTRAINT "client_claims.value" PRIMARY KEY (value, kind);
CREATE INDEX client_claims_of_client ON client_claims (client_id);
ALTER TABLE client_claims ADD FOREIGN KEY (client_id) REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE clients DROP CONSTRAINT "clients.rfc", DROP CONSTRAINT "clients.email";
CREATE INDEX clients_by_rfc ON clients (rfc);
ANALYZE client_claims;
