-- +goose Up
-- Standard terms: transactions, fees, penalty interest, unapplied funds, manual entries,
-- daily positions. Every row that a client owns names the client.

ALTER TABLE loans RENAME COLUMN movements TO transactions;
ALTER TABLE loans RENAME COLUMN advance TO unapplied;
ALTER TABLE loans RENAME COLUMN booked TO interest_posted_on;
ALTER TABLE outbox RENAME COLUMN teller TO node;
ALTER TABLE vouchers RENAME TO manual_entries;

-- Rename the members of stored JSON documents. Only a member name is a quoted word with a
-- colon behind it: inside a string, quotation marks are escaped. A product's order of
-- allocation is the text from "allocation":[ to the next ].
UPDATE products SET body = substr(body, 1, instr(body, '"allocation":[') - 1) ||
    replace(replace(replace(replace(substr(body, instr(body, '"allocation":['), instr(substr(body, instr(body, '"allocation":[')), ']')),
        '"iva_commission"', '"iva_fee"'), '"commission"', '"fee"'),
        '"iva_moratorium"', '"iva_penalty_interest"'), '"moratorium"', '"penalty_interest"') ||
    substr(body, instr(body, '"allocation":[') + instr(substr(body, instr(body, '"allocation":[')), ']'))
WHERE instr(body, '"allocation":[') > 0;
UPDATE products SET body = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(body,
    '"commissions":{"opening":', '"fees":{"origination":'), '"commissions":', '"fees":'),
    '"opening_payment":', '"origination_payment":'), '"iva_commission":', '"iva_fee":'),
    '"commission":', '"fee":'), '"iva_moratorium":', '"iva_penalty_interest":'),
    '"moratorium":', '"penalty_interest":'), '"held":', '"to_unapplied":'),
    '"released":', '"from_unapplied":'), '"advance":', '"unapplied_funds":'),
    '"excess":"hold_as_advance"', '"excess":"keep_unapplied"'),
    '"component":"iva_commission"', '"component":"iva_fee"'), '"component":"commission"', '"component":"fee"'),
    '"component":"iva_moratorium"', '"component":"iva_penalty_interest"'),
    '"component":"moratorium"', '"component":"penalty_interest"');

-- All schedules of each loan, the contract first.
CREATE TABLE later_versions (
    loan_id        TEXT NOT NULL REFERENCES loans (id),
    client_id      TEXT NOT NULL,
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
INSERT INTO later_versions
    SELECT v.loan_id, l.client_id, v.serial, v.number, v.effective_from, v.reason,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(v.terms,
            '"commissions":{"opening":', '"fees":{"origination":'), '"commissions":', '"fees":'),
            '"opening_payment":', '"origination_payment":'), '"iva_commission":', '"iva_fee":'),
            '"commission":', '"fee":'), '"iva_moratorium":', '"iva_penalty_interest":'),
            '"moratorium":', '"penalty_interest":'), '"held":', '"to_unapplied":'),
            '"released":', '"from_unapplied":'), '"advance":', '"unapplied_funds":'),
            '"excess":"hold_as_advance"', '"excess":"keep_unapplied"'),
            '"component":"iva_commission"', '"component":"iva_fee"'), '"component":"commission"', '"component":"fee"'),
            '"component":"iva_moratorium"', '"component":"iva_penalty_interest"'),
            '"component":"moratorium"', '"component":"penalty_interest"'), v.level, v.plan, v.made_at
    FROM loan_versions v JOIN loans l ON l.id = v.loan_id ORDER BY v.loan_id, v.serial;
