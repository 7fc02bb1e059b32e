-- +goose Up
-- Branches, roles as data, and the branch and officer of clients and loans.

-- The column has a clearer name. On PostgreSQL this also stops older programs.
ALTER TABLE business_days RENAME COLUMN loans TO positions;

CREATE TABLE branches (
    id         TEXT PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    address    TEXT NOT NULL,
    phone      TEXT NOT NULL,
    closed     INTEGER NOT NULL CHECK (closed IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO branches VALUES ('00000000-0000-7000-8000-000000000001', '001', 'Matriz', '', '', 0, 946684800000000);

-- The roles that the institution changed or made. The others have the permissions that the
-- program declares.
CREATE TABLE roles (
    name        TEXT PRIMARY KEY,
    title       TEXT NOT NULL,
    permissions TEXT NOT NULL, -- JSON: a sorted list
    scope       TEXT NOT NULL, -- own, branch, all
    limits      TEXT NOT NULL, -- JSON
    changed_at  INTEGER NOT NULL
) STRICT;

-- SQLite cannot add a column that has both a default and a foreign key.
ALTER TABLE users ADD COLUMN full_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN branch_id TEXT NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001';
ALTER TABLE clients ADD COLUMN branch_id TEXT NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001';
ALTER TABLE clients ADD COLUMN officer TEXT NOT NULL DEFAULT ''; -- name of a user
ALTER TABLE loans ADD COLUMN branch_id TEXT NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001';
ALTER TABLE loans ADD COLUMN officer TEXT NOT NULL DEFAULT '';
CREATE INDEX clients_of_officer ON clients (officer, id) WHERE officer <> '';
CREATE INDEX loans_of_officer ON loans (officer, id) WHERE officer <> '';
