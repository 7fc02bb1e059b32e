-- +goose Up
-- A day of business whose close has begun. The next one is open.
CREATE TABLE business_days (
    day       TEXT PRIMARY KEY,
    status    TEXT NOT NULL, -- CLOSING, CLOSED
    actor     TEXT NOT NULL,
    began_at  INTEGER NOT NULL,
    closed_at INTEGER, -- once closed
    loans     INTEGER NOT NULL, -- positions written so far
    last_loan TEXT -- up to which loan, in the order of ids
) STRICT;

ALTER TABLE loans ADD COLUMN stage INTEGER NOT NULL DEFAULT 1; -- by the last close that changed it
ALTER TABLE loans ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0; -- interest is no income: accounts 7101 and 7901
ALTER TABLE loans ADD COLUMN frozen INTEGER NOT NULL DEFAULT 0; -- interest recognised when it was suspended
ALTER TABLE loans ADD COLUMN carried INTEGER NOT NULL DEFAULT 0; -- still suspended when it was resumed
ALTER TABLE loans ADD COLUMN outlook BLOB; -- what becomes of it by itself, if nothing is due
ALTER TABLE loans ADD COLUMN moved TEXT; -- business date of the last movement
ALTER TABLE loans ADD COLUMN booked TEXT; -- of the last one before days were closed: it posted its interest itself
UPDATE loans SET moved = (SELECT max(business_date) FROM movements WHERE loan_id = loans.id);
UPDATE loans SET booked = moved;

-- Each loan at the end of each day.
CREATE TABLE positions (
    day               TEXT NOT NULL,
    loan_id           TEXT NOT NULL,
    client_id         TEXT NOT NULL,
    product           TEXT NOT NULL,
    status            TEXT NOT NULL,
    stage             INTEGER NOT NULL,
    held_stage        INTEGER NOT NULL, -- the one kept since a restructure; 0 for none
    on_time           INTEGER NOT NULL, -- instalments paid on time in a row since then
    instalment        INTEGER NOT NULL, -- the first that is not over
    days_past_due     INTEGER NOT NULL,
    balance           INTEGER NOT NULL, -- principal: accounts 1301 and 1351
    overdue_principal INTEGER NOT NULL,
    interest          INTEGER NOT NULL, -- accounts 1302 and 1352
    suspended         INTEGER NOT NULL, -- account 7101
    iva               INTEGER NOT NULL, -- account 1410
    moratorium        INTEGER NOT NULL, -- owed, with its IVA; not in the books before it is collected
    advance           INTEGER NOT NULL,
    provision         INTEGER NOT NULL, -- account 1390
    reserve           INTEGER NOT NULL, -- account 1391
    PRIMARY KEY (day, loan_id)
) STRICT, WITHOUT ROWID;

-- The sums of a day's positions, which reports read.
CREATE TABLE portfolio (
    day               TEXT NOT NULL,
    product           TEXT NOT NULL,
    days_past_due     INTEGER NOT NULL,
    stage             INTEGER NOT NULL,
    loans             INTEGER NOT NULL,
    balance           INTEGER NOT NULL,
    overdue_principal INTEGER NOT NULL,
    interest          INTEGER NOT NULL,
    suspended         INTEGER NOT NULL,
    iva               INTEGER NOT NULL,
    provision         INTEGER NOT NULL,
    reserve           INTEGER NOT NULL,
    PRIMARY KEY (day, product, days_past_due, stage)
) STRICT;

-- What a day earned, gathered while it is closed and posted at its end.
CREATE TABLE day_accruals (
    day       TEXT NOT NULL,
    product   TEXT NOT NULL,
    interest  INTEGER NOT NULL,
    suspended INTEGER NOT NULL,
    iva       INTEGER NOT NULL,
    PRIMARY KEY (day, product)
) STRICT;
