-- Adds {rows} clients and as many loans to a simulated institution. A few names are common and most are rare,
-- as in Mexico: the commonest given name belongs to about one client in seven.
-- The superuser runs it: without foreign keys and triggers, and with the indexes built at the end.
SET session_replication_role = replica;
SET ROLE sofipo_user;
SET synchronous_commit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '512MB';
SELECT setseed(0.13);

CREATE TEMP TABLE later AS SELECT indexname AS name, indexdef AS definition FROM pg_indexes
    WHERE schemaname = 'public' AND tablename IN ('clients', 'loans', 'loan_transactions') AND indexname NOT IN (SELECT conname FROM pg_constraint);
DO $$ DECLARE i RECORD; BEGIN FOR i IN SELECT * FROM later LOOP EXECUTE format('DROP INDEX %I', i.name); END LOOP; END $$;

CREATE TEMP TABLE places AS SELECT i, ('00000000-0000-7000-8000-' || lpad(to_hex(4096 + i), 12, '0'))::uuid AS id FROM generate_series(1, 50) i;
INSERT INTO branches SELECT id, 'B' || i, 'Sucursal ' || i, '', '', FALSE, now() FROM places;
INSERT INTO products SELECT 'p' || i, 1, effective_from, effective_to, body, created_at, created_by FROM products, generate_series(0, 9) i WHERE code = 'seed' AND version = 1;

CREATE TEMP TABLE words (kind TEXT, i INTEGER, word TEXT);
INSERT INTO words SELECT 'given', n - 1, w FROM unnest(string_to_array('Maria Jose Juan Guadalupe Luis Carlos Ana Francisco Miguel Antonio Jesus Pedro Alejandro Rosa Manuel Elena Margarita Fernando Ricardo Martha Jorge Veronica Daniel Patricia Eduardo Sofia Alberto Leticia Roberto Gabriela', ' ')) WITH ORDINALITY AS t (w, n);
INSERT INTO words SELECT 'surname', n - 1, w FROM unnest(string_to_array('Hernandez Garcia Martinez Lopez Gonzalez Perez Rodriguez Sanchez Ramirez Cruz Flores Gomez Morales Vazquez Reyes Jimenez Torres Diaz Gutierrez Ruiz Mendoza Aguilar Ortiz Moreno Castillo Romero Alvarez Mendez Chavez Rivera', ' ')) WITH ORDINALITY AS t (w, n);
INSERT INTO words SELECT kind, 30 + n, a || b || c || CASE kind WHEN 'given' THEN 'o' ELSE 'ez' END
    FROM (VALUES ('given', 400), ('surname', 5000)) k (kind, most), generate_series(0, 4999) n,
    LATERAL (SELECT (ARRAY['Bal','Cor','Dan','Esp','Fer','Gal','Her','Ibar','Jar','Lor','Mar','Nav','Oli','Pal','Quin','Ram','Sal'])[1 + n % 17] AS a,
        (ARRAY['a','e','i','o','u','an','en','in','on'])[1 + n / 17 % 9] AS b, (ARRAY['br','c','d','f','g','l','m','n','p','qu','r','rr','s','t','v','x','z','lt','nd','rd','st','gr','ll','ch','nt','mb','rc','rn','sc','tr','vr','bl','cl'])[1 + n / 153 % 33] AS c) s
    WHERE n < most;

