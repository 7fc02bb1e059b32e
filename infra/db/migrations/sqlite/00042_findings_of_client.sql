-- +goose Up
-- A block of personal data and their export read the findings of one client.
CREATE INDEX import_findings_of_client ON import_findings (client_id);
