package client

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/core/rate"
)

var onDay = civil.Date{Year: 2026, Month: 11, Day: 23}

// emma is a complete file of a person.
func emma() File {
	return File{
		Kind: Person, GivenNames: "Emma", PaternalSurname: "Gómez", MaternalSurname: "Díaz", BirthDate: civil.Date{Year: 1956, Month: 12, Day: 31}, BirthState: "JC", Sex: Female,
		CURP: "GODE561231MJCMZM07", RFC: "GODE561231GR8", Nationality: Mexico, Occupation: "comerciante", Activity: "abarrotes",
		Phones: []Phone{{Kind: MobilePhone, Number: "3312345678"}}, PEP: PEP{Exposure: NotExposed}, ActsFor: OnOwnBehalf,
		Addresses:       []Address{{Kind: HomeAddress, Street: "Juárez", ExteriorNumber: "1", Municipality: "Guadalajara", State: "JC", PostalCode: "44100", Country: Mexico}},
		Identifications: []Identification{{Kind: Passport, Number: "G1", ExpiresOn: civil.Date{Year: 2030, Month: 1, Day: 1}}},
	}
}

// TestPublishedCURPs: every published vector is accepted or refused in a file as its source says.
func TestPublishedCURPs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "mx", "testdata", "mx-identifiers.json"))
	if err != nil {
		t.Fatal(err)
	}
	type vector struct{ Value string }
	var vectors struct {
		CURP  struct{ Valid, Invalid []vector }
		CLABE struct{ Valid, Invalid []vector }
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	checked := 0
	try := func(list []vector, want bool, file func(string) File, field string) {
		for _, v := range list {
			_, err := file(v.Value).Checked(structural)
			got := err == nil && (want || len(mx.DefaultCatalogue().Warnings(mx.CLABE(v.Value))) == 0) // an unknown bank or plaza is no flaw
			if checked++; got != want || err != nil && !strings.HasPrefix(fields(t, err), field) {
				t.Errorf("%s: got accepted %t, %v, want %t and a flaw of %s", v.Value, got, err, want, field)
			}
		}
	}
	curp := func(s string) File { f := emma(); f.CURP = s; return f }
	clabe := func(s string) File { f := emma(); f.Accounts = []Account{{CLABE: s}}; return f }
	try(vectors.CURP.Valid, true, curp, "curp")
	try(vectors.CURP.Invalid, false, curp, "curp")
	try(vectors.CLABE.Valid, true, clabe, "accounts.0.clabe")
	try(vectors.CLABE.Invalid, false, clabe, "accounts.0.clabe")
	if checked < 20 {
		t.Errorf("got %d vectors, want at least 20", checked)
	}
}

// TestFileIsNormalised: texts lose surrounding space, and identifiers and phones have one form.
func TestFileIsNormalised(t *testing.T) {
	f := emma()
	f.GivenNames, f.CURP, f.RFC, f.Nationality = " Emma ", " gode-561231-mjcmzm07", "gode 561231 gr8", "mx"
	f.Phones[0].Number = "+52 1 (33) 1234-5678"
	got, err := f.Checked(structural)
	if err != nil || got.Changed(emma()) != nil {
		t.Errorf("got %+v, %v, want the same as %+v", got, err, emma())
	}
	if f.Phones[0].Number == "3312345678" {
		t.Error("got the caller's list changed, want a copy")
	}
}

func TestFindings(t *testing.T) {
	other := func(change func(*File)) File { f := emma(); change(&f); return f }
	for name, c := range map[string]struct {
		file File
		want string
	}{
		"consistent":  {emma(), ""},
		"name":        {other(func(f *File) { f.PaternalSurname = "Ruiz" }), "curp_name rfc_name"},
		"date":        {other(func(f *File) { f.BirthDate.Day = 30 }), "curp_birth_date rfc_birth_date"},
		"sex":         {other(func(f *File) { f.Sex = Male }), "curp_sex"},
		"state":       {other(func(f *File) { f.BirthState = "NE" }), "curp_state"},
		"digit":       {other(func(f *File) { f.RFC = "GODE561231GR1" }), "rfc_check_digit"},
		"no date":     {other(func(f *File) { f.BirthDate, f.RFC = civil.Date{}, "GODE561230GRA" }), "rfc_and_curp rfc_check_digit"},
		"generic":     {other(func(f *File) { f.RFC, f.CURP = string(mx.GenericForeigner), string(mx.GenericCURPWoman) }), ""},
		"minor":       {other(func(f *File) { f.BirthDate, f.CURP, f.RFC = onDay.AddDays(-6000), "", "" }), "under_age"},
		"bank":        {other(func(f *File) { f.Accounts = []Account{{CLABE: "999180000118359713"}} }), "clabe_bank"},
		"company":     {File{Kind: Company, LegalName: "X", RFC: "SAT970701NN3", IncorporationDate: civil.Date{Year: 1997, Month: 7, Day: 2}}, "rfc_incorporation"},
		"own company": {File{Kind: Company, LegalName: "X", RFC: "SAT970701NN3", IncorporationDate: civil.Date{Year: 1997, Month: 7, Day: 1}}, ""},
	} {
		if got := strings.Trim(fmt.Sprint(Warnings(c.file.Findings(onDay))), "[]"); got != c.want {
			t.Errorf("%s: got the warnings %q, want %q", name, got, c.want)
		}
	}
}

