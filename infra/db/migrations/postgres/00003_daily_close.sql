-- +goose Up
-- A day of business whose close has begun. The next one is open.
CREATE TABLE business_days (
    day       DATE PRIMARY KEY,
    status    TEXT NOT NULL, -- CLOSING, CLOSED
    actor     TEXT NOT NULL,
    began_at  TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ, -- once closed
    loans     BIGINT NOT NULL, -- positions written so far
    last_loan UUID -- up to which loan, in the order of ids
);

ALTER TABLE loans
    ADD COLUMN stage     INTEGER NOT NULL DEFAULT 1, -- by the last close that changed it
    ADD COLUMN suspended BOOLEAN NOT NULL DEFAULT FALSE, -- interest is no income: accounts 7101 and 7901
    ADD COLUMN frozen    BIGINT NOT NULL DEFAULT 0, -- interest recognised when it was suspended
    ADD COLUMN carried   BIGINT NOT NULL DEFAULT 0, -- still suspended when it was resumed
    ADD COLUMN outlook   BYTEA, -- what becomes of it by itself, if nothing is due
    ADD COLUMN moved     DATE, -- business date of the last movement
    ADD COLUMN booked    DATE; -- of the last one before days were closed: it posted its interest itself
UPDATE loans SET moved = (SELECT max(business_date) FROM movements WHERE loan_id = loans.id);
UPDATE loans SET booked = moved;

-- Each loan at the end of each day.
CREATE TABLE positions (
    day               DATE NOT NULL,
    loan_id           UUID NOT NULL,
    client_id         UUID NOT NULL,
    product           TEXT NOT NULL,
    status            TEXT NOT NULL,
    stage             INTEGER NOT NULL,
    held_stage        INTEGER NOT NULL, -- the one kept since a restructure; 0 for none
    on_time           INTEGER NOT NULL, -- instalments paid on time in a row since then
    instalment        INTEGER NOT NULL, -- the first that is not over
    days_past_due     INTEGER NOT NULL,
    balance           BIGINT NOT NULL, -- principal: accounts 1301 and 1351
    overdue_principal BIGINT NOT NULL,
    interest          BIGINT NOT NULL, -- accounts 1302 and 1352
    suspended         BIGINT NOT NULL, -- account 7101
    iva               BIGINT NOT NULL, -- account 1410
    moratorium        BIGINT NOT NULL, -- owed, with its IVA; not in the books before it is collected
    advance           BIGINT NOT NULL,
    provision         BIGINT NOT NULL, -- account 1390
    reserve           BIGINT NOT NULL, -- account 1391
    PRIMARY KEY (day, loan_id)
) PARTITION BY RANGE (day);

-- The sums of a day's positions, which reports read.
CREATE TABLE portfolio (
    day               DATE NOT NULL,
    product           TEXT NOT NULL,
    days_past_due     INTEGER NOT NULL,
    stage             INTEGER NOT NULL,
    loans             BIGINT NOT NULL,
    balance           BIGINT NOT NULL,
    overdue_principal BIGINT NOT NULL,
    interest          BIGINT NOT NULL,
    suspended         BIGINT NOT NULL,
    iva               BIGINT NOT NULL,
    provision         BIGINT NOT NULL,
    reserve           BIGINT NOT NULL,
    PRIMARY KEY (day, product, days_past_due, stage)
);

-- What a day earned, gathered while it is closed and posted at its end.
CREATE TABLE day_accruals (
    day       DATE NOT NULL,
    product   TEXT NOT NULL,
    interest  BIGINT NOT NULL,
    suspended BIGINT NOT NULL,
    iva       BIGINT NOT NULL,
    PRIMARY KEY (day, product)
);
