package settlement_test

import (
	"testing"

	"sofipo/core/settlement"
	"sofipo/test/random"
)

func TestReference(t *testing.T) {
	r := settlement.ReferenceOf(settlement.ByTransfer, 1234567)
	if want := settlement.Reference("10000123456736"); r != want {
		t.Errorf("got %s, want %s", r, want)
	}
	if got, want := r.Printed(), "1000 0123 4567 36"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, wrong := range []settlement.Reference{"", "1", "10000123456737", "00000123456739", "100001234567360", "1000012345678a", "10000000000085"} {
		if wrong.Valid() {
			t.Errorf("%q: got a valid reference, want an invalid one", wrong)
		}
	}
}

// TestCheckDigits: a reference with one wrong digit or two exchanged neighbours is invalid.
func TestCheckDigits(t *testing.T) {
	dice := random.New(t, 97)
	for range random.Times(t, 2000) {
		channel := []settlement.Channel{settlement.ByTransfer, settlement.ByShop}[dice.IntN(2)]
		number := 1 + dice.Int64N(settlement.MaxReferenced)
		r := settlement.ReferenceOf(channel, number)
		if !r.Valid() || r.Number() != number || r.Channel() != channel {
			t.Fatalf("%s: got valid %v, channel %c, number %d, want true, %c, %d", r, r.Valid(), r.Channel(), r.Number(), channel, number)
		}
		for i := range r {
			for digit := byte('0'); digit <= '9'; digit++ {
				if changed := r[:i] + settlement.Reference(digit) + r[i+1:]; changed != r && changed.Valid() {
					t.Fatalf("%s: got a valid reference, want an invalid one: it is %s with another digit", changed, r)
				}
			}
			if i > 0 && r[i-1] != r[i] {
				if changed := r[:i-1] + r[i:i+1] + r[i-1:i] + r[i+1:]; changed.Valid() {
					t.Fatalf("%s: got a valid reference, want an invalid one: it is %s with two digits exchanged", changed, r)
				}
			}
		}
	}
}

func TestFindReference(t *testing.T) {
	r, other := settlement.ReferenceOf(settlement.ByTransfer, 1234567), settlement.ReferenceOf(settlement.ByShop, 42)
	for text, want := range map[string]settlement.Reference{
		string(r):                              r,
		"PAGO CREDITO " + string(r) + " ENERO": r,
		"PAGO " + r.Printed() + " JUAN":        r,
		"ref:" + string(r) + "/1":              r,
		"1000-0123-4567-36":                    r,
		string(r) + " 0000123":                 r,
		string(r) + " " + string(r):            r,
		string(other):                          other,
		string(r) + "," + string(other):        "",
		"9" + string(r):                        "",
		"1000  0123 4567 36":                   "",
		"PAGO DE PRESTAMO":                     "",
		"":                                     "",
		"10000123456763":                       "",
	} {
		if got, _ := settlement.FindReference(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if _, wrong := settlement.FindReference("PAGO 10000123456763"); !wrong {
		t.Error("exchanged digits: got no reference, want a wrong one")
	}
	if _, wrong := settlement.FindReference("PAGO 12345"); wrong {
		t.Error("a short number: got a wrong reference, want none")
	}
}
