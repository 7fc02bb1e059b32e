package mx

import (
	"slices"
	"strings"
	"testing"
)

func TestCLABEVectors(t *testing.T) {
	wantCount(t, "valid", len(vectors.CLABE.Valid), 18)
	wantCount(t, "invalid", len(vectors.CLABE.Invalid), 10)
	for _, v := range vectors.CLABE.Valid {
		c, err := ParseCLABE(v.Value)
		if err != nil || c.Bank() != v.Bank || c.Plaza() != v.Plaza || c.Account() != v.Account {
			t.Errorf("ParseCLABE(%s): got %s %s %s, %v, want bank %v, plaza %v, account %v", v.Value, c.Bank(), c.Plaza(), c.Account(), err, v.Bank, v.Plaza, v.Account)
		}
		if got := string(rune(clabeDigit(v.Value[:17]))); got != v.Digit {
			t.Errorf("check digit of %s: got %s, want %s", v.Value, got, v.Digit)
		}
		if made, err := NewCLABE(v.Bank, v.Plaza, v.Account); err != nil || made != c {
			t.Errorf("NewCLABE(%s, %s, %s) = %s, %v, want %s", v.Bank, v.Plaza, v.Account, made, err, c)
		}
	}
	for _, v := range vectors.CLABE.Invalid {
		if c, err := ParseCLABE(v.Value); (err == nil) != v.FormatAndDigitOK {
			t.Errorf("ParseCLABE(%q) = %q, %v, want it accepted: %t (%s)", v.Value, c, err, v.FormatAndDigitOK, v.Reason)
		}
	}
}

func TestCLABECodes(t *testing.T) {
	for in, want := range map[string]Code{
		" 032 180 00011835971-9\n": "",
		"":                         InvalidLength,
		"12345678901234567":        InvalidLength,
		"9999999999999999999":      InvalidLength,
		strings.Repeat("0", 1<<20): InvalidLength,
		"00000000000000000a":       InvalidFormat,
		"03218000011835971\x00":    InvalidFormat,
		"03218000011835971\u0669":  InvalidFormat, // Arabic digit
		"032180000118359718":       InvalidVerificationDigit,
		"０３２１８０００0118359719":       InvalidFormat, // full-width digits
	} {
		if _, err := ParseCLABE(in); codeOf(t, err) != want {
			t.Errorf("ParseCLABE(%.30q): got %v, want code %q", in, err, want)
		}
	}
	for _, parts := range [][3]string{{"32", "180", "00011835971"}, {"032", "180", "1"}, {"0-2", "180", "00011835971"}, {"x32", "180", "00011835971"}} {
		if c, err := NewCLABE(parts[0], parts[1], parts[2]); err == nil {
			t.Errorf("NewCLABE(%v) = %s, want an error", parts, c)
		}
	}
	if c := CLABE(""); c.Bank()+c.Plaza()+c.Account() != "" {
		t.Errorf("the zero CLABE: got the parts %q, want none", c.Bank()+c.Plaza()+c.Account())
	}
}

func TestCatalogue(t *testing.T) {
	cat := DefaultCatalogue()
	wantCount(t, "banks of the vectors", len(vectors.CLABE.Banks), 98)
	wantCount(t, "banks", len(cat.banks), 98)
	wantCount(t, "plazas", len(cat.plazas), 788)
	wantCount(t, "SOFIPOs", len(vectors.CLABE.Sofipos), 8)
	for code, want := range vectors.CLABE.Banks {
		if got, ok := cat.Bank(code); !ok || got != (Bank{code, want.SPEI, want.Name}) {
			t.Errorf("bank %s: got %+v, want %+v", code, got, want)
		}
	}
	for code := range vectors.CLABE.Sofipos {
		if _, ok := cat.Bank(code); !ok {
			t.Errorf("got no SOFIPO %s, want one", code)
		}
	}
	for clabe, want := range map[CLABE][]Code{
		"014027000005555558": nil,
		"032180000118359719": {UnknownBank},  // IXE, absorbed
		"002539016003269411": {UnknownPlaza}, // accepted, with a warning
		"000000000000000000": {UnknownBank, UnknownPlaza},
	} {
		var got []Code
		for _, w := range cat.Warnings(clabe) {
			got = append(got, codeOf(t, w))
		}
		if !slices.Equal(got, want) {
			t.Errorf("warnings of %s: got %v, want %v", clabe, got, want)
		}
	}
}

func TestParseCatalogue(t *testing.T) {
	cat, err := ParseCatalogue([]byte(`{"banks": {"999": {"spei": "90999", "name": "Nueva"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if bank, ok := cat.Bank("999"); !ok || bank.Name != "Nueva" || bank.Code != "999" {
		t.Errorf("bank 999: got %+v, want the name Nueva and the code 999", bank)
	}
	for _, bad := range []string{"", "[]", `{"banks": {"9": {"name": "x"}}}`, `{"banks": {"999": {}}}`,
		`{"plazas": {"01a": "x"}}`} {
		if _, err := ParseCatalogue([]byte(bad)); err == nil {
			t.Errorf("ParseCatalogue(%s): got no error, want one", bad)
		}
	}
}

func FuzzCLABE(f *testing.F) {
	for _, s := range []string{"", "032180000118359719", " 032 180 00011835971 9", "000000000000000000", "\x00", "\xff", "ñ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCLABE(s)
		if err != nil {
			codeOf(t, err)
			return
		}
		if made, err := NewCLABE(c.Bank(), c.Plaza(), c.Account()); err != nil || made != c {
			t.Errorf("ParseCLABE(%q): got %q of its parts, %v, want %q", s, made, err, c)
		}
	})
}
