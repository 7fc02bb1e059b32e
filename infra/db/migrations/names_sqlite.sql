-- Clients are found by name, and lists of clients, loans and payments by their columns.

ALTER TABLE clients ADD COLUMN names TEXT NOT NULL DEFAULT ''; -- full_name in the form of names.Plain

-- Every word of a name, with the first client who has it. Words stay when names change.
CREATE TABLE name_words (
    word      TEXT NOT NULL,
    client_id TEXT NOT NULL,
    PRIMARY KEY (word, client_id)
) STRICT, WITHOUT ROWID;

-- The words of the names, by the clients' numbers.
CREATE VIRTUAL TABLE client_names USING fts5 (names, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3');

-- +fill clients.names

INSERT INTO name_words SELECT w.value, min(c.id) FROM clients c, json_each('["' || replace(c.names, ' ', '","') || '"]') w WHERE c.names <> '' GROUP BY w.value;
INSERT INTO client_names (rowid, names) SELECT number, names FROM clients;

CREATE TRIGGER clients_named AFTER INSERT ON clients BEGIN
    INSERT INTO client_names (rowid, names) VALUES (NEW.number, NEW.names);
    INSERT OR IGNORE INTO name_words SELECT w.value, NEW.id FROM json_each('["' || replace(NEW.names, ' ', '","') || '"]') w
        WHERE NEW.names <> '' AND NOT EXISTS (SELECT 1 FROM name_words k WHERE k.word = w.value);
END;
CREATE TRIGGER clients_renamed AFTER UPDATE OF names ON clients WHEN OLD.names <> NEW.names BEGIN
    UPDATE client_names SET names = NEW.names WHERE rowid = NEW.number;
    INSERT OR IGNORE INTO name_words SELECT w.value, NEW.id FROM json_each('["' || replace(NEW.names, ' ', '","') || '"]') w
        WHERE NEW.names <> '' AND NOT EXISTS (SELECT 1 FROM name_words k WHERE k.word = w.value);
END;
CREATE TRIGGER clients_removed AFTER DELETE ON clients BEGIN
    DELETE FROM client_names WHERE rowid = OLD.number;
END;

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
