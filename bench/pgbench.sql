-- The tables that payment.pgbench writes to, as plain as they can be. No triggers,
-- and numbers for keys: half as wide as sofipo's UUIDs.
CREATE TABLE loans (
    id          BIGINT PRIMARY KEY,
    client_id   BIGINT NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    rate        BIGINT NOT NULL CHECK (rate BETWEEN 0 AND 1000000),
    term_months INTEGER NOT NULL CHECK (term_months > 0),
    status      TEXT NOT NULL,
    balance     BIGINT NOT NULL CHECK (balance BETWEEN 0 AND amount),
    granted_at  TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX loans_of_client ON loans (client_id, id);

CREATE TABLE payments (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    loan_id BIGINT NOT NULL REFERENCES loans (id),
    amount  BIGINT NOT NULL CHECK (amount > 0),
    paid_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX payments_of_loan ON payments (loan_id, paid_at, id);

CREATE TABLE entries (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    business_date DATE NOT NULL,
    posted_at     TIMESTAMPTZ NOT NULL,
    kind          TEXT NOT NULL,
    reference     BIGINT NOT NULL,
    reverses      BIGINT
);

CREATE TABLE postings (
    entry_id BIGINT NOT NULL,
    line     INTEGER NOT NULL,
    account  TEXT NOT NULL,
    subject  BIGINT NOT NULL,
    debit    BIGINT NOT NULL,
    credit   BIGINT NOT NULL,
    PRIMARY KEY (entry_id, line),
    CHECK (debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0))
);

CREATE TABLE outbox (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body     TEXT NOT NULL,
    sequence BIGINT,
    sent_at  TIMESTAMPTZ
);
CREATE INDEX outbox_unchained ON outbox (position) WHERE sequence IS NULL;
CREATE INDEX outbox_unsent ON outbox (sequence) WHERE sequence IS NOT NULL AND sent_at IS NULL;

INSERT INTO loans SELECT n, n, 100000000, 150000, 24, 'ACTIVE', 100000000, now() FROM generate_series(1, 30000) AS n;
ANALYZE;
