-- +goose Up
ALTER TABLE audit ADD COLUMN refusal TEXT; -- code of the guard's refusal; NULL of what was done
ALTER TABLE audit ADD COLUMN times INTEGER NOT NULL DEFAULT 1; -- refusals that the line counts
