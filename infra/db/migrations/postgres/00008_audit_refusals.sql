-- +goose Up
ALTER TABLE audit ADD COLUMN refusal TEXT, -- code of the guard's refusal; NULL of what was done
    ADD COLUMN times BIGINT NOT NULL DEFAULT 1; -- refusals that the line counts
