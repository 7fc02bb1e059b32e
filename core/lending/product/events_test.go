package product

import "testing"

// TestSubject pins the id of a product in the books and in events.
func TestSubject(t *testing.T) {
	const want = "f180e9dd-70f0-839b-aab4-de7e83ae00db" // SHA-256 of "product:seed"
	code := Seed().Code
	if got := Subject(code); got.String() != want {
		t.Errorf("Subject(%q) = %s, want %s", code, got, want)
	}
	if Subject("a") == Subject("b") {
		t.Error("got the same subject for two products, want one for each")
	}
}
