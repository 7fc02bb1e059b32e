-- +goose Up
-- The branch of a request, and the loans of a client that a collector works on.
ALTER TABLE requests ADD COLUMN branch_id TEXT NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001';
UPDATE requests SET branch_id = coalesce((SELECT c.branch_id FROM clients c WHERE c.id = requests.client_id),
    (SELECT u.branch_id FROM users u WHERE u.username = requests.filed_by), branch_id);
CREATE INDEX loan_collectors_of_client ON loan_collectors (client_id, collector);
