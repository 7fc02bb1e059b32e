package access

import (
	"testing"
)

func TestRolesIsACopy(t *testing.T) {
	Roles()[0] = Teller
	if got := Roles()[0]; got != Admin {
		t.Errorf("Roles()[0] = %q after a caller changed the list, want %q", got, Admin)
	}
}
