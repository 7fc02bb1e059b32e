-- +goose Up
-- The late loans of a day, the latest first: about a tenth of its positions.
CREATE INDEX positions_late ON positions (day, days_past_due DESC, loan_id) WHERE days_past_due > 0;
