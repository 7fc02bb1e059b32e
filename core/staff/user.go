// Package staff has the users of the system: the employees who log in. It has the rules
// for user names, and declares the permissions, refusals and events of users. The roles
// are in core/access.
package staff

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// Kind is what a user is.
type Kind string

// The kinds. A service account has no password; programs act as it with API keys.
const (
	Person  Kind = "person"
	Service Kind = "service"
)

// User is a person or a program.
type User struct {
	ID        id.ID     `json:"id"`
	Username  string    `json:"username"`
	Kind      Kind      `json:"kind"`
	Password  string    `json:"-"` // hash in PHC format, never the password itself
	FullName  string    `json:"full_name"`
	Role      string    `json:"role"`
	BranchID  id.ID     `json:"branch_id"`
	Disabled  bool      `json:"disabled"`
	CreatedAt time.Time `json:"created_at"`

	PasswordAt time.Time `json:"-"` // tokens issued before this moment are invalid
	PasswordBy string    `json:"-"` // who set the password or removed the second factor, if somebody else; several with blanks between them

	Preferences Preferences `json:"-"` // of the console
}

// Makers returns who set the password or removed the second factor since the user last chose the
// password: none of them may enable the user.
func (u User) Makers() []string { return strings.Fields(u.PasswordBy) }

// AddMaker adds a user to the makers.
func (u *User) AddMaker(username string) {
	if all := u.Makers(); !slices.Contains(all, username) {
		u.PasswordBy = strings.Join(append(all, username), " ")
	}
}

// CommandLine is the actor of commands that an operator runs at the command line.
const CommandLine = "command-line"

var name = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)

// CheckFullName refuses a name of a person that is too long or that documents cannot show.
func CheckFullName(name string) error {
	var f fault.Flaws
	checkText(&f, "full_name", name, MaxName)
	return f.Err()
}

// AppendJSON adds the user as JSON, without the password.
func (u User) AppendJSON(b []byte) []byte { return wire.JSON(b, u) }

// CheckName refuses a user name unless it has 2 to 64 lower-case letters, digits and
// . _ @ - and begins with a letter or digit. CommandLine is reserved.
func CheckName(username string) error {
	if username == CommandLine {
		return fault.Wrong(fault.At("username", NameReserved))
	}
	if !name.MatchString(username) {
		return fault.Wrong(fault.At("username", NameForm))
	}
	return nil
}
