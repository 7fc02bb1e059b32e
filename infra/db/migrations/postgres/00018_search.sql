-- +goose Up
-- Short numbers of clients, loans and receipts: a value, and a check digit by the Damm
-- algorithm as the last digit. Rows that exist are numbered in the order of their creation.

SET LOCAL enable_seqscan = on;
SET LOCAL work_mem = '64MB';
SET LOCAL maintenance_work_mem = '256MB';

-- Blocks of numbers that writers have taken, from the first to the last, without check digits.
CREATE TABLE folio_blocks (
    kind      TEXT NOT NULL, -- client, loan, receipt
    first     BIGINT NOT NULL,
    last      BIGINT NOT NULL CHECK (last >= first),
    branch_id UUID NOT NULL REFERENCES branches (id),
    taken_at  TIMESTAMPTZ NOT NULL,
    CONSTRAINT "folio_blocks.first" PRIMARY KEY (kind, first)
);

ALTER TABLE clients ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE loans ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE loan_transactions ADD COLUMN folio BIGINT NOT NULL DEFAULT 0; -- 0 without a receipt

-- The state of the Damm algorithm after three more digits.
CREATE TEMP TABLE damm_steps ON COMMIT DROP AS WITH RECURSIVE
    digits (d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM digits WHERE d < 9),
    step (s, d, t) AS (SELECT s.d, d.d, CAST(substr('0317598642709215486342068713591750983426612304597836742095815869720134894536201794386172052581436790', 10 * s.d + d.d + 1, 1) AS INTEGER) FROM digits s CROSS JOIN digits d)
SELECT a.s AS before, 100 * a.d + 10 * b.d + c.d AS digits, c.t AS after
    FROM step a JOIN step b ON b.s = a.t JOIN step c ON c.s = b.t;
ANALYZE damm_steps;

UPDATE clients AS c SET number = 10 * n.value + z.after
FROM (SELECT id, 10000 + row_number() OVER (ORDER BY created_at, id) AS value FROM clients) n
    JOIN damm_steps x ON x.digits = n.value / 1000000 AND x.before = 0
    JOIN damm_steps y ON y.digits = n.value / 1000 % 1000 AND y.before = x.after
    JOIN damm_steps z ON z.digits = n.value % 1000 AND z.before = y.after
WHERE c.id = n.id;
INSERT INTO folio_blocks SELECT 'client', 10001, 10000 + count(*), '00000000-0000-7000-8000-000000000001', now() FROM clients HAVING count(*) > 0;

UPDATE loans AS l SET number = 10 * n.value + z.after
FROM (SELECT id, 10000 + row_number() OVER (ORDER BY id) AS value FROM loans) n
    JOIN damm_steps x ON x.digits = n.value / 1000000 AND x.before = 0
    JOIN damm_steps y ON y.digits = n.value / 1000 % 1000 AND y.before = x.after
    JOIN damm_steps z ON z.digits = n.value % 1000 AND z.before = y.after
WHERE l.id = n.id;
INSERT INTO folio_blocks SELECT 'loan', 10001, 10000 + count(*), '00000000-0000-7000-8000-000000000001', now() FROM loans HAVING count(*) > 0;

UPDATE loan_transactions AS m SET folio = 10 * n.value + z.after
FROM (SELECT loan_id, number, 10000 + row_number() OVER (ORDER BY at, id) AS value FROM loan_transactions WHERE kind <> 'day') n
    JOIN damm_steps x ON x.digits = n.value / 1000000 AND x.before = 0
    JOIN damm_steps y ON y.digits = n.value / 1000 % 1000 AND y.before = x.after
    JOIN damm_steps z ON z.digits = n.value % 1000 AND z.before = y.after
WHERE m.loan_id = n.loan_id AND m.number = n.number;
INSERT INTO folio_blocks SELECT 'receipt', 10001, 10000 + count(*), '00000000-0000-7000-8000-000000000001', now() FROM loan_transactions WHERE kind <> 'day' HAVING count(*) > 0;

ALTER TABLE clients ALTER COLUMN number DROP DEFAULT, ADD CONSTRAINT "clients.number" UNIQUE (number);
ALTER TABLE loans ALTER COLUMN number DROP DEFAULT, ADD CONSTRAINT "loans.number" UNIQUE (number);
CREATE UNIQUE INDEX "loan_transactions.folio" ON loan_transactions (folio) WHERE folio > 0;
ANALYZE clients, loans, loan_transactions;
