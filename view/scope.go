package view

import (
	"context"
	"fmt"

	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/nouns"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Whose row a question is about, in SQL: $1 is the key, $2 the reader.
const (
	clientByRFC = "SELECT branch_id, officer, EXISTS (SELECT 1 FROM loan_collectors k WHERE k.client_id = c.id AND k.collector = $2) AS assigned FROM clients c WHERE rfc = $1"
	clientByID  = "SELECT branch_id, officer, EXISTS (SELECT 1 FROM loan_collectors k WHERE k.client_id = c.id AND k.collector = $2) AS assigned FROM clients c WHERE id = $1"
	loanByID    = "SELECT branch_id, officer, EXISTS (SELECT 1 FROM loan_collectors k WHERE k.client_id = l.client_id AND k.collector = $2) AS assigned FROM loans l WHERE id = $1"
	requestByID = "SELECT branch_id, filed_by AS officer, filed_by = $2 AS assigned FROM requests WHERE id = $1"
)

// own has the conditions, by the alias of a table, that a row is a user's own. Clients and loans
// are those of the officer, and those of the clients of whom the user collects a loan.
var own = map[string]string{
	"c": "(c.officer = $%[1]d OR c.id IN (SELECT k.client_id FROM loan_collectors k WHERE k.collector = $%[1]d))",
	"l": "(l.officer = $%[1]d OR l.client_id IN (SELECT k.client_id FROM loan_collectors k WHERE k.collector = $%[1]d))",
	"r": "r.filed_by = $%[1]d",
}

// everywhere reports whether the reader sees all clients, loans and tills in answers that need
// the permission.
func (by By) everywhere(p access.Permission) bool {
	return by.System || by.Open && nouns.Open(p) || by.Who.Role.Scope == staff.All
}

// within returns a condition, with the AND before it, that keeps the rows in the reader's scope,
// and appends its argument. The alias is c for clients, l for loans or r for requests. The
// condition is empty if the reader sees all.
func (by By) within(p access.Permission, alias string, args *[]any) string {
	if by.everywhere(p) {
		return ""
	}
	if by.Who.Role.Scope == staff.OfBranch {
		*args = append(*args, by.Who.User.BranchID)
		return fmt.Sprintf(" AND %s.branch_id = $%d", alias, len(*args))
	}
	*args = append(*args, by.Who.User.Username)
	return fmt.Sprintf(" AND "+own[alias], len(*args))
}

// owner says whose loans are meant: those of an officer, those of the clients with a loan that is
// assigned to a collector, both, or those of a branch. The zero owner is the institution.
type owner struct {
	officer   string // user name
	collector string // user name
	branch    id.ID
}

// owner returns whose loans the reader sees in answers that need the permission.
func (by By) owner(p access.Permission) owner {
	switch user := by.Who.User; {
	case by.everywhere(p):
		return owner{}
	case by.Who.Role.Scope == staff.OfBranch:
		return owner{branch: user.BranchID}
	default:
		return owner{officer: user.Username, collector: user.Username}
	}
}

// mostFew is the number of loans up to which it is quicker to read them all than to search for
// them in the order of a list. Tests change it.
var mostFew = 10_000

// fewLoans are the loans of an owner, whatever their state, if they are at most mostFew.
type fewLoans struct {
	ids   []id.ID
	known bool // false if the owner is the institution or has more loans
}

// among returns a condition, with the AND before it, that lets PostgreSQL find the rows by the
// ids of the loans, and appends its argument. It is empty if the loans are not few.
func (f fewLoans) among(column string, args *[]any) string {
	if !f.known {
		return ""
	}
	*args = append(*args, f.ids)
	return fmt.Sprintf(" AND %s = ANY($%d::uuid[])", column, len(*args))
}

// fewLoans reads the loans of an owner if they are few.
func (v *View) fewLoans(ctx context.Context, need uint64, of owner) (few fewLoans, err error) {
	if of == (owner{}) {
		return few, nil
	}
	batch := &db.Batch{}
	// The order is that of an index: PostgreSQL would read the whole table for a limit alone.
	batch.Query(`SELECT id FROM (SELECT l.id FROM loans l WHERE l.officer = $1 AND l.officer <> '' ORDER BY l.officer, l.amount, l.id LIMIT $4) o
		UNION SELECT id FROM (SELECT l.id FROM loans l WHERE l.branch_id = $3 ORDER BY l.branch_id, l.amount, l.id LIMIT $4) b
		UNION SELECT id FROM (SELECT l.id FROM loan_collectors k JOIN loans l ON l.client_id = k.client_id WHERE k.collector = $2 AND k.collector <> '' LIMIT $4) c
		LIMIT $4`, func(s db.Scanner) error {
		var one id.ID
		err := s.Scan(&one)
		few.ids = append(few.ids, one)
		return err
	}, of.officer, of.collector, of.branch, int64(mostFew+1))
	err = v.ask(ctx, need, batch, func() { few.ids = nil })
	few.known = len(few.ids) <= mostFew
	return few, err
}

// ofBranch returns a condition like within, for tills (alias t) and sessions of tills (alias s).
// A till belongs to a branch and has no officer, so a role with scope over own clients sees the
// tills of its branch. All users see the till that they have open themselves.
func (by By) ofBranch(alias string, args *[]any) string {
	if by.everywhere(settlement.Read) {
		return ""
	}
	*args = append(*args, by.Who.User.BranchID, by.Who.User.Username)
	return fmt.Sprintf(" AND (%[1]s.branch_id = $%[2]d OR %[1]s.teller = $%[3]d)", alias, len(*args)-1, len(*args))
}

// covers refuses a question about a row outside the reader's scope with
// staff.OutOfScope. The query finds the owners; without any, the question itself says that
// there is nothing.
func (v *View) covers(ctx context.Context, by By, p access.Permission, owners string, key any) error {
	if by.everywhere(p) {
		return nil
	}
	var refusal error
	batch := &db.Batch{}
	batch.Query("SELECT o.branch_id, o.officer, o.assigned, coalesce(b.code || ' ' || b.name, '') FROM ("+owners+") o LEFT JOIN branches b ON b.id = o.branch_id", func(s db.Scanner) error {
		var o staff.Owner
		var branch string
		if err := s.Scan(&o.BranchID, &o.Officer, &o.Assigned, &branch); err != nil {
			return err
		}
		if err := by.Who.Covers(o, func(id.ID) string { return branch }); err != nil {
			refusal = err
		}
		return nil
	}, key, by.Who.User.Username)
	if err := v.ask(ctx, by.Need, batch, func() { refusal = nil }); err != nil {
		return err
	}
	return refusal
}
