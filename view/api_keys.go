package view

import (
	"context"

	staffing "sofipo/bank/staff"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// APIKeys returns the API keys of a service account, the newest first. Refused with
// access.Forbidden or staff.NotFound.
func (v *View) APIKeys(ctx context.Context, by By, username string) (all []staff.APIKey, err error) {
	if err := by.may(staff.Read); err != nil {
		return nil, err
	}
	if _, err := v.User(ctx, username); err != nil {
		return nil, err
	}
	columns, batch := staffing.APIKeys.Columns, &db.Batch{}
	batch.Query("SELECT "+columns.List("")+" FROM api_keys WHERE username = $1 ORDER BY id DESC", func(s db.Scanner) error {
		var k staffing.StoredKey
		if err := columns.Scan(s, &k); err != nil {
			return err
		}
		err := k.Read()
		all = append(all, k.APIKey)
		return err
	}, username)
	err = v.ask(ctx, by.Need, batch, func() { all = []staff.APIKey{} })
	return all, err
}
