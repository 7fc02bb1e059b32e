-- +goose Up
-- Who set the password of a user, if it was somebody else: another person must enable the user.
-- The column has a default, so that older programs can write until they are stopped.

ALTER TABLE users ADD COLUMN password_by TEXT NOT NULL DEFAULT '';
