-- +goose Up
-- The journal takes the place of entries, postings and audit. The schema's versions
-- are counted in schema_versions from here on: a program of before, which looks into
-- the old table, does not start on tables that it does not know.
DROP TABLE IF EXISTS goose_db_version;

-- What was done, and what it put into the books: a row is an entry, the audit data of a
-- command, or both. Further entries of a command are further rows.
CREATE TABLE journal (
    id             TEXT PRIMARY KEY, -- of the entry; of the command if the row has none
    command        TEXT NOT NULL,
    number         INTEGER NOT NULL, -- of the row in its command, from 0
    at             INTEGER NOT NULL,
    subject        TEXT NOT NULL, -- what the entry is about, or else the command
    client_id      TEXT, -- whose it is; NULL: the institution's
    -- The command, in its first row.
    actor          TEXT,
    action         TEXT,
    correlation_id TEXT,
    about          TEXT, -- what it is about, if not the subject
    refusal        TEXT, -- code of the guard's refusal; NULL of what was done
    times          INTEGER, -- refusals that the row counts
    -- The entry.
    business_date  TEXT,
    kind           TEXT,
    reference      TEXT,
    reverses       TEXT,
    lines          TEXT, -- JSON: centavos by account, debits above zero: {"1102":100,"1301":-100}. A line that is not the row's subject's, or has a branch: "account/subject/branch"
    CONSTRAINT "a command or an entry" CHECK ((actor IS NOT NULL OR kind IS NOT NULL) AND (actor IS NULL) = (action IS NULL)),
    CONSTRAINT "a whole entry" CHECK ((kind IS NULL) = (business_date IS NULL) AND (kind IS NULL) = (reference IS NULL) AND (kind IS NULL) = (lines IS NULL)
        AND (kind IS NOT NULL OR reverses IS NULL AND about IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_by_day ON journal (business_date, id) WHERE business_date IS NOT NULL;
CREATE INDEX journal_reversing ON journal (reverses) WHERE reverses IS NOT NULL;

-- The entries of the accounts that few entries touch. The others are found by their days.
CREATE TABLE journal_accounts (
    account  TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    PRIMARY KEY (account, entry_id)
) STRICT, WITHOUT ROWID;

-- A line of an entry a row; line gives the order.
CREATE VIEW posted AS
    SELECT j.id AS entry_id, j.command, j.business_date, j.at AS posted_at, j.kind, j.reference, j.reverses, j.client_id, l.id AS line,
        CASE instr(l.key, '/') WHEN 0 THEN l.key ELSE substr(l.key, 1, instr(l.key, '/') - 1) END AS account,
        CASE instr(l.key, '/') WHEN 0 THEN j.subject ELSE coalesce(nullif(substr(l.key, instr(l.key, '/') + 1, 36), ''), j.subject) END AS subject,
        CASE WHEN l.key LIKE '%/%/%' THEN substr(l.key, -36) END AS branch,
        l.value AS amount, max(l.value, 0) AS debit, max(-l.value, 0) AS credit
    FROM journal j CROSS JOIN json_each(j.lines) l;

-- An audit line joins the first entry of its moment if no other command has that
-- moment. A refusal posts nothing.
CREATE TEMPORARY TABLE moments (
    at INTEGER PRIMARY KEY, command TEXT, actor TEXT, action TEXT, correlation_id TEXT, subject TEXT
);
INSERT INTO moments SELECT at, min(command), min(actor), min(action), min(correlation_id), min(subject)
    FROM audit WHERE refusal IS NULL GROUP BY at HAVING count(*) = 1;

INSERT INTO journal (id, command, number, at, subject, client_id, actor, action, correlation_id, about, business_date, kind, reference, reverses, lines)
SELECT e.id, coalesce(e.command, e.id), CASE WHEN e.command IS NULL THEN 0 ELSE e.number END, e.posted_at, e.subject, (SELECT client_id FROM loans WHERE id = e.subject),
    CASE e.number WHEN 0 THEN e.actor END, CASE e.number WHEN 0 THEN e.action END, CASE e.number WHEN 0 THEN nullif(e.correlation_id, '') END, CASE e.number WHEN 0 THEN nullif(e.about, e.subject) END,
    e.business_date, e.kind, e.reference, e.reverses,
    (SELECT '{' || group_concat('"' || p.account || CASE p.subject WHEN e.subject THEN '' ELSE '/' || p.subject END || '":' || (p.debit - p.credit), ',' ORDER BY p.line) || '}'
        FROM postings p WHERE p.entry_id = e.id)
FROM (SELECT s.*, a.command, a.actor, a.action, a.correlation_id, a.subject AS about
    FROM (SELECT *, row_number() OVER (PARTITION BY posted_at ORDER BY id) - 1 AS number,
            (SELECT subject FROM postings WHERE entry_id = entries.id ORDER BY line LIMIT 1) AS subject FROM entries) s
    LEFT JOIN moments a ON a.at = s.posted_at) e
ORDER BY e.id;

INSERT INTO journal (id, command, number, at, subject, client_id, actor, action, correlation_id, refusal, times)
SELECT command, command, 0, at, subject, coalesce((SELECT client_id FROM loans WHERE id = a.subject), (SELECT id FROM clients WHERE id = a.subject)),
    actor, action, nullif(correlation_id, ''), refusal, CASE WHEN refusal IS NOT NULL THEN times END
FROM audit a
WHERE command NOT IN (SELECT command FROM journal)
ORDER BY command;

INSERT INTO journal_accounts SELECT DISTINCT account, entry_id FROM postings
    WHERE account NOT IN ('1102', '1301', '1302', '1410', '2401', '2402', '5101') ORDER BY account, entry_id;

DROP TABLE moments;
DROP TABLE postings;
DROP TABLE entries;
DROP TABLE audit;

-- Lines are whole numbers of 64 bits and not zero; their sum is 0, and that of the
-- memorandum accounts (class 7) by themselves. So they are two or more.
-- +goose StatementBegin
CREATE TRIGGER journal_balanced BEFORE INSERT ON journal
WHEN NEW.lines IS NOT NULL AND (substr(NEW.lines, 1, 1) <> '{' OR (SELECT sum(value) <> 0 OR typeof(sum(value)) <> 'integer'
    OR sum(value) FILTER (WHERE key >= '7' AND key < '8') <> 0 OR max(value = 0 OR type <> 'integer') FROM json_each(NEW.lines)))
BEGIN SELECT RAISE(ABORT, 'an entry does not balance'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal is append-only: a mistake is undone by a mirror entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'journal is append-only: a mistake is undone by a mirror entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_accounts_update BEFORE UPDATE ON journal_accounts
BEGIN SELECT RAISE(ABORT, 'journal_accounts is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_accounts_delete BEFORE DELETE ON journal_accounts
BEGIN SELECT RAISE(ABORT, 'journal_accounts is append-only'); END;
-- +goose StatementEnd

-- For people and for the programs that they read the books with.
CREATE VIEW entries AS SELECT id, business_date, at AS posted_at, kind, reference, reverses FROM journal WHERE kind IS NOT NULL;
CREATE VIEW postings AS SELECT entry_id, row_number() OVER (PARTITION BY entry_id ORDER BY line) - 1 AS line, account, subject, debit, credit FROM posted;
CREATE VIEW audit AS SELECT command, at, actor, action, coalesce(about, subject) AS subject, coalesce(correlation_id, '') AS correlation_id, refusal, coalesce(times, 1) AS times
    FROM journal WHERE actor IS NOT NULL;
