-- +goose Up
-- Who saw personal data of clients. Rows are written in batches after the answer, and never
-- changed. A month can be dropped as a whole.
CREATE TABLE client_viewings (
    id             UUID CONSTRAINT "client_viewings.id" PRIMARY KEY, -- begins with the time
    client_id      UUID NOT NULL,
    username       TEXT NOT NULL,
    what           TEXT NOT NULL,
    viewed_at      TIMESTAMPTZ NOT NULL,
    correlation_id TEXT NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX client_viewings_of_client ON client_viewings (client_id, id);
CREATE INDEX client_viewings_of_user ON client_viewings (username, id);
CREATE TRIGGER client_viewings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON client_viewings EXECUTE FUNCTION refuse_change();
