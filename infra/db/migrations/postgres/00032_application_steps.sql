-- +goose Up
-- What happened to an application after it was filed: who edited it, and who returned it for
-- correction and why. Every editor is one of its makers.
CREATE TABLE application_steps (
    loan_id   UUID NOT NULL,
    client_id UUID NOT NULL,
    number    INTEGER NOT NULL, -- from 1
    kind      TEXT NOT NULL CHECK (kind IN ('EDITED', 'RETURNED')),
    made_by   TEXT NOT NULL,
    made_at   TIMESTAMPTZ NOT NULL,
    reason    TEXT NOT NULL, -- of a return
    PRIMARY KEY (loan_id, number)
);

-- The edits so far, from the journal. The last editor of a loan is known also without it.
INSERT INTO application_steps
    SELECT l.id, l.client_id, row_number() OVER (PARTITION BY l.id ORDER BY j.at, j.id), 'EDITED', j.actor, j.at, ''
    FROM journal j JOIN loans l ON l.id = coalesce(j.about, j.subject) WHERE j.action = 'edit_application' AND j.refusal IS NULL;
INSERT INTO application_steps
    SELECT l.id, l.client_id, 1 + (SELECT count(*) FROM application_steps s WHERE s.loan_id = l.id), 'EDITED', l.edited_by, l.granted_at, ''
    FROM loans l WHERE l.edited_by <> '' AND NOT EXISTS (SELECT 1 FROM application_steps s WHERE s.loan_id = l.id AND s.made_by = l.edited_by);

CREATE INDEX loans_returned ON loans (id) WHERE status = 'RETURNED';
