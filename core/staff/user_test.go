package staff

import (
	"encoding/json"
	"strings"
	"testing"

	"sofipo/core/fault"
)

func TestCheckName(t *testing.T) {
	for _, name := range []string{"admin", "a1", "7z", "ana.lopez@example.com", "x_-", strings.Repeat("a", 64)} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", "a", "Admin", ".admin", "-a", "_a", "@a", "a b", "admin\n", "a\x00b", "ñandu", "año", strings.Repeat("a", 65)} {
		if err := CheckName(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: got %v, want %v", name, err, fault.Invalid)
		}
	}
}

func TestNoPasswordInJSON(t *testing.T) {
	if b, err := json.Marshal(User{Username: "ana", Password: "$argon2id$secret"}); err != nil || strings.Contains(string(b), "argon") {
		t.Errorf("got %s, %v, want no password hash", b, err)
	}
}
