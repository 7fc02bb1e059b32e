-- A database of the seed with {clients} clients, {loans} loans and {payments} payments.
CREATE TABLE clients (id uuid PRIMARY KEY, full_name varchar(255) NOT NULL, email varchar(255) NOT NULL UNIQUE, rfc varchar(13) NOT NULL UNIQUE, created_at timestamptz DEFAULT now());
CREATE TABLE loans (id uuid PRIMARY KEY, client_id uuid REFERENCES clients, amount numeric(15,2) NOT NULL, interest_rate numeric(5,4) NOT NULL, term_months int NOT NULL,
    status varchar(20) NOT NULL, granted_at timestamptz DEFAULT now(), current_balance numeric(15,2) NOT NULL);
CREATE TABLE payments (id uuid PRIMARY KEY, loan_id uuid REFERENCES loans, amount numeric(15,2) NOT NULL, payment_date timestamptz DEFAULT now());
INSERT INTO clients SELECT md5('c' || i)::uuid, (ARRAY['María','José','Guadalupe','Luis','Ana','Sofía','Pedro'])[1 + i % 7] || ' ' || (ARRAY['Hernández','García','Núñez','López','Peña'])[1 + i % 5] || ' ' || (ARRAY['Cruz','Flores','Ruiz'])[1 + i % 3] || ' ' || i / 40,
    'p' || i || '@example.com', 'XA' || chr(65 + i % 26) || chr(65 + i / 26 % 26) || '800101' || lpad(to_hex(i / 676), 3, '0'), '2020-01-01'::timestamptz + i * interval '1 minute' FROM generate_series(0, {clients} - 1) i;
INSERT INTO loans SELECT md5('l' || i)::uuid, md5('c' || i % {clients})::uuid, 50000, 0.36, 36, 'ACTIVE', '2025-06-01'::timestamptz + i % 300 * interval '1 day', 50000 - 100 * ({payments} / {loans}) FROM generate_series(0, {loans} - 1) i;
INSERT INTO payments SELECT md5('p' || i)::uuid, md5('l' || i % {loans})::uuid, 100, '2025-07-01'::timestamptz + i / {loans} * interval '7 days' + i % 86400 * interval '1 second' FROM generate_series(0, {payments} - 1) i;
ANALYZE;
