-- +goose Up
-- The sums of a day's positions by whose loans they are, which the portfolio page reads. Days
-- past due are those at which a bucket or a portfolio at risk begins.
CREATE TABLE portfolio_owners (
    day       TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    officer   TEXT NOT NULL,
    product   TEXT NOT NULL,
    days_from INTEGER NOT NULL,
    stage     INTEGER NOT NULL,
    loans     INTEGER NOT NULL,
    balance   INTEGER NOT NULL,
    interest  INTEGER NOT NULL,
    provision INTEGER NOT NULL, -- of principal and interest
    PRIMARY KEY (day, branch_id, officer, product, days_from, stage)
) STRICT, WITHOUT ROWID;

INSERT INTO portfolio_owners
    SELECT p.day, l.branch_id, l.officer, p.product,
        CASE WHEN p.days_past_due >= 181 THEN 181 WHEN p.days_past_due >= 121 THEN 121 WHEN p.days_past_due >= 91 THEN 91 WHEN p.days_past_due >= 90 THEN 90
            WHEN p.days_past_due >= 61 THEN 61 WHEN p.days_past_due >= 31 THEN 31 WHEN p.days_past_due >= 8 THEN 8 WHEN p.days_past_due >= 1 THEN 1 ELSE 0 END,
        p.stage, count(*), sum(p.balance), sum(p.interest), sum(p.provision + p.reserve)
    FROM daily_positions p JOIN business_days d ON d.day = p.day AND d.status = 'CLOSED' JOIN loans l ON l.id = p.loan_id
    GROUP BY 1, 2, 3, 4, 5, 6;

-- The money that transactions of loans moved on a closed day.
CREATE TABLE money_days (
    day       TEXT NOT NULL,
    branch_id TEXT NOT NULL,
    officer   TEXT NOT NULL,
    product   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    count     INTEGER NOT NULL,
    amount    INTEGER NOT NULL,
    PRIMARY KEY (day, branch_id, officer, product, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO money_days
    SELECT m.business_date, l.branch_id, l.officer, l.product, m.kind, count(*), sum(CASE WHEN m.kind = 'cancellation' THEN l.amount ELSE m.amount END)
    FROM loan_transactions m JOIN business_days d ON d.day = m.business_date AND d.status = 'CLOSED' JOIN loans l ON l.id = m.loan_id
    WHERE m.amount > 0 OR m.kind = 'cancellation'
    GROUP BY 1, 2, 3, 4, 5;
