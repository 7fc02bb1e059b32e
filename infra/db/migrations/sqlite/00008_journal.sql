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
    account       TEXT NOT NULL,
    business_date TEXT NOT NULL,
    entry_id      TEXT NOT NULL,
    PRIMARY KEY (account, business_date, entry_id)
) STRICT, WITHOUT ROWID;

-- A line of an entry a row; line gives the order.
CREATE VIEW posted AS
    SELECT j.id AS entry_id, j.command, j.business_date, j.at AS posted_at, j.kind, j.reference, j.reverses, j.client_id, l.id AS line,
        CASE instr(l.key, '/') WHEN 0 THEN l.key ELSE substr(l.key, 1, instr(l.key, '/') - 1) END AS account,
        CASE instr(l.key, '/') WHEN 0 THEN j.subject ELSE coalesce(nullif(substr(l.key, instr(l.key, '/') + 1, 36), ''), j.subject) END AS subject,
        CASE WHEN l.key LIKE '%/%/%' THEN substr(l.key, -36) END AS branch,
        l.value AS amount, max(l.value, 0) AS debit, max(-l.value, 0) AS credit
    FROM journal j CROSS JOIN json_each(j.lines) l;

INSERT INTO journal_accounts SELECT DISTINCT p.account, e.business_date, e.id FROM postings p JOIN entries e ON e.id = p.entry_id
    WHERE p.account NOT IN ('1102', '1301', '1302', '1410', '2401', '2402', '5101') ORDER BY p.account, e.business_date, e.id;

-- The journal is written in the order of its ids, which these find without a sort: that
-- would need memory for all of it.
CREATE INDEX entries_at ON entries (posted_at);
CREATE INDEX audit_at ON audit (at) WHERE refusal IS NULL;

-- An audit line joins the entries of its moment if no other command has that moment, and
-- the first of them has its data. A refusal posts nothing.
INSERT INTO journal (id, command, number, at, subject, client_id, actor, action, correlation_id, about, business_date, kind, reference, reverses, lines)
SELECT e.id, coalesce(a.command, e.id), CASE WHEN a.command IS NULL THEN 0 ELSE (SELECT count(*) FROM entries x WHERE x.posted_at = e.posted_at AND x.id < e.id) END,
    e.posted_at, p.subject, l.client_id, f.actor, f.action, nullif(f.correlation_id, ''), nullif(f.subject, p.subject),
    e.business_date, e.kind, e.reference, e.reverses,
    (SELECT '{' || group_concat('"' || o.account || CASE o.subject WHEN p.subject THEN '' ELSE '/' || o.subject END || '":' || (o.debit - o.credit), ',') || '}'
        FROM (SELECT account, subject, debit, credit FROM postings WHERE entry_id = e.id ORDER BY line) o)
FROM entries e
JOIN postings p ON p.entry_id = e.id AND p.line = (SELECT min(line) FROM postings WHERE entry_id = e.id)
LEFT JOIN loans l ON l.id = p.subject
LEFT JOIN audit a ON a.at = e.posted_at AND a.refusal IS NULL AND NOT EXISTS (SELECT 1 FROM audit o WHERE o.at = e.posted_at AND o.refusal IS NULL AND o.command <> a.command)
LEFT JOIN audit f ON f.command = a.command AND NOT EXISTS (SELECT 1 FROM entries x WHERE x.posted_at = e.posted_at AND x.id < e.id)
ORDER BY e.id;

INSERT INTO journal (id, command, number, at, subject, client_id, actor, action, correlation_id, refusal, times)
SELECT a.command, a.command, 0, a.at, a.subject, coalesce(l.client_id, CASE WHEN a.action IN ('register_client', 'update_client', 'delete_client') THEN a.subject END),
    a.actor, a.action, nullif(a.correlation_id, ''), a.refusal, CASE WHEN a.refusal IS NOT NULL THEN a.times END
FROM audit a LEFT JOIN loans l ON l.id = a.subject
WHERE a.refusal IS NOT NULL OR NOT EXISTS (SELECT 1 FROM entries e WHERE e.posted_at = a.at)
    OR EXISTS (SELECT 1 FROM audit o WHERE o.at = a.at AND o.refusal IS NULL AND o.command <> a.command)
ORDER BY a.command;

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
