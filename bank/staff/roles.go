package staff

import (
	"encoding/json"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// storedRole is the stored row of a role.
type storedRole struct {
	staff.Role
	ChangedAt time.Time

	permissions, limits string
}

// Roles is the table of the roles that the institution changed or made.
var Roles = bank.Declare(bank.Table[string, storedRole]{
	Name: "roles", Rank: 201,
	Columns: db.Columns[storedRole]{
		db.TextField("name", func(r *storedRole) *access.Role { return &r.Name }),
		db.TextField("title", func(r *storedRole) *string { return &r.Title }),
		db.TextField("permissions", func(r *storedRole) *string { return &r.permissions }),
		db.TextField("scope", func(r *storedRole) *staff.Scope { return &r.Scope }),
		db.TextField("limits", func(r *storedRole) *string { return &r.limits }),
		db.TimeField("changed_at", func(r *storedRole) *time.Time { return &r.ChangedAt }),
	},
	Of:      func(r *storedRole) string { return string(r.Name) },
	Compare: strings.Compare,
	Read:    func(r *storedRole) error { return r.Parse(r.permissions, r.limits) },
	Write: func(r *storedRole) {
		r.permissions, r.limits = text(r.Permissions), text(r.Limits)
	},
})

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // permissions and limits are texts and numbers
	}
	return string(b)
}

var roleByName = bank.DeclareLookup(bank.Lookup[string, storedRole, string]{Table: Roles, Column: "name", Lock: true})

// roleOf returns a requested role: the stored one, or the built-in one.
func roleOf(b *bank.Book, name access.Role) (staff.Role, bool) {
	if r := Roles.At(b, string(name)); r != nil {
		return r.Role, true
	}
	return nouns.Role(name)
}
