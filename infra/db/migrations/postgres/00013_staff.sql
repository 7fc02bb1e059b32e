-- +goose Up
-- Branches, roles as data, and the branch and officer of clients and loans.

-- Older programs cannot write from here on: each of their transactions that writes books reads
-- or sets business_days.loans. This statement waits for those that are open. The migrations
-- that follow therefore need no locks against older programs.
ALTER TABLE business_days RENAME COLUMN loans TO positions;

CREATE TABLE branches (
    id         UUID PRIMARY KEY,
    code       TEXT NOT NULL CONSTRAINT "branches.code" UNIQUE,
    name       TEXT NOT NULL,
    address    TEXT NOT NULL,
    phone      TEXT NOT NULL,
    closed     BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
INSERT INTO branches VALUES ('00000000-0000-7000-8000-000000000001', '001', 'Matriz', '', '', FALSE, '2000-01-01 00:00:00+00');

-- The roles that the institution changed or made. The others have the permissions that the
-- program declares.
CREATE TABLE roles (
    name        TEXT CONSTRAINT "roles.name" PRIMARY KEY,
    title       TEXT NOT NULL,
    permissions TEXT NOT NULL, -- JSON: a sorted list
    scope       TEXT NOT NULL, -- own, branch, all
    limits      TEXT NOT NULL, -- JSON
    changed_at  TIMESTAMPTZ NOT NULL
);

ALTER TABLE users ADD COLUMN full_name TEXT NOT NULL DEFAULT '',
    ADD COLUMN branch_id UUID NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001' REFERENCES branches (id);
ALTER TABLE clients ADD COLUMN branch_id UUID NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001' REFERENCES branches (id),
    ADD COLUMN officer TEXT NOT NULL DEFAULT ''; -- name of a user
ALTER TABLE loans ADD COLUMN branch_id UUID NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001' REFERENCES branches (id),
    ADD COLUMN officer TEXT NOT NULL DEFAULT '';
CREATE INDEX clients_of_officer ON clients (officer, id) WHERE officer <> '';
CREATE INDEX loans_of_officer ON loans (officer, id) WHERE officer <> '';
