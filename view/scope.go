package view

import (
	"context"
	"fmt"

	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Whose rows a question is about, in SQL: $1 is the key.
const (
	clientByRFC = "SELECT branch_id, officer FROM clients WHERE rfc = $1"
	clientByID  = "SELECT branch_id, officer FROM clients WHERE id = $1"
	loanByID    = "SELECT branch_id, officer FROM loans WHERE id = $1"
)

// everywhere reports whether the reader sees all clients and loans in answers that need the
// permission.
func (by By) everywhere(p access.Permission) bool {
	return by.System || by.Open && nouns.Open(p) || by.Who.Role.Scope == staff.All
}

// within returns a condition, with the AND before it, that keeps the clients or loans in the
// reader's scope, and appends its argument. The alias is that of a table with branch_id and
// officer. The condition is empty if the reader sees all.
func (by By) within(p access.Permission, alias string, args *[]any) string {
	if by.everywhere(p) {
		return ""
	}
	column, value := "officer", any(by.Who.User.Username)
	if by.Who.Role.Scope == staff.OfBranch {
		column, value = "branch_id", by.Who.User.BranchID
	}
	*args = append(*args, value)
	return fmt.Sprintf(" AND %s.%s = $%d", alias, column, len(*args))
}

// covers refuses a question about a client or a loan outside the reader's scope with
// staff.OutOfScope. The query finds the owners; without any, the question itself says that
// there is nothing.
func (v *View) covers(ctx context.Context, by By, p access.Permission, owners string, key any) error {
	if by.everywhere(p) {
		return nil
	}
	var refusal error
	batch := &db.Batch{}
	batch.Query("SELECT o.branch_id, o.officer, coalesce(b.code || ' ' || b.name, '') FROM ("+owners+") o LEFT JOIN branches b ON b.id = o.branch_id", func(s db.Scanner) error {
		var o staff.Owner
		var branch string
		if err := s.Scan(&o.BranchID, &o.Officer, &branch); err != nil {
			return err
		}
		if err := by.Who.Covers(o, func(id.ID) string { return branch }); err != nil {
			refusal = err
		}
		return nil
	}, key)
	if err := v.ask(ctx, by.Need, batch, func() { refusal = nil }); err != nil {
		return err
	}
	return refusal
}
