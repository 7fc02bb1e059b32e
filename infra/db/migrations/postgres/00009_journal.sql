-- +goose Up
-- The journal takes the place of entries, postings and audit. The schema's versions
-- are counted in schema_versions from here on: a program of before, which looks into
-- the old table, does not start on tables that it does not know.
DROP TABLE IF EXISTS goose_db_version;

-- What a program of before still writes is waited for, and then nothing is written
-- meanwhile: the tables in the order in which it writes them.
LOCK TABLE postings, entries, audit IN EXCLUSIVE MODE;

-- Whole tables are read here, which the settings of a server's connections are not for.
SET LOCAL enable_seqscan = on;
SET LOCAL work_mem = '64MB';
SET LOCAL maintenance_work_mem = '256MB';
ANALYZE postings, entries, audit, loans;

-- Whether the lines of an entry balance, and those of the memorandum accounts (class 7)
-- by themselves. Subjects and branches are NULL or as many as the lines.
-- +goose StatementBegin
CREATE FUNCTION balanced(accounts TEXT[], amounts BIGINT[], subjects UUID[], branches UUID[]) RETURNS BOOLEAN
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    total BIGINT := 0;
    memorandum BIGINT := 0;
    account TEXT;
    at INTEGER := 0;
BEGIN
    IF cardinality(accounts) < 2 OR cardinality(accounts) <> cardinality(amounts)
        OR cardinality(subjects) <> cardinality(accounts) OR cardinality(branches) <> cardinality(accounts) THEN
        RETURN FALSE;
    END IF;
    FOREACH account IN ARRAY accounts LOOP
        at := at + 1;
        IF account IS NULL OR amounts[at] IS NULL OR amounts[at] = 0 THEN
            RETURN FALSE;
        END IF;
        total := total + amounts[at];
        IF starts_with(account, '7') THEN
            memorandum := memorandum + amounts[at];
        END IF;
    END LOOP;
    RETURN total = 0 AND memorandum = 0;
END $$;
-- +goose StatementEnd

-- What was done, and what it put into the books: a row is an entry, the audit data of a
-- command, or both. Further entries of a command are further rows.
CREATE TABLE journal (
    id             UUID NOT NULL, -- of the entry; of the command if the row has none
    command        UUID NOT NULL,
    number         INTEGER NOT NULL, -- of the row in its command, from 0
    at             TIMESTAMPTZ NOT NULL,
    subject        UUID NOT NULL, -- what the entry is about, or else the command
    client_id      UUID, -- whose it is; NULL: the institution's
    -- The command, in its first row.
    actor          TEXT,
    action         TEXT,
    correlation_id TEXT,
    about          UUID, -- what it is about, if not the subject
    refusal        TEXT, -- code of the guard's refusal; NULL of what was done
    times          BIGINT, -- refusals that the row counts
    -- The entry.
    business_date  DATE,
    kind           TEXT,
    reference      UUID,
    reverses       UUID,
    accounts       TEXT[],
    amounts        BIGINT[], -- centavos: debits above zero, credits below
    subjects       UUID[], -- of the lines, if one is not the row's
    branches       UUID[],
    CONSTRAINT "a command or an entry" CHECK ((actor IS NOT NULL OR kind IS NOT NULL) AND (actor IS NULL) = (action IS NULL)),
    CONSTRAINT "a whole entry" CHECK (num_nulls(business_date, kind, reference, accounts, amounts) IN (0, 5)
        AND (kind IS NOT NULL OR num_nonnulls(about, reverses, subjects, branches) = 0)),
    CONSTRAINT "an entry balances" CHECK (kind IS NULL OR balanced(accounts, amounts, subjects, branches))
) PARTITION BY RANGE (id);

-- The entries of the accounts that few entries touch. The others are found by their days.
CREATE TABLE journal_accounts (
    account       TEXT NOT NULL,
    business_date DATE NOT NULL,
    entry_id      UUID NOT NULL,
    PRIMARY KEY (account, business_date, entry_id)
);

CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_accounts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_accounts EXECUTE FUNCTION refuse_change();

-- Makes room for the ids of a moment's month in a table that is partitioned by ids.
-- +goose StatementBegin
CREATE FUNCTION make_month(parent TEXT, moment TIMESTAMPTZ) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    first TIMESTAMP := date_trunc('month', moment AT TIME ZONE 'UTC');
    month TEXT := format('%s_%s', parent, to_char(first, 'YYYY_MM'));
    bounds UUID[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(parent));
    IF to_regclass(month) IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT array_agg((lpad(to_hex(extract(epoch FROM edge)::BIGINT * 1000), 12, '0') || repeat('0', 20))::UUID ORDER BY edge)
        INTO bounds FROM unnest(ARRAY[first, first + INTERVAL '1 month']) AS edge;
    -- Attached, not made as a partition: who reads and writes the others need not wait.
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', month, parent);
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', month);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, month, bounds[1], bounds[2]);
END $$;
-- +goose StatementEnd

