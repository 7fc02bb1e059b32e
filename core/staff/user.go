// Package staff holds the rules of those who work with the system.
package staff

import (
	"regexp"
	"time"

	"sofipo/core/fault"
	"sofipo/core/id"
)

// User is someone who may ask for a token.
type User struct {
	ID        id.ID     `json:"id"`
	Username  string    `json:"username"`
	Password  string    `json:"-"` // a hash in PHC form, never the password
	Role      string    `json:"role"`
	Disabled  bool      `json:"disabled"`
	CreatedAt time.Time `json:"created_at"`

	PasswordAt time.Time `json:"-"` // tokens issued before it are void
}

// CommandLine is who acts when an operator uses the program itself.
const CommandLine = "command-line"

var name = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)

// CheckName refuses a user name that is not 2 to 64 lower-case letters, digits
// and . _ @ - , beginning with a letter or digit.
func CheckName(username string) error {
	if username == CommandLine {
		return fault.Wrong(fault.At("username", NameReserved))
	}
	if !name.MatchString(username) {
		return fault.Wrong(fault.At("username", NameForm))
	}
	return nil
}
