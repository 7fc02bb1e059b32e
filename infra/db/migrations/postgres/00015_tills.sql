-- +goose Up
-- How money comes in and goes out: bank accounts, tills with their sessions, and the method of
-- each transaction of a loan.

-- Accounts of the institution at banks. The first one is the main account: it has the lines of
-- account 1102 that name no other.
CREATE TABLE bank_accounts (
    id         UUID PRIMARY KEY,
    code       TEXT NOT NULL CONSTRAINT "bank_accounts.code" UNIQUE,
    name       TEXT NOT NULL,
    bank       TEXT NOT NULL,
    clabe      TEXT NOT NULL, -- empty if unknown
    overdraft  BOOLEAN NOT NULL, -- whether the balance may be below zero
    closed     BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
INSERT INTO bank_accounts VALUES ('00000000-0000-7000-8000-000000000002', 'principal', 'Cuenta principal', '', '', TRUE, FALSE, '2000-01-01 00:00:00+00');

-- Tills and vaults. The first one is the main vault: it has the lines of account 1101 that name
-- no other.
CREATE TABLE tills (
    id         UUID PRIMARY KEY,
    code       TEXT NOT NULL CONSTRAINT "tills.code" UNIQUE,
    name       TEXT NOT NULL,
    branch_id  UUID NOT NULL REFERENCES branches (id),
    vault_of   UUID CONSTRAINT "tills.vault_of" UNIQUE REFERENCES branches (id), -- the branch whose vault it is
    vault_id   UUID REFERENCES tills (id), -- the vault that supplies it; NULL for a vault
    session_id UUID, -- open session
    teller     TEXT NOT NULL, -- user of the open session, or empty
    closed     BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((session_id IS NULL) = (teller = '') AND (vault_of IS NULL) = (vault_id IS NOT NULL)
        AND (vault_of IS NULL OR session_id IS NULL AND vault_of = branch_id))
);
CREATE UNIQUE INDEX "tills.teller" ON tills (teller) WHERE teller <> '';
CREATE INDEX tills_of_branch ON tills (branch_id);
INSERT INTO tills VALUES ('00000000-0000-7000-8000-000000000003', 'boveda', 'Bóveda', '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000001', NULL, NULL, '', FALSE, '2000-01-01 00:00:00+00');

CREATE TABLE till_sessions (
    id            UUID PRIMARY KEY,
    till_id       UUID NOT NULL REFERENCES tills (id),
    branch_id     UUID NOT NULL REFERENCES branches (id),
    teller        TEXT NOT NULL,
    business_date DATE NOT NULL,
    opened_at     TIMESTAMPTZ NOT NULL,
    opening       BIGINT NOT NULL CHECK (opening >= 0), -- cash taken from the vault
    closed_at     TIMESTAMPTZ NOT NULL,
    closed_on     DATE, -- business date; NULL while it is open
    closed_by     TEXT NOT NULL,
    expected      BIGINT NOT NULL CHECK (expected >= 0), -- cash according to the books when it was closed
    counted       BIGINT NOT NULL CHECK (counted >= 0), -- cash that was there
    CHECK ((closed_on IS NULL) = (closed_by = ''))
);
CREATE INDEX till_sessions_of_till ON till_sessions (till_id, id);
CREATE INDEX till_sessions_open ON till_sessions (id) WHERE closed_on IS NULL;

-- Cash of tills that moved other than by a transaction of a loan.
CREATE TABLE cash_moves (
    id         UUID PRIMARY KEY,
    till_id    UUID NOT NULL REFERENCES tills (id),
    session_id UUID NOT NULL REFERENCES till_sessions (id),
    kind       TEXT NOT NULL, -- opening, cash_in, cash_out, from_vault, to_vault, overage, shortage, closing
    amount     BIGINT NOT NULL CHECK (amount > 0),
    reason     TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    actor      TEXT NOT NULL,
    entry_id   UUID NOT NULL
);
CREATE INDEX cash_moves_of_session ON cash_moves (session_id, id);

-- Counts of the cash in a till by denomination.
CREATE TABLE till_counts (
    id         UUID PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES till_sessions (id),
    expected   BIGINT NOT NULL,
    counted    BIGINT NOT NULL,
    sheet      TEXT NOT NULL, -- JSON: number of notes and coins by denomination
    at         TIMESTAMPTZ NOT NULL,
    actor      TEXT NOT NULL
);
CREATE INDEX till_counts_of_session ON till_counts (session_id, id);

-- Money moved between vaults, bank accounts and what others owe: from one place to another.
CREATE TABLE fund_transfers (
    id           UUID PRIMARY KEY,
    from_account TEXT NOT NULL,
    from_place   UUID NOT NULL,
    to_account   TEXT NOT NULL,
    to_place     UUID NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount > 0),
    reference    TEXT NOT NULL,
    reason       TEXT NOT NULL,
    at           TIMESTAMPTZ NOT NULL,
    actor        TEXT NOT NULL,
    entry_id     UUID NOT NULL
);

-- Days whose close a manager forced although tills were open.
CREATE TABLE forced_closes (
    day    DATE CONSTRAINT "forced_closes.day" PRIMARY KEY,
    reason TEXT NOT NULL,
    tills  TEXT NOT NULL, -- codes, separated by commas
    at     TIMESTAMPTZ NOT NULL,
    actor  TEXT NOT NULL
);

-- The lines of the journal that name a till, a vault or a bank account, and those of 1101 that
-- name none and so belong to the main vault. Amounts are net for an entry: debits less credits.
CREATE TABLE place_lines (
    subject       UUID NOT NULL,
    account       TEXT NOT NULL,
    business_date DATE NOT NULL,
    entry_id      UUID NOT NULL,
    amount        BIGINT NOT NULL,
    PRIMARY KEY (subject, account, business_date, entry_id) INCLUDE (amount)
);
INSERT INTO place_lines SELECT '00000000-0000-7000-8000-000000000003'::UUID, a.account, a.business_date, a.entry_id, sum(p.amount)
    FROM journal_accounts a JOIN posted p ON p.entry_id = a.entry_id AND p.account = a.account WHERE a.account = '1101'
    GROUP BY a.account, a.business_date, a.entry_id;
CREATE INDEX place_lines_of_account ON place_lines (account) INCLUDE (amount);
CREATE TRIGGER place_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON place_lines EXECUTE FUNCTION refuse_change();

-- Empty: no money moved, or it moved as a transfer on the main account. These columns have no
-- foreign keys, because each payment would then lock the row of its till and branch.
ALTER TABLE loan_transactions
    ADD COLUMN method TEXT NOT NULL DEFAULT '',
    ADD COLUMN reference TEXT NOT NULL DEFAULT '',
    ADD COLUMN till_id UUID,
    ADD COLUMN bank_account_id UUID,
    ADD COLUMN branch_id UUID;
