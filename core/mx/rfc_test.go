package mx

import (
	"strings"
	"testing"
)

func TestRFCVectors(t *testing.T) {
	wantCount(t, "valid", len(vectors.RFC.Valid), 43)
	wantCount(t, "generic", len(vectors.RFC.Generic), 2)
	wantCount(t, "structural only", len(vectors.RFC.StructuralOnly), 8)
	wantCount(t, "invalid", len(vectors.RFC.Invalid), 18)
	var all []rfcVector
	for _, part := range [][]rfcVector{vectors.RFC.Valid, vectors.RFC.Generic, vectors.RFC.StructuralOnly, vectors.RFC.Invalid} {
		all = append(all, part...)
	}
	for _, v := range all {
		if NormalizeRFC(v.Value) != v.Value {
			continue // TestNormalizeRFC has those
		}
		want := map[Tier]bool{
			TierStructural: v.Expected.Structural,
			TierSATXSD:     v.Expected.SATXSD,
			TierStrict:     v.Expected.Strict || rfcMisissued[v.Value],
		}
		for tier, ok := range want {
			if _, err := ParseRFC(v.Value, tier); (err == nil) != ok {
				t.Errorf("%q (%s) at %v: got %v, want accepted: %v", v.Value, v.Reason, tier, err, ok)
			}
		}
		if v.Digit != "" {
			if got := string(rune(rfcDigit(v.Value[:len(v.Value)-1]))); got != v.Digit {
				t.Errorf("check digit of %s: got %s, want %s", v.Value, got, v.Digit)
			}
		}
		if v.PersonType != "" && RFC(v.Value).IsPerson() != (v.PersonType != "moral") {
			t.Errorf("IsPerson(%s): got %v, want %v", v.Value, RFC(v.Value).IsPerson(), v.PersonType != "moral")
		}
	}
}

func TestRFCCodes(t *testing.T) {
	for _, c := range []struct {
		in    string
		tier  Tier
		want  Code
		level Tier
	}{
		{"PEPJ800101HNE", DefaultTier, "", TierStructural},
		{"PEPJ800101HNE", TierSATXSD, InvalidFormat, TierStructural},
		{"PEPJ800101HN5", TierStrict, "", TierStrict},
		{"", TierLength, InvalidLength, TierNone},
		{"ABCD123456", TierNone, InvalidLength, TierNone},
		{"GODE5612311GR8", TierLength, InvalidLength, TierNone},
		{"INVALIDRFC??", TierLength, "", TierLength},
		{"INVALIDRFC??", TierStructural, InvalidFormat, TierLength},
		{"GOD561231GR88", TierStructural, InvalidFormat, TierLength},
		{"G0DE561231GR8", TierStructural, InvalidFormat, TierLength},
		{"GODE560230GR8", TierStructural, InvalidDate, TierLength},
		{"MHTR815511A70", TierStrict, InvalidDate, TierLength},
		{"GODE000229GR8", TierStructural, "", TierSATXSD}, // 2000 was a leap year
		{"GODE010229GR8", TierStructural, InvalidDate, TierLength},
		{"FETO930411792", TierSATXSD, "", TierSATXSD},
		{"FETO930411792", TierStrict, ForbiddenWord, TierSATXSD},
		{"GODE561231GR7", TierStrict, InvalidVerificationDigit, TierSATXSD},
		{"SIN9311169P8", TierStrict, InvalidVerificationDigit, TierSATXSD}, // not in the allow-list
		{"LME060822IH5", TierStrict, "", TierStrict},
		{"GODE561231GR8", TierStrict + 9, "", TierStrict},
		{"GODE561231GR7", TierStrict + 9, InvalidVerificationDigit, TierSATXSD},
		{"GODE561231\x00R8", TierLength, InvalidFormat, TierNone},
		{"GODE561231\nR8", TierLength, InvalidFormat, TierNone},
		{"GODE561231\xffR8", TierLength, InvalidFormat, TierNone},
		{"GODE56123\u0661GR8", TierStructural, InvalidFormat, TierLength}, // Arabic digit
		{"\u017fODE561231GR8", TierStructural, InvalidFormat, TierLength}, // long s upper-cases to S
		{strings.Repeat("A", 1<<20), TierLength, InvalidLength, TierNone},
	} {
		r, err := ParseRFC(c.in, c.tier)
		if got := codeOf(t, err); got != c.want {
			t.Errorf("ParseRFC(%.20q, %v): got code %q, want %q", c.in, c.tier, got, c.want)
		}
		if err != nil && (r != "" || len(c.in) > 5 && strings.Contains(err.Error(), c.in)) {
			t.Errorf("ParseRFC(%.20q) : got %q, %v, want none of the refused text", c.in, r, err)
		}
		if got := Level(RFC(c.in)); got != c.level {
			t.Errorf("Level(%.20q) = %v, want %v", c.in, got, c.level)
		}
	}
}

