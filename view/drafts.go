package view

import (
	"context"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Drafts returns the drafts of a user of a kind, newest first and at most staff.MaxDrafts, from
// the primary database. Refused with Unavailable.
func (v *View) Drafts(ctx context.Context, username, kind string) (all []staff.Draft, err error) {
	err = v.readDrafts(ctx, &all, "username = $1 AND kind = $2 ORDER BY id DESC LIMIT $3", username, kind, staff.MaxDrafts)
	return all, err
}

// Draft returns a draft of a user, from the primary database. Refused with staff.DraftNotFound
// or Unavailable.
func (v *View) Draft(ctx context.Context, username string, draftID id.ID) (staff.Draft, error) {
	var all []staff.Draft
	err := v.readDrafts(ctx, &all, "id = $1 AND username = $2", draftID, username)
	if err == nil && len(all) == 0 {
		err = fault.Refuse(staff.DraftNotFound)
	}
	if err != nil {
		return staff.Draft{}, err
	}
	return all[0], nil
}

func (v *View) readDrafts(ctx context.Context, all *[]staff.Draft, where string, args ...any) error {
	batch := &db.Batch{}
	batch.Before(func() { *all = nil })
	batch.Query(selectDraft+where, func(s db.Scanner) error {
		var d staff.Draft
		err := draftColumns.Scan(s, &d)
		*all = append(*all, d)
		return err
	}, args...)
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	if err := v.db.ReadPrimary(ctx, batch); err != nil {
		return asFault(err)
	}
	return nil
}
