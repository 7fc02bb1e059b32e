package access

import (
	"strings"
	"testing"
)

func TestRolesIsACopy(t *testing.T) {
	Roles()[0] = Teller
	if got := Roles()[0]; got != Admin {
		t.Errorf("Roles()[0] = %q after a caller changed the list, want %q", got, Admin)
	}
}

func TestParseRole(t *testing.T) {
	for _, role := range Roles() {
		if got, err := ParseRole(string(role)); err != nil || got != role {
			t.Errorf("ParseRole(%q) = %q, %v", role, got, err)
		}
	}
	for _, name := range []string{"", "Admin", " admin", "root"} {
		if _, err := ParseRole(name); err == nil || !strings.Contains(err.Error(), "admin, officer, teller, accountant, auditor") {
			t.Errorf("ParseRole(%q): %v", name, err)
		}
	}
}
