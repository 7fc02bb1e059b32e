package mx

import (
	"strings"
	"testing"
	"time"
)

func TestCURPVectors(t *testing.T) {
	wantCount(t, "valid", len(vectors.CURP.Valid), 11)
	wantCount(t, "special", len(vectors.CURP.Special), 1)
	wantCount(t, "invalid", len(vectors.CURP.Invalid), 13)
	for _, v := range append(vectors.CURP.Valid, vectors.CURP.Special...) {
		c, err := ParseCURP(v.Value)
		if err != nil || string(c) != v.Value {
			t.Errorf("ParseCURP(%s) = %q, %v, want %s", v.Value, c, err, v.Value)
		}
		if got := string(rune(curpDigit(v.Value[:17]))); got != v.Digit {
			t.Errorf("check digit of %s: got %s, want %s", v.Value, got, v.Digit)
		}
	}
	for _, v := range vectors.CURP.Invalid {
		if c, err := ParseCURP(v.Value); err == nil {
			t.Errorf("ParseCURP(%q) = %q, want a refusal: %s", v.Value, c, v.Reason)
		}
	}
}

func TestCURPCodes(t *testing.T) {
	for in, want := range map[string]Code{
		" hegg-560427 mvzrrl04\n":      "",
		"PEGL890909XJCRMS0":            InvalidLength,
		"":                             InvalidLength,
		strings.Repeat("0", 1<<20):     InvalidLength,
		"PEGL890909QJCRMS08":           InvalidFormat,
		"MOTR930411HJCRMÑ03":           InvalidFormat,
		"PEGL890909\x00JCRMS08":        InvalidFormat,
		"PEGL890909MJCRMS0\xff":        InvalidFormat,
		"PEGL89090\u0669MJCRMS08":      InvalidFormat, // Arabic digit
		"PEGL890909MQQRMS02":           InvalidState,
		"PEGL891313MJCRMS06":           InvalidDate,
		"PEGL000229MJCRMS01":           InvalidDate, // 1900 was no leap year
		withDigit("PEGL000229MJCRMSA"): "",          // 2000 was
		"BACA890909MJCRMS05":           ForbiddenWord,
		"PEGL890909MJCRMS09":           InvalidVerificationDigit,
		string(GenericCURPWoman):       "",
		"XEXX010101MNEXXXA9":           InvalidVerificationDigit,
		withDigit("PEGL890909XJCRMS0"): "",
		withDigit("PEGL890909MNERMS0"): "",
	} {
		_, err := ParseCURP(in)
		if got := codeOf(t, err); got != want {
			t.Errorf("ParseCURP(%.30q): got code %q, want %q", in, got, want)
		}
	}
}

// withDigit appends the check digit.
func withDigit(stem string) string { return stem + string(rune(curpDigit(stem))) }

func TestCURPParts(t *testing.T) {
	type parts struct {
		year  int
		month time.Month
		day   int
		sex   byte
		state string
		name  string
	}
	for c, want := range map[CURP]parts{
		"HEGG560427MVZRRL04": {1956, 4, 27, 'M', "VZ", "Veracruz"},
		"BOXW310820HNERXN09": {1931, 8, 20, 'H', "NE", "Nacido en el extranjero"},
		"MXXM000101HASXXXA4": {2000, 1, 1, 'H', "AS", "Aguascalientes"},
		"AAAA000101HDFCCC09": {1900, 1, 1, 'H', "DF", "Ciudad de México"},
		"":                   {},
	} {
		var got parts
		got.year, got.month, got.day = c.BirthDate()
		got.sex, got.state, got.name = c.Sex(), c.State(), c.StateName()
		if got != want {
			t.Errorf("parts of %s: got %+v, want %+v", c, got, want)
		}
	}
	if CURP("HEGG560427MVZRRL04").IsGeneric() || !GenericCURPMan.IsGeneric() {
		t.Errorf("got IsGeneric %v and %v, want false and true", CURP("HEGG560427MVZRRL04").IsGeneric(), GenericCURPMan.IsGeneric())
	}
}

func TestCURPTables(t *testing.T) {
	wantCount(t, "states", len(vectors.CURP.States), 33)
	wantCount(t, "curpStates", len(curpStates), 33)
	for code, name := range vectors.CURP.States {
		if name, _, _ = strings.Cut(name, " ("); curpStates[code] != name {
			t.Errorf("state %s: got %q, want %q", code, curpStates[code], name)
		}
	}
	wantCount(t, "inconvenient words", len(vectors.CURP.Inconvenient), 81)
	wantCount(t, "curpInconvenient", len(curpInconvenient), 81)
	for word, replaced := range vectors.CURP.Inconvenient {
		if _, err := ParseCURP(withDigit(word + "890909MJCRMS0")); codeOf(t, err) != ForbiddenWord {
			t.Errorf("CURP beginning with %s: got %v, want %s", word, err, ForbiddenWord)
		}
		if _, err := ParseCURP(withDigit(replaced + "890909MJCRMS0")); err != nil {
			t.Errorf("CURP beginning with %s: %v", replaced, err)
		}
	}
}

func FuzzCURP(f *testing.F) {
	for _, s := range []string{"", "HEGG560427MVZRRL04", "XEXX010101MNEXXXA8", "MXXM000101HASXXXA4",
		" hegg-560427 mvzrrl04", "MOTR930411HJCRMÑ03", "\x00", "\xff\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// The parts of any text can be asked for, even of one that is no CURP.
		sex, name, real := CURP(s).Sex(), CURP(s).StateName(), realDate(CURP(s).BirthDate())
		c, err := ParseCURP(s)
		if err != nil {
			codeOf(t, err)
			return
		}
		if string(c) == s && (sex == 0 || name == "" || !real) {
			t.Errorf("parts of %q: got sex %q, state %q, real date %v, want all parts and a real date", c, sex, name, real)
		}
		if len(c) != 18 || c.StateName() == "" || !realDate(c.BirthDate()) {
			t.Errorf("ParseCURP(%q) = %q, want 18 characters, a state, a real date", s, c)
		}
		if again, err := ParseCURP(string(c)); err != nil || again != c {
			t.Errorf("%q accepted, then read again: got %q, %v, want %q", c, again, err, c)
		}
	})
}