DROP TRIGGER loan_versions_update;
DROP TRIGGER loan_versions_delete;
DROP TABLE loan_versions;
ALTER TABLE later_versions RENAME TO loan_versions;
-- +goose StatementBegin
CREATE TRIGGER loan_versions_update BEFORE UPDATE ON loan_versions
BEGIN SELECT RAISE(ABORT, 'loan_versions is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER loan_versions_delete BEFORE DELETE ON loan_versions
BEGIN SELECT RAISE(ABORT, 'loan_versions is append-only'); END;
-- +goose StatementEnd

-- The transactions of each loan. A reversed transaction stays and names its reversal.
CREATE TABLE loan_transactions (
    loan_id       TEXT NOT NULL REFERENCES loans (id),
    client_id     TEXT NOT NULL,
    number        INTEGER NOT NULL, -- 0 is the disbursement
    id            TEXT NOT NULL,
    kind          TEXT NOT NULL,
    value_date    TEXT NOT NULL,
    business_date TEXT NOT NULL, -- on which it was registered
    amount        INTEGER NOT NULL CHECK (amount >= 0),
    at            INTEGER NOT NULL,
    actor         TEXT NOT NULL,
    new_terms     TEXT NOT NULL, -- JSON, of a restructure
    split         TEXT NOT NULL, -- JSON
    entry_id      TEXT, -- in the books; none if nothing was to post
    reversed_by   TEXT,
    reverses      TEXT, -- of a reversal
    PRIMARY KEY (loan_id, number)
) STRICT;
INSERT INTO loan_transactions
    SELECT m.loan_id, l.client_id, m.number, m.id, m.kind, m.value_date, m.business_date, m.amount, m.at, m.actor,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(m.new_terms,
            '"commissions":{"opening":', '"fees":{"origination":'), '"commissions":', '"fees":'),
            '"opening_payment":', '"origination_payment":'), '"iva_commission":', '"iva_fee":'),
            '"commission":', '"fee":'), '"iva_moratorium":', '"iva_penalty_interest":'),
            '"moratorium":', '"penalty_interest":'), '"held":', '"to_unapplied":'),
            '"released":', '"from_unapplied":'), '"advance":', '"unapplied_funds":'),
            '"excess":"hold_as_advance"', '"excess":"keep_unapplied"'),
            '"component":"iva_commission"', '"component":"iva_fee"'), '"component":"commission"', '"component":"fee"'),
            '"component":"iva_moratorium"', '"component":"iva_penalty_interest"'),
            '"component":"moratorium"', '"component":"penalty_interest"'),
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(m.split,
            '"commissions":{"opening":', '"fees":{"origination":'), '"commissions":', '"fees":'),
            '"opening_payment":', '"origination_payment":'), '"iva_commission":', '"iva_fee":'),
            '"commission":', '"fee":'), '"iva_moratorium":', '"iva_penalty_interest":'),
            '"moratorium":', '"penalty_interest":'), '"held":', '"to_unapplied":'),
            '"released":', '"from_unapplied":'), '"advance":', '"unapplied_funds":'),
            '"excess":"hold_as_advance"', '"excess":"keep_unapplied"'),
            '"component":"iva_commission"', '"component":"iva_fee"'), '"component":"commission"', '"component":"fee"'),
            '"component":"iva_moratorium"', '"component":"iva_penalty_interest"'),
            '"component":"moratorium"', '"component":"penalty_interest"'),
        m.entry_id, m.reversed_by, m.reverses
    FROM movements m JOIN loans l ON l.id = m.loan_id ORDER BY m.loan_id, m.number;
DROP TABLE movements;

-- Each loan at the end of each day.
ALTER TABLE positions RENAME COLUMN moratorium TO penalty_interest;
ALTER TABLE positions RENAME COLUMN advance TO unapplied;
ALTER TABLE positions RENAME TO daily_positions;
DROP INDEX positions_late;
CREATE INDEX daily_positions_late ON daily_positions (day, days_past_due DESC, loan_id) WHERE days_past_due > 0;

-- Repeated requests are answered from here.
UPDATE idempotency SET answer = CAST(substr(CAST(answer AS TEXT), 1, instr(CAST(answer AS TEXT), '"allocation":[') - 1) ||
    replace(replace(replace(replace(substr(CAST(answer AS TEXT), instr(CAST(answer AS TEXT), '"allocation":['), instr(substr(CAST(answer AS TEXT), instr(CAST(answer AS TEXT), '"allocation":[')), ']')),
        '"iva_commission"', '"iva_fee"'), '"commission"', '"fee"'),
        '"iva_moratorium"', '"iva_penalty_interest"'), '"moratorium"', '"penalty_interest"') ||
    substr(CAST(answer AS TEXT), instr(CAST(answer AS TEXT), '"allocation":[') + instr(substr(CAST(answer AS TEXT), instr(CAST(answer AS TEXT), '"allocation":[')), ']')) AS BLOB)
WHERE instr(CAST(answer AS TEXT), '"allocation":[') > 0;
UPDATE idempotency SET answer = CAST(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(CAST(answer AS TEXT),
    '"commissions":{"opening":', '"fees":{"origination":'), '"commissions":', '"fees":'),
    '"opening_payment":', '"origination_payment":'), '"iva_commission":', '"iva_fee":'),
    '"commission":', '"fee":'), '"iva_moratorium":', '"iva_penalty_interest":'),
    '"moratorium":', '"penalty_interest":'), '"held":', '"to_unapplied":'),
    '"released":', '"from_unapplied":'), '"advance":', '"unapplied_funds":'),
    '"excess":"hold_as_advance"', '"excess":"keep_unapplied"'),
    '"component":"iva_commission"', '"component":"iva_fee"'), '"component":"commission"', '"component":"fee"'),
    '"component":"iva_moratorium"', '"component":"iva_penalty_interest"'),
    '"component":"moratorium"', '"component":"penalty_interest"') AS BLOB),
    operation = CASE operation WHEN 'reverse_movement' THEN 'reverse_transaction' WHEN 'propose_voucher' THEN 'propose_manual_entry'
        WHEN 'post_voucher' THEN 'post_manual_entry' WHEN 'reject_voucher' THEN 'reject_manual_entry' ELSE operation END;
