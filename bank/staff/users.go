// Package staff has the verbs for users, roles and branches, and their tables.
package staff

import (
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Users is the table of users.
var Users = bank.Declare(bank.Table[string, staff.User]{
	Name: "users", Rank: 200,
	Columns: db.Columns[staff.User]{
		db.TextField("username", func(u *staff.User) *string { return &u.Username }),
		db.IDField("id", func(u *staff.User) *id.ID { return &u.ID }),
		db.TextField("kind", func(u *staff.User) *staff.Kind { return &u.Kind }),
		db.TextField("password", func(u *staff.User) *string { return &u.Password }),
		db.TextField("full_name", func(u *staff.User) *string { return &u.FullName }),
		db.TextField("role", func(u *staff.User) *string { return &u.Role }),
		db.IDField("branch_id", func(u *staff.User) *id.ID { return &u.BranchID }),
		db.BoolField("disabled", func(u *staff.User) *bool { return &u.Disabled }),
		db.TimeField("created_at", func(u *staff.User) *time.Time { return &u.CreatedAt }),
		db.TimeField("password_at", func(u *staff.User) *time.Time { return &u.PasswordAt }),
		db.TextField("password_by", func(u *staff.User) *string { return &u.PasswordBy }),
		db.TextField("language", func(u *staff.User) *string { return &u.Preferences.Language }),
		db.TextField("theme", func(u *staff.User) *string { return (*string)(&u.Preferences.Theme) }),
		db.BoolField("roomy", func(u *staff.User) *bool { return &u.Preferences.Roomy }),
		db.BoolField("no_keys", func(u *staff.User) *bool { return &u.Preferences.NoKeys }),
	},
	Fixed:   []string{"id", "kind", "created_at"},
	Unique:  map[string]fault.Code{"username": staff.NameTaken},
	Of:      func(u *staff.User) string { return u.Username },
	Compare: strings.Compare,
})

var userByName = bank.DeclareLookup(bank.Lookup[string, staff.User, string]{Table: Users, Column: "username", Lock: true})

// officerByName finds a user, without a lock: assignments to an officer do not wait for each
// other.
var officerByName = bank.DeclareLookup(bank.Lookup[string, staff.User, string]{Table: Users, Column: "username"})

// usersOfRole finds the users with a role.
var usersOfRole = bank.DeclareLookup(bank.Lookup[string, staff.User, string]{Table: Users, Column: "role", Lock: true})

// leavesAdmin refuses a change of an administrator after which none could log in. The
// administrators must have been requested.
func leavesAdmin(b *bank.Book, before staff.User) error {
	if access.Role(before.Role) != access.Admin || before.Disabled || before.Kind == staff.Service {
		return nil
	}
	for u := range Users.All(b) {
		if access.Role(u.Role) == access.Admin && !u.Disabled && u.Kind != staff.Service {
			return nil
		}
	}
	return fault.Refuse(staff.LastAdmin)
}

// findPerson returns a requested user who is not a service account.
func findPerson(b *bank.Book, username string) (staff.User, error) {
	u, err := find(b, username)
	if err == nil && u.Kind == staff.Service {
		err = fault.Refuse(staff.NotForService)
	}
	return u, err
}

// find returns a requested user, or staff.NotFound.
func find(b *bank.Book, username string) (staff.User, error) {
	if u, found := Users.Get(b, username); found {
		return u, nil
	}
	return staff.User{}, fault.Refuse(staff.NotFound)
}
