-- Clients are found by name, and lists of clients, loans and payments by their columns.

-- Wait for open transactions of older programs, and block all others until the end.
LOCK TABLE clients, loans, loan_transactions IN ACCESS EXCLUSIVE MODE;

SET LOCAL enable_seqscan = on;
SET LOCAL work_mem = '64MB';
SET LOCAL maintenance_work_mem = '256MB';

ALTER TABLE clients ADD COLUMN names TEXT COLLATE "C" NOT NULL DEFAULT ''; -- full_name in the form of names.Plain

-- Every word of a name, with the first client who has it. Words stay when names change.
CREATE TABLE name_words (
    word      TEXT COLLATE "C" NOT NULL,
    client_id UUID NOT NULL,
    PRIMARY KEY (word, client_id)
);

-- +fill clients.names

INSERT INTO name_words SELECT DISTINCT ON (w.word) w.word, c.id FROM clients c, unnest(string_to_array(c.names, ' ')) AS w (word) ORDER BY w.word, c.id;

CREATE FUNCTION note_name_words() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO name_words SELECT DISTINCT w.word, NEW.id FROM unnest(string_to_array(NEW.names, ' ')) AS w (word)
        WHERE NOT EXISTS (SELECT 1 FROM name_words k WHERE k.word = w.word) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER clients_named AFTER INSERT ON clients FOR EACH ROW EXECUTE FUNCTION note_name_words();
CREATE TRIGGER clients_renamed AFTER UPDATE OF names ON clients FOR EACH ROW WHEN (OLD.names <> NEW.names) EXECUTE FUNCTION note_name_words();

-- The words of a name with whose client it is: see client_words in package view.
CREATE INDEX clients_by_words ON clients USING gin (array_to_tsvector(string_to_array(names, ' ') || ARRAY[branch_id::text, '@' || officer])) WITH (fastupdate = off);
CREATE INDEX clients_by_name ON clients (names, id);
CREATE INDEX clients_by_time ON clients (created_at, id);
CREATE INDEX clients_by_branch ON clients (branch_id, created_at, id);

CREATE INDEX loans_by_time ON loans (granted_at, id);
CREATE INDEX loans_by_status ON loans (status, granted_at, id);
CREATE INDEX loans_by_officer ON loans (officer, granted_at, id) WHERE officer <> '';
CREATE INDEX loans_by_branch ON loans (branch_id, granted_at, id);
CREATE INDEX loans_by_product ON loans (product, granted_at, id);
CREATE INDEX loans_by_amount ON loans (amount, id);
CREATE INDEX loans_by_product_amount ON loans (product, amount, id);
CREATE INDEX loans_not_disbursed ON loans (granted_at, id) WHERE opened IS NULL;

CREATE INDEX loan_transactions_paid ON loan_transactions (business_date, id) WHERE kind IN ('payment', 'prepayment', 'advance', 'recovery');
CREATE INDEX loan_transactions_by_till ON loan_transactions (till_id, business_date, id) WHERE till_id IS NOT NULL;
CREATE INDEX loan_transactions_by_reference ON loan_transactions (reference, id) WHERE reference <> '';
ANALYZE clients, name_words, loans, loan_transactions;
