-- +goose Up
-- Uniqueness of RFC and e-mail address moves from columns of clients to claims. Clients with
-- a generic RFC claim none, so many clients may have it.

-- A column's UNIQUE goes only with its table. Loans refer to clients, so check at the commit
-- that each loan still has its client.
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE former_clients AS SELECT id, rfc, email, full_name, loans, created_at FROM clients;
DROP TABLE clients;
CREATE TABLE clients (
    id         TEXT PRIMARY KEY,
    rfc        TEXT NOT NULL,
    email      TEXT NOT NULL,
    full_name  TEXT NOT NULL,
    loans      INTEGER NOT NULL CHECK (loans >= 0),
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO clients SELECT id, rfc, email, full_name, loans, created_at FROM temp.former_clients ORDER BY id;
DROP TABLE temp.former_clients;
CREATE INDEX clients_by_rfc ON clients (rfc);

-- Values that only one client may have.
CREATE TABLE client_claims (
    value     TEXT NOT NULL,
    kind      TEXT NOT NULL, -- rfc, email
    client_id TEXT NOT NULL REFERENCES clients (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (value, kind)
) STRICT;
INSERT INTO client_claims
    SELECT rfc, 'rfc', id FROM clients WHERE rfc NOT IN ('XAXX010101000', 'XEXX010101000')
    UNION ALL SELECT email, 'email', id FROM clients;
CREATE INDEX client_claims_of_client ON client_claims (client_id);
