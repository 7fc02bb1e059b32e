-- +goose Up
-- Standard terms: transactions, fees, penalty interest, unapplied funds, manual entries,
-- daily positions. Every row that a client owns names the client.

-- Wait for open transactions of older programs, and block all others until the end.
LOCK TABLE loans, loan_versions, movements, positions, vouchers IN ACCESS EXCLUSIVE MODE;

SET LOCAL enable_seqscan = on;
SET LOCAL work_mem = '64MB';
SET LOCAL maintenance_work_mem = '256MB';

-- Renames the members of a stored JSON document. Only a member name is a quoted word with a
-- colon behind it: inside a string, quotation marks are escaped.
-- +goose StatementBegin
CREATE FUNCTION renamed_members(json TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(json,
        '"commissions":{"opening":', '"fees":{"origination":'), '"commissions":', '"fees":'),
        '"opening_payment":', '"origination_payment":'), '"iva_commission":', '"iva_fee":'),
        '"commission":', '"fee":'), '"iva_moratorium":', '"iva_penalty_interest":'),
        '"moratorium":', '"penalty_interest":'), '"held":', '"to_unapplied":'),
        '"released":', '"from_unapplied":'), '"advance":', '"unapplied_funds":'),
        '"excess":"hold_as_advance"', '"excess":"keep_unapplied"'),
        '"component":"iva_commission"', '"component":"iva_fee"'), '"component":"commission"', '"component":"fee"'),
        '"component":"iva_moratorium"', '"component":"iva_penalty_interest"'),
        '"component":"moratorium"', '"component":"penalty_interest"')
$$;
-- +goose StatementEnd

-- Renames the components in the order of allocation of a product.
-- +goose StatementBegin
CREATE FUNCTION renamed_allocation(json TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN part IS NULL THEN json ELSE replace(json, part, replace(replace(replace(replace(part,
        '"iva_commission"', '"iva_fee"'), '"commission"', '"fee"'),
        '"iva_moratorium"', '"iva_penalty_interest"'), '"moratorium"', '"penalty_interest"')) END
    FROM (SELECT substring(json FROM '"allocation":\[[^]]*\]') AS part) p
$$;
-- +goose StatementEnd

ALTER TABLE loans RENAME COLUMN movements TO transactions;
ALTER TABLE loans RENAME COLUMN advance TO unapplied;
ALTER TABLE loans RENAME COLUMN booked TO interest_posted_on;
ALTER TABLE outbox RENAME COLUMN teller TO node;
ALTER TABLE vouchers RENAME TO manual_entries;
ALTER INDEX vouchers_pkey RENAME TO manual_entries_pkey;
UPDATE products SET body = renamed_allocation(renamed_members(body));

-- All schedules of each loan, the contract first.
ALTER TABLE loan_versions RENAME TO former_versions;
ALTER INDEX loan_versions_pkey RENAME TO former_versions_pkey;
CREATE TABLE loan_versions (
    loan_id        UUID NOT NULL REFERENCES loans (id),
    client_id      UUID NOT NULL,
    serial         INTEGER NOT NULL,
    number         INTEGER NOT NULL, -- 1 is the contract; a reversal may bring an earlier number back
    effective_from DATE NOT NULL,
    reason         TEXT NOT NULL,
    terms          TEXT NOT NULL, -- JSON
    level          BIGINT NOT NULL,
    plan           BYTEA NOT NULL, -- the instalments
    made_at        TIMESTAMPTZ NOT NULL
);
INSERT INTO loan_versions
    SELECT v.loan_id, l.client_id, v.serial, v.number, v.effective_from, v.reason, renamed_members(v.terms), v.level, v.plan, v.made_at
    FROM former_versions v JOIN loans l ON l.id = v.loan_id ORDER BY v.loan_id, v.serial;
ALTER TABLE loan_versions ADD PRIMARY KEY (loan_id, serial);
DROP TABLE former_versions;
CREATE TRIGGER loan_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON loan_versions EXECUTE FUNCTION refuse_change();

-- The transactions of each loan. A reversed transaction stays and names its reversal.
CREATE TABLE loan_transactions (
    loan_id       UUID NOT NULL REFERENCES loans (id),
    client_id     UUID NOT NULL,
    number        INTEGER NOT NULL, -- 0 is the disbursement
    id            UUID NOT NULL,
    kind          TEXT NOT NULL,
    value_date    DATE NOT NULL,
    business_date DATE NOT NULL, -- on which it was registered
    amount        BIGINT NOT NULL CHECK (amount >= 0),
    at            TIMESTAMPTZ NOT NULL,
    actor         TEXT NOT NULL,
    new_terms     TEXT NOT NULL, -- JSON, of a restructure
    split         TEXT NOT NULL, -- JSON
    entry_id      UUID, -- in the books; none if nothing was to post
    reversed_by   UUID,
    reverses      UUID -- of a reversal
);
INSERT INTO loan_transactions
    SELECT m.loan_id, l.client_id, m.number, m.id, m.kind, m.value_date, m.business_date, m.amount, m.at, m.actor, renamed_members(m.new_terms),
        renamed_members(m.split), m.entry_id, m.reversed_by, m.reverses
    FROM movements m JOIN loans l ON l.id = m.loan_id ORDER BY m.loan_id, m.number;
ALTER TABLE loan_transactions ADD PRIMARY KEY (loan_id, number);
DROP TABLE movements;

-- Each loan at the end of each day.
ALTER TABLE positions RENAME COLUMN moratorium TO penalty_interest;
ALTER TABLE positions RENAME COLUMN advance TO unapplied;
ALTER TABLE positions RENAME TO daily_positions;
ALTER INDEX positions_pkey RENAME TO daily_positions_pkey;
ALTER INDEX positions_late RENAME TO daily_positions_late;
-- +goose StatementBegin
DO $$
DECLARE
    month TEXT;
BEGIN
    FOR month IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'daily_positions'::regclass LOOP
        EXECUTE format('ALTER TABLE %I RENAME TO %I', month, 'daily_' || month);
    END LOOP;
END $$;
-- +goose StatementEnd

-- Repeated requests are answered from here.
UPDATE idempotency SET answer = convert_to(renamed_allocation(renamed_members(convert_from(answer, 'UTF8'))), 'UTF8'),
    operation = CASE operation WHEN 'reverse_movement' THEN 'reverse_transaction' WHEN 'propose_voucher' THEN 'propose_manual_entry'
        WHEN 'post_voucher' THEN 'post_manual_entry' WHEN 'reject_voucher' THEN 'reject_manual_entry' ELSE operation END;

DROP FUNCTION renamed_members(TEXT), renamed_allocation(TEXT);
ANALYZE loan_versions, loan_transactions;
