-- +goose Up
-- Who saw personal data of clients. Rows are written in batches after the answer, and never
-- changed.
CREATE TABLE client_viewings (
    id             TEXT PRIMARY KEY, -- begins with the time
    client_id      TEXT NOT NULL,
    username       TEXT NOT NULL,
    what           TEXT NOT NULL,
    viewed_at      INTEGER NOT NULL,
    correlation_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX client_viewings_of_client ON client_viewings (client_id, id);
CREATE INDEX client_viewings_of_user ON client_viewings (username, id);
-- +goose StatementBegin
CREATE TRIGGER client_viewings_update BEFORE UPDATE ON client_viewings
BEGIN SELECT RAISE(ABORT, 'client_viewings is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER client_viewings_delete BEFORE DELETE ON client_viewings
BEGIN SELECT RAISE(ABORT, 'client_viewings is append-only'); END;
-- +goose StatementEnd
