-- +goose Up
-- Opening commissions become income over the life of their loans. What was deferred
-- before the loans had that life in a column cannot be carried over.
CREATE TABLE deferred_earlier (postings INTEGER CONSTRAINT "opening fees never amortised: start with an empty database" CHECK (postings = 0)) STRICT;
INSERT INTO deferred_earlier SELECT count(*) FROM postings WHERE account = '5302';
DROP TABLE deferred_earlier;

ALTER TABLE loans ADD COLUMN fee INTEGER NOT NULL DEFAULT 0; -- opening commission, without its IVA: account 5302 when it is disbursed
ALTER TABLE loans ADD COLUMN fee_last TEXT; -- last due date of the contract, if there is a fee: by then all of it is income
ALTER TABLE day_accruals ADD COLUMN fees INTEGER NOT NULL DEFAULT 0; -- opening commissions that became income
