-- +goose Up
-- Forms that users have begun. A draft is removed when its form is carried out.

CREATE TABLE drafts (
    id       UUID PRIMARY KEY,
    username TEXT NOT NULL REFERENCES users (username),
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL, -- the values of the form
    saved_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX drafts_of_user ON drafts (username, id);