CREATE TEMP TABLE people AS
    SELECT i, (lpad(to_hex(1700000000000 + i::bigint * 60000), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid AS id,
        floor(430 * power(random(), 3))::int AS g1, CASE WHEN random() < 0.5 THEN floor(430 * power(random(), 3))::int END AS g2,
        floor(5030 * power(random(), 2.6))::int AS s1, floor(5030 * power(random(), 2.6))::int AS s2,
        1 + floor(50 * power(random(), 1.5))::int AS place, floor(6 * random())::int AS desk, 'XA' || lpad(i::text, 8, '0') || 'XX1' AS rfc
    FROM generate_series(1, {rows}) i;
INSERT INTO clients (id, rfc, email, full_name, loans, created_at, branch_id, officer, number, names)
    SELECT p.id, p.rfc, 'p' || p.i || '@example.com', n.name, 1, to_timestamp(1700000000 + p.i * 60), b.id, 'officer' || p.place - 1 + 50 * p.desk, 1000000000000 + 10 * p.i, lower(n.name)
    FROM people p JOIN places b ON b.i = p.place JOIN words g1 ON g1.kind = 'given' AND g1.i = p.g1 LEFT JOIN words g2 ON g2.kind = 'given' AND g2.i = p.g2
        JOIN words s1 ON s1.kind = 'surname' AND s1.i = p.s1 JOIN words s2 ON s2.kind = 'surname' AND s2.i = p.s2,
        LATERAL (SELECT concat_ws(' ', g1.word, g2.word, s1.word, s2.word) AS name) n;
INSERT INTO name_words SELECT DISTINCT ON (w.word) w.word, c.id FROM clients c, unnest(string_to_array(c.names, ' ')) AS w (word) ORDER BY w.word, c.id ON CONFLICT DO NOTHING;
INSERT INTO client_lookups SELECT rfc, 'rfc', id FROM people UNION ALL SELECT '55' || lpad(i::text, 8, '0'), 'phone', id FROM people;

-- Amounts depend on the product, and most loans are small.
INSERT INTO loans (id, client_id, product, product_version, amount, rate, term_months, periods, status, granted_at, applied_by, approved_by, opened, version, transactions, balance, interest_due, iva_due, unapplied, written_off, state, branch_id, officer, number)
    SELECT replace(p.id::text, '-8000-', '-8001-')::uuid, p.id, 'p' || k.product, 1, (2000 + k.product * 20000 + floor(100 * power(random(), 2)) * 500)::bigint * 100, 240000, 12, 12, k.status,
        to_timestamp(1700000000 + p.i * 60), 'officer' || p.place - 1 + 50 * p.desk, '', CASE WHEN k.status NOT IN ('APPLIED', 'APPROVED', 'REJECTED') THEN to_timestamp(1700000000 + p.i * 60)::date END, 1, 3,
        CASE WHEN k.status = 'ACTIVE' THEN 100000 ELSE 0 END, 0, 0, 0, 0, '', b.id, 'officer' || p.place - 1 + 50 * p.desk, 1000000000000 + 10 * p.i
    FROM people p JOIN places b ON b.i = p.place, LATERAL (SELECT p.i, floor(10 * power(random(), 2))::int AS product,
        CASE WHEN p.i > {rows} * 0.98 THEN (ARRAY['APPLIED', 'APPROVED', 'ACTIVE'])[1 + p.i % 3] WHEN random() < 0.62 THEN 'ACTIVE' WHEN random() < 0.85 THEN 'PAID_OFF'
            WHEN random() < 0.5 THEN 'WRITTEN_OFF' WHEN random() < 0.5 THEN 'REJECTED' ELSE 'RESTRUCTURED' END AS status) k;

-- The close of 15 January 2026, and the totals of it and of the ends of the twelve months before.
INSERT INTO daily_positions (day, loan_id, client_id, product, status, stage, held_stage, on_time, instalment, days_past_due, balance, overdue_principal, interest, suspended, iva, penalty_interest, unapplied, provision, reserve)
    SELECT '2026-01-15', l.id, client_id, product, status, CASE WHEN d.late >= 90 THEN 3 WHEN d.late >= 31 THEN 2 ELSE 1 END, 0, 0, 1, d.late, balance, 0, 0, 0, 0, 0, 0, 0, 0
    FROM loans l JOIN people ON number = 1000000000000 + 10 * i, LATERAL (SELECT CASE WHEN random() < 0.1 AND number > 0 THEN 1 + floor(400 * power(random(), 3))::int ELSE 0 END AS late) d
    WHERE status IN ('ACTIVE', 'RESTRUCTURED');
UPDATE business_days SET positions = (SELECT count(*) FROM daily_positions p WHERE p.day = business_days.day) WHERE day = '2026-01-15';
CREATE TEMP TABLE days AS SELECT '2026-01-15'::date AS day UNION ALL SELECT ('2025-01-01'::date + make_interval(months => n) - interval '1 day')::date FROM generate_series(1, 12) n;
INSERT INTO portfolio SELECT d.day, p.* FROM days d, (SELECT product, days_past_due, stage, count(*), sum(balance), 0, 0, 0, 0, 0, 0 FROM daily_positions WHERE day = '2026-01-15' AND product LIKE 'p_' GROUP BY 1, 2, 3) p;
INSERT INTO portfolio_owners SELECT d.day, p.* FROM days d, (
    SELECT l.branch_id, l.officer, p.product, CASE WHEN days_past_due >= 181 THEN 181 WHEN days_past_due >= 121 THEN 121 WHEN days_past_due >= 91 THEN 91 WHEN days_past_due >= 90 THEN 90
        WHEN days_past_due >= 61 THEN 61 WHEN days_past_due >= 31 THEN 31 WHEN days_past_due >= 8 THEN 8 ELSE least(days_past_due, 1) END, p.stage, count(*), sum(p.balance), 0, 0
    FROM daily_positions p JOIN loans l ON l.id = p.loan_id WHERE p.day = '2026-01-15' AND p.product LIKE 'p_' GROUP BY 1, 2, 3, 4, 5) p;
INSERT INTO money_days SELECT '2026-01-01'::date + n, branch_id, officer, product, k.kind, 3, 100000 FROM generate_series(0, 14) n, (VALUES ('payment'), ('disbursement')) k (kind), (SELECT DISTINCT branch_id, officer, product FROM portfolio_owners WHERE day = '2026-01-15' AND product LIKE 'p_') p;

-- Three payments on each of these loans.
INSERT INTO loan_transactions (loan_id, client_id, number, id, kind, value_date, business_date, amount, at, actor, new_terms, split, folio, method, reference, till_id, branch_id)
    SELECT l.id, l.client_id, k, replace(l.id::text, '-8001-', '-800' || (1 + k) || '-')::uuid, 'payment', t.day, t.day, (100 + floor(5000 * random()))::bigint * 100, t.day, 'x', '', '{}', l.number * 10 + k,
        m.method, CASE WHEN m.method = 'transfer' THEN 'T' || l.number || k ELSE '' END, CASE WHEN m.method = 'cash' THEN l.branch_id END, l.branch_id
    FROM loans l JOIN people ON number = 1000000000000 + 10 * i, generate_series(1, 3) k, LATERAL (SELECT '2024-01-01'::date + ((l.number / 10 - 100000000000) * 700 / {rows} + k * 10)::int AS day) t,
        LATERAL (SELECT (ARRAY['cash', 'cash', 'transfer', 'cheque', 'shop'])[1 + floor(5 * random())::int] AS method WHERE l.number + k > 0) m;

DO $$ DECLARE i RECORD; BEGIN FOR i IN SELECT * FROM later LOOP EXECUTE i.definition; END LOOP; END $$;
RESET ROLE;