// TestMissing: a file of low risk is complete until its identification expires; more risk needs
// more.
func TestMissing(t *testing.T) {
	d := Dossier{Record: Record{File: emma(), Grades: []Grade{{Grade: LowRisk}}},
		Consents:  []Consent{{Kind: PrivacyNotice}},
		Documents: []Document{{Kind: IdentificationCopy}}}
	for _, c := range []struct {
		grade RiskGrade
		on    civil.Date
		want  string
	}{
		{LowRisk, onDay, "[] 2030-01-01"},
		{LowRisk, civil.Date{Year: 2030, Month: 1, Day: 2}, "[valid_identification] 0000-00-00"},
		{MediumRisk, onDay, "[monthly_income document_proof_of_address] 0000-00-00"},
		{HighRisk, onDay, "[monthly_income document_proof_of_address source_of_funds document_income_proof] 0000-00-00"},
	} {
		d.Grades[0].Grade = c.grade
		d.Judge(c.on)
		until := "0000-00-00"
		if !d.CompleteUntil.IsZero() {
			until = d.CompleteUntil.String()
		}
		if got := fmt.Sprint(d.Missing, " ", until); got != c.want {
			t.Errorf("%s on %s: got %s, want %s", c.grade, c.on, got, c.want)
		}
	}
	empty := Dossier{Record: Record{File: File{Kind: Company}}}
	if empty.Judge(onDay); len(empty.Missing) != 18 {
		t.Errorf("an empty company: got %d missing (%v), want 18", len(empty.Missing), empty.Missing)
	}
	d.Grades[0].Grade, d.Consents[0].WithdrawnOn = LowRisk, onDay
	if d.Judge(onDay); fmt.Sprint(d.Missing) != "[consent_privacy_notice]" {
		t.Errorf("a withdrawn consent: got %v missing, want consent_privacy_notice", d.Missing)
	}
}

func TestLookups(t *testing.T) {
	f := emma()
	f.Email, f.Accounts = "Emma@Example.com", []Account{{CLABE: "002180000118359710"}}
	f.Phones = append(f.Phones, f.Phones[0])
	got := fmt.Sprint(Record{ClientID: id.ID{1}, File: f}.Lookups())
	for _, part := range []string{"rfc GODE561231GR8", "email emma@example.com", "curp GODE561231MJCMZM07", "phone 3312345678", "clabe 002180000118359710", "name_birth EMMA GOMEZ DIAZ 19561231"} {
		if strings.Count(got, "{"+part+" ") != 1 {
			t.Errorf("got the lookups %s, want %q once", got, part)
		}
	}
	for kind, values := range map[LookupKind][2]string{
		LookupPhone: {"+52 33 1234 5678", "3312345678"}, LookupCURP: {string(mx.GenericCURPMan), ""}, LookupRFC: {string(mx.GenericPublic), ""}, LookupEmail: {" A@B.mx", "a@b.mx"},
	} {
		if got := LookupValue(kind, values[0]); got != values[1] {
			t.Errorf("%s %q: got %q, want %q", kind, values[0], got, values[1])
		}
	}
}

func TestShares(t *testing.T) {
	f := emma()
	half := rate.Share(rate.One / 2)
	f.Beneficiaries = []Beneficiary{{Name: "Luis", Relationship: "hijo", Share: half}, {Name: "Eva", Relationship: "hija", Share: half}}
	if _, err := f.Checked(structural); err != nil {
		t.Errorf("two halves: got %v, want no error", err)
	}
	f.Beneficiaries = f.Beneficiaries[:1]
	if _, err := f.Checked(structural); fields(t, err) != "beneficiaries shares_all" {
		t.Errorf("one half: got %v, want beneficiaries shares_all", err)
	}
}