-- A line of an entry a row; line gives the order.
CREATE VIEW posted AS
    SELECT j.id AS entry_id, j.command, j.business_date, j.at AS posted_at, j.kind, j.reference, j.reverses, j.client_id,
        (l.n - 1)::INTEGER AS line, l.account, coalesce(l.subject, j.subject) AS subject, l.branch, l.amount,
        greatest(l.amount, 0) AS debit, greatest(-l.amount, 0) AS credit
    FROM journal j CROSS JOIN unnest(j.accounts, j.amounts, j.subjects, j.branches) WITH ORDINALITY AS l(account, amount, subject, branch, n);

-- +goose StatementBegin
DO $$
DECLARE
    month TIMESTAMPTZ;
BEGIN
    FOR month IN SELECT DISTINCT date_trunc('month', to_timestamp(('x' || substr(replace(id::TEXT, '-', ''), 1, 12))::BIT(48)::BIGINT / 1000), 'UTC')
            FROM (SELECT id FROM entries UNION ALL SELECT command FROM audit) i LOOP
        PERFORM make_month('journal', month);
    END LOOP;
END $$;
-- +goose StatementEnd

-- An audit line joins the entries of its moment if no other command has that moment, and
-- the first of them has its data. A refusal posts nothing.
CREATE TEMPORARY TABLE moments ON COMMIT DROP AS
    SELECT at, min(command::TEXT)::UUID AS command, min(actor) AS actor, min(action) AS action, min(correlation_id) AS correlation_id, min(subject::TEXT)::UUID AS subject
    FROM audit WHERE refusal IS NULL GROUP BY at HAVING count(*) = 1;
ANALYZE moments;

INSERT INTO journal (id, command, number, at, subject, client_id, actor, action, correlation_id, about, business_date, kind, reference, reverses, accounts, amounts, subjects)
SELECT e.id, coalesce(a.command, e.id), CASE WHEN a.command IS NULL THEN 0 ELSE e.number END, e.posted_at, p.subject, l.client_id,
    CASE e.number WHEN 0 THEN a.actor END, CASE e.number WHEN 0 THEN a.action END, CASE e.number WHEN 0 THEN nullif(a.correlation_id, '') END,
    CASE e.number WHEN 0 THEN nullif(a.subject, p.subject) END,
    e.business_date, e.kind, e.reference, e.reverses, p.accounts, p.amounts, CASE WHEN NOT p.subject = ALL (p.subjects) THEN p.subjects END
FROM (SELECT *, row_number() OVER (PARTITION BY posted_at ORDER BY id) - 1 AS number FROM entries) e
JOIN (SELECT *, subjects[1] AS subject
    FROM (SELECT entry_id, array_agg(account) AS accounts, array_agg(debit - credit) AS amounts, array_agg(subject) AS subjects
        FROM (SELECT * FROM postings ORDER BY entry_id, line) o GROUP BY entry_id) g) p ON p.entry_id = e.id
LEFT JOIN moments a ON a.at = e.posted_at
LEFT JOIN loans l ON l.id = p.subject;

INSERT INTO journal (id, command, number, at, subject, client_id, actor, action, correlation_id, refusal, times)
SELECT a.command, a.command, 0, a.at, a.subject, coalesce(l.client_id, CASE WHEN a.action IN ('register_client', 'update_client', 'delete_client') THEN a.subject END),
    a.actor, a.action, nullif(a.correlation_id, ''), a.refusal, CASE WHEN a.refusal IS NOT NULL THEN a.times END
FROM audit a LEFT JOIN loans l ON l.id = a.subject
WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE j.command = a.command);

INSERT INTO journal_accounts SELECT DISTINCT account, business_date, entry_id FROM posted
    WHERE account NOT IN ('1102', '1301', '1302', '1410', '2401', '2402', '5101') ORDER BY account, business_date, entry_id;

ALTER TABLE journal ADD PRIMARY KEY (id);
CREATE INDEX journal_by_day ON journal (business_date, id) WHERE business_date IS NOT NULL;
CREATE INDEX journal_reversing ON journal (reverses) WHERE reverses IS NOT NULL;
ANALYZE journal, journal_accounts;

DROP TABLE postings, entries, audit;
DROP FUNCTION check_balanced(), refuse_late_posting();

-- For people and for the programs that they read the books with.
CREATE VIEW entries AS SELECT id, business_date, at AS posted_at, kind, reference, reverses FROM journal WHERE kind IS NOT NULL;
CREATE VIEW postings AS SELECT entry_id, line, account, subject, debit, credit FROM posted;
CREATE VIEW audit AS SELECT command, at, actor, action, coalesce(about, subject) AS subject, coalesce(correlation_id, '') AS correlation_id, refusal, coalesce(times, 1) AS times
    FROM journal WHERE actor IS NOT NULL;
