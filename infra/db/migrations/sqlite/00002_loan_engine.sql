-- +goose Up
-- Loans made before they had schedules cannot be carried over: the seed's rules
-- let every payment reduce principal, which no schedule explains.
CREATE TABLE made_earlier (loans INTEGER CONSTRAINT "made before loans had schedules: start with an empty database" CHECK (loans = 0)) STRICT;
INSERT INTO made_earlier SELECT count(*) FROM loans;
DROP TABLE made_earlier;
DROP TABLE payments;
DROP TABLE loans;

CREATE TABLE products (
    code           TEXT NOT NULL,
    version        INTEGER NOT NULL CHECK (version > 0),
    effective_from TEXT NOT NULL,
    effective_to   TEXT, -- the last day on which it is granted; open if NULL
    body           TEXT NOT NULL, -- JSON
    created_at     INTEGER NOT NULL,
    created_by     TEXT NOT NULL,
    PRIMARY KEY (code, version)
) STRICT;

-- The default product, on which POST /loans/ grants: product.Seed.
INSERT INTO products VALUES ('seed', 1, '2000-01-01', NULL, '{"code":"seed","name":"Crédito simple","classification":"consumer","version":1,"effective_from":"2000-01-01","method":"level","frequency":"monthly","day_count":"30/360","rounding":"half_up","residue":"last","holiday_rule":"none","interest_follows":false,"iva":{"rate":0.16,"base":"nominal"},"commissions":{"opening_payment":"apart"},"cat_time":"auto","moratorium":{"rate":0.0,"base":"overdue_principal","mode":"additional","grace_days":0,"day_count":"ACT/360"},"allocation":["iva_commission","commission","iva_moratorium","moratorium","iva_interest","interest","insurance","principal"],"strategy":"oldest_instalment_first","excess":"reduce_instalment","limits":{"min_amount":0.01,"max_amount":9999999999999.99,"min_rate":0.0,"max_rate":1.0,"min_periods":1,"max_periods":600,"approval_limit":9999999999999.99}}', 946684800000000, 'sofipo');

CREATE TABLE loans (
    id              TEXT PRIMARY KEY,
    client_id       TEXT NOT NULL REFERENCES clients (id),
    product         TEXT NOT NULL,
    product_version INTEGER NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount > 0),
    rate            INTEGER NOT NULL CHECK (rate >= 0),
    term_months     INTEGER NOT NULL CHECK (term_months > 0),
    periods         INTEGER NOT NULL CHECK (periods > 0),
    first_due       TEXT, -- as was asked for, until the schedule is made
    status          TEXT NOT NULL,
    granted_at      INTEGER NOT NULL, -- of the disbursement; before it, of the application
    applied_by      TEXT NOT NULL,
    approved_by     TEXT NOT NULL,
    -- The account from here on: what the columns say for all to read, and state for the engine.
    opened       TEXT,
    day          TEXT, -- accrued up to it
    version      INTEGER NOT NULL CHECK (version >= 0), -- of the schedule: loan_versions.serial; 0 before there is one
    movements    INTEGER NOT NULL, -- number of the last one
    balance      INTEGER NOT NULL CHECK (balance >= 0), -- principal outstanding: account 1301
    interest_due INTEGER NOT NULL CHECK (interest_due >= 0), -- account 1302
    iva_due      INTEGER NOT NULL CHECK (iva_due >= 0), -- account 1410
    advance      INTEGER NOT NULL CHECK (advance >= 0), -- account 2404
    written_off  INTEGER NOT NULL CHECK (written_off >= 0), -- account 7102
    state        BLOB NOT NULL,
    FOREIGN KEY (product, product_version) REFERENCES products (code, version)
) STRICT;
CREATE INDEX loans_of_client ON loans (client_id, id);

-- Every schedule that a loan has had, the contract first.
CREATE TABLE loan_versions (
    loan_id        TEXT NOT NULL REFERENCES loans (id),
    serial         INTEGER NOT NULL,
    number         INTEGER NOT NULL, -- 1 is the contract; a reversal may bring an earlier number back
    effective_from TEXT NOT NULL,
    reason         TEXT NOT NULL,
    terms          TEXT NOT NULL, -- JSON
    level          INTEGER NOT NULL,
    plan           BLOB NOT NULL, -- the instalments
    made_at        INTEGER NOT NULL,
    PRIMARY KEY (loan_id, serial)
) STRICT;

-- What was done to a loan. A movement that was reversed stays, and says by which.
CREATE TABLE movements (
    loan_id     TEXT NOT NULL REFERENCES loans (id),
    number      INTEGER NOT NULL, -- 0 is the disbursement
    id          TEXT NOT NULL,
    kind        TEXT NOT NULL,
    value_date  TEXT NOT NULL,
    business_date TEXT NOT NULL, -- on which it was registered
    amount      INTEGER NOT NULL CHECK (amount >= 0),
    at          INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    new_terms   TEXT NOT NULL, -- JSON, of a restructure
    split       TEXT NOT NULL, -- JSON
    entry_id    TEXT, -- in the books; none if nothing was to post
    reversed_by TEXT,
    reverses    TEXT, -- of a reversal
    PRIMARY KEY (loan_id, number)
) STRICT;

-- Entries by hand wait here for a second person.
CREATE TABLE vouchers (
    id          TEXT PRIMARY KEY,
    entry_date  TEXT NOT NULL,
    description TEXT NOT NULL,
    lines       TEXT NOT NULL, -- JSON
    status      TEXT NOT NULL, -- PROPOSED, POSTED, REJECTED
    proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    decided_by  TEXT NOT NULL,
    decided_at  INTEGER NOT NULL,
    entry_id    TEXT -- once posted
) STRICT;

CREATE TABLE books (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    closed_through TEXT NOT NULL -- the last day of the last closed month
) STRICT;
INSERT INTO books VALUES (1, '1999-12-31');

-- With the amounts, since looking each row up for them would cost more than all else.
CREATE INDEX postings_of_account ON postings (account, entry_id, debit, credit);
CREATE INDEX entries_by_day ON entries (business_date, id);
CREATE INDEX entries_reversing ON entries (reverses) WHERE reverses IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER loan_versions_update BEFORE UPDATE ON loan_versions
BEGIN SELECT RAISE(ABORT, 'loan_versions is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER loan_versions_delete BEFORE DELETE ON loan_versions
BEGIN SELECT RAISE(ABORT, 'loan_versions is append-only'); END;
-- +goose StatementEnd
