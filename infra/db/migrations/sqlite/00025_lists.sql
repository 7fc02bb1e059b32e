-- +goose Up
-- Loans of an officer and of a branch by amount. Payments do not change these columns.
CREATE INDEX loans_by_officer_amount ON loans (officer, amount, id) WHERE officer <> '';
CREATE INDEX loans_by_branch_amount ON loans (branch_id, amount, id);
