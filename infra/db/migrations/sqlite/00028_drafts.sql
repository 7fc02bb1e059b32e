-- +goose Up
-- Forms that users have begun. A draft is removed when its form is carried out.

CREATE TABLE drafts (
    id       TEXT PRIMARY KEY,
    username TEXT NOT NULL REFERENCES users (username),
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL, -- the values of the form
    saved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX drafts_of_user ON drafts (username, id);
