package staff

import (
	"slices"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

// ChangePreferences says how the actor wants the console. Refused with Invalid or
// staff.NotFound.
type ChangePreferences struct {
	Username string
	staff.Preferences
}

// Name returns the operation's name.
func (ChangePreferences) Name() string { return "change_preferences" }

// Permission returns the permission that the actor's role must have.
func (ChangePreferences) Permission() access.Permission { return access.Own }

// Check validates the language and the theme.
func (c ChangePreferences) Check(bank.Rules) error {
	var f fault.Flaws
	if accepted := []string{"es", "en"}; !slices.Contains(accepted, c.Language) {
		f.Add(fault.At("language", fault.OneOf, "accepted", accepted))
	}
	if accepted := []staff.Theme{staff.Light, staff.Dark}; c.Theme != "" && !slices.Contains(accepted, c.Theme) {
		f.Add(fault.At("theme", fault.OneOf, "accepted", accepted))
	}
	return f.Err()
}

// Needs requests the user.
func (c ChangePreferences) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide stages the change.
func (c ChangePreferences) Decide(b *bank.Book) (staff.User, error) {
	found, err := find(b, c.Username)
	if err != nil || found.Username != b.Actor() {
		return staff.User{}, fault.Refuse(staff.NotFound)
	}
	found.Preferences = c.Preferences
	Users.Change(b, found)
	b.Subject(found.ID)
	return found, nil
}
