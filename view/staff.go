package view

import (
	"context"

	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Users returns all users by name, without the password hashes. Refused with access.Forbidden.
func (v *View) Users(ctx context.Context, by By) (all []staff.User, err error) {
	if err := by.may(staff.Read); err != nil {
		return nil, err
	}
	batch := &db.Batch{}
	batch.Query(selectUser+"username > '' ORDER BY username", func(s db.Scanner) error {
		var u staff.User
		err := userColumns.Scan(s, &u)
		u.Password = ""
		all = append(all, u)
		return err
	})
	err = v.ask(ctx, by.Need, batch, func() { all = []staff.User{} })
	return all, err
}

// Branches returns all branches by code. Refused with access.Forbidden.
func (v *View) Branches(ctx context.Context, by By) (all []staff.Branch, err error) {
	if err := by.may(staff.Read); err != nil {
		return nil, err
	}
	batch := &db.Batch{}
	batch.Query("SELECT "+branchColumns.List("")+" FROM branches ORDER BY code", func(s db.Scanner) error {
		var o staff.Branch
		err := branchColumns.Scan(s, &o)
		all = append(all, o)
		return err
	})
	err = v.ask(ctx, by.Need, batch, func() { all = []staff.Branch{} })
	return all, err
}

// ClientsOf returns a page of the clients of an officer in the reader's scope, in id order.
// Refused with access.Forbidden.
func (v *View) ClientsOf(ctx context.Context, by By, officer string, part Paging) (all []id.ID, err error) {
	if err := by.may(client.Assign); err != nil {
		return nil, err
	}
	if !storable(officer) || officer == "" {
		return nil, nil
	}
	args := []any{officer, after(part.After), part.Limit}
	batch := &db.Batch{}
	batch.Query("SELECT c.id FROM clients c WHERE c.officer = $1 AND c.id > $2"+by.within(client.Assign, "c", &args)+" ORDER BY c.id LIMIT $3", func(s db.Scanner) error {
		var x id.ID
		err := s.Scan(&x)
		all = append(all, x)
		return err
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// OpenBranch returns the id of an open branch that is named by its code or id, or the zero id. It
// reads the primary, so that it finds a branch that was added a moment ago.
func (v *View) OpenBranch(ctx context.Context, name string) (found id.ID, err error) {
	if !storable(name) {
		return found, nil
	}
	named, _ := id.Parse(name)
	batch := &db.Batch{}
	batch.Query("SELECT id FROM branches WHERE (code = $1 OR id = $2) AND NOT closed", func(s db.Scanner) error { return s.Scan(&found) }, name, named)
	return found, v.db.ReadPrimary(ctx, batch)
}