func TestMisissuedRFCs(t *testing.T) {
	wantCount(t, "allow-list", len(rfcMisissued), 5)
	for r := range rfcMisissued {
		if rfcDigit(r[:11]) == r[11] {
			t.Errorf("%s: got the right check digit, want a wrong one, which needs an exception", r)
		}
		if Level(RFC(r)) != TierStrict {
			t.Errorf("Level(%s) = %v, want strict", r, Level(RFC(r)))
		}
	}
}

func TestForbiddenRFCWords(t *testing.T) {
	wantCount(t, "forbidden words", len(vectors.RFC.ForbiddenWords), 41)
	wantCount(t, "rfcForbidden", len(rfcForbidden), 41)
	for _, word := range vectors.RFC.ForbiddenWords {
		stem := word + "800101HN"
		_, err := ParseRFC(stem+string(rune(rfcDigit(stem))), TierStrict)
		if codeOf(t, err) != ForbiddenWord {
			t.Errorf("RFC beginning with %s: got %v, want %s", word, err, ForbiddenWord)
		}
	}
}

func TestNormalizeRFC(t *testing.T) {
	for in, want := range map[string]string{
		"GODE561231gr8":          "GODE561231GR8",
		" gode-561231/gr_8\r\n":  "GODE561231GR8",
		"\u00a0gode 561231 gr8":  "GODE561231GR8",
		"ñ&t130705md6":           "Ñ&T130705MD6",
		"n\u0303&t130705md6":     "Ñ&T130705MD6",
		"muN\u0303-110218-lj\t6": "MUÑ110218LJ\t6",
	} {
		if got := NormalizeRFC(in); got != want {
			t.Errorf("NormalizeRFC(%q) = %q, want %q", in, got, want)
		}
	}
	r, err := ParseRFC(" rañ-130705 md6 ", TierStructural)
	if err != nil || r != "RAÑ130705MD6" || r.IsPerson() {
		t.Errorf("company with Ñ: got %q, %v, person %v, want RAÑ130705MD6, no person", r, err, r.IsPerson())
	}
}

func TestTierNames(t *testing.T) {
	for _, name := range []string{"length", "structural", "sat_xsd", "strict"} {
		tier, err := ParseTier(name)
		if err != nil || tier.String() != name {
			t.Errorf("ParseTier(%q) = %v, %v, want %s", name, tier, err, name)
		}
	}
	for _, name := range []string{"", "none", "STRICT", "lax"} {
		if tier, err := ParseTier(name); codeOf(t, err) != InvalidFormat || tier != TierNone {
			t.Errorf("ParseTier(%q) = %v, %v, want TierNone and an error", name, tier, err)
		}
	}
	if got := Tier(77).String(); got != "Tier(77)" {
		t.Errorf("an unknown tier: got %q, want Tier(77)", got)
	}
}

func FuzzRFC(f *testing.F) {
	for _, s := range []string{"", "GODE561231GR8", "Ñ&T130705MD6", "XAXX010101000", "PEPJ800101HNE",
		" gode-561231 gr8", "GODE561231GR8\x00", "\xff\xfe", "n\u0303\u0303\u0303", "LIM0011098G0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for tier := TierLength; tier <= TierStrict; tier++ {
			r, err := ParseRFC(s, tier)
			if err != nil {
				codeOf(t, err)
				continue
			}
			if Level(r) < tier || !printable(string(r)) {
				t.Errorf("ParseRFC(%q, %v) = %q of level %v, want level %v or more, printable text", s, tier, r, Level(r), tier)
			}
			if again, err := ParseRFC(string(r), tier); err != nil || again != r {
				t.Errorf("%q accepted, then read again: got %q, %v, want %q", r, again, err, r)
			}
		}
	})
}
