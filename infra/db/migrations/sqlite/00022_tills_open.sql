-- +goose Up
-- The business date of the session that is open at a till; NULL if none is open.
ALTER TABLE tills ADD COLUMN opened_on TEXT;
UPDATE tills SET opened_on = (SELECT s.business_date FROM till_sessions s WHERE s.id = tills.session_id) WHERE session_id IS NOT NULL;

-- Transfers that name no account are on the main account.
ALTER TABLE institution DROP COLUMN bank_account_id;
