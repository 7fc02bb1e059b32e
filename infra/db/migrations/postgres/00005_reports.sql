-- +goose Up
-- The late loans of a day, the latest first: about a tenth of its positions.
CREATE INDEX positions_late ON positions (day, days_past_due DESC, loan_id) WHERE days_past_due > 0;

-- What the entries of each closed day have on each account, which trial balances read.
CREATE TABLE account_days (
    day     DATE NOT NULL,
    account TEXT NOT NULL,
    debit   BIGINT NOT NULL,
    credit  BIGINT NOT NULL,
    PRIMARY KEY (day, account)
);
INSERT INTO account_days SELECT e.business_date, p.account, sum(p.debit), sum(p.credit) FROM entries e JOIN postings p ON p.entry_id = e.id
    WHERE e.business_date BETWEEN (SELECT min(day) FROM business_days) AND (SELECT max(day) FROM business_days) GROUP BY e.business_date, p.account;
