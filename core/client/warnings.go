package client

import (
	"maps"
	"slices"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/mx"
)

// Warning is the name of something in a file that is probably wrong. A person may confirm that
// it is right.
type Warning string

// The warnings.
const (
	CURPName            Warning = "curp_name"            // the CURP has other initial letters than the names give
	CURPBirthDate       Warning = "curp_birth_date"      // the CURP has another birth date
	CURPSex             Warning = "curp_sex"             // the CURP has another sex
	CURPState           Warning = "curp_state"           // the CURP has another state of birth
	RFCName             Warning = "rfc_name"             // the RFC has other initial letters than the names give
	RFCBirthDate        Warning = "rfc_birth_date"       // the RFC has another birth date
	RFCIncorporation    Warning = "rfc_incorporation"    // the RFC has another incorporation date
	RFCAndCURP          Warning = "rfc_and_curp"         // the RFC and the CURP have different birth dates
	RFCCheckDigit       Warning = "rfc_check_digit"      // the check digit of the RFC is wrong
	UnderAge            Warning = "under_age"            // younger than 18
	CLABEBank           Warning = "clabe_bank"           // no bank in the catalogue has the CLABE
	DuplicateCURP       Warning = "duplicate_curp"       // another client has the CURP
	DuplicatePhone      Warning = "duplicate_phone"      // another client has the phone
	DuplicateEmail      Warning = "duplicate_email"      // another client has the e-mail
	DuplicateCLABE      Warning = "duplicate_clabe"      // another client has the CLABE
	DuplicateNameAndDay Warning = "duplicate_name_birth" // another client has the name and the birth date
)

// duplicates has the warning of each kind of lookup. A duplicate RFC is refused instead.
var duplicates = map[LookupKind]Warning{
	LookupCURP: DuplicateCURP, LookupPhone: DuplicatePhone, LookupEmail: DuplicateEmail, LookupCLABE: DuplicateCLABE, LookupNameBirth: DuplicateNameAndDay,
}

// Finding is a warning with the field that it concerns.
type Finding struct {
	Warning Warning `json:"warning"`
	Field   string  `json:"field"`
	Clients []id.ID `json:"clients,omitempty"` // the other clients with the value

	basis string // the values that the warning compares
}

// Findings returns the warnings of a file on a day, in the order of their declaration.
func (f File) Findings(today civil.Date) (all []Finding) {
	warn := func(wrong bool, w Warning, field, basis string) {
		if wrong {
			all = append(all, Finding{Warning: w, Field: field, basis: basis})
		}
	}
	curp, rfc := mx.CURP(f.CURP), mx.RFC(f.RFC)
	if curp.IsGeneric() {
		curp = ""
	}
	if rfc.IsGeneric() {
		rfc = ""
	}
	names := f.GivenNames + "|" + f.PaternalSurname + "|" + f.MaternalSurname
	someday := f.named()
	someday.Year, someday.Month, someday.Day = 2000, 1, 1 // the letters do not depend on the date
	if curp != "" {
		year, month, day := curp.BirthDate()
		born := civil.On(year, month, day)
		if likely, err := mx.SuggestCURP(someday, 'X', "NE"); err == nil {
			warn(likely[:4] != curp[:4] || likely[13:16] != curp[13:16], CURPName, "curp", f.CURP+"|"+names)
		}
		warn(!f.BirthDate.IsZero() && f.BirthDate != born, CURPBirthDate, "curp", f.CURP+"|"+f.BirthDate.String())
		warn(f.Sex != "" && sexes[curp.Sex()] != f.Sex, CURPSex, "curp", f.CURP+"|"+string(f.Sex))
		warn(f.BirthState != "" && curp.State() != f.BirthState, CURPState, "curp", f.CURP+"|"+f.BirthState)
	}
	if rfc != "" {
		all = append(all, f.rfcFindings(rfc, curp)...)
	}
	warn(!f.BirthDate.IsZero() && today.Before(f.BirthDate.AddMonths(18*12, int(f.BirthDate.Day))), UnderAge, "birth_date", f.BirthDate.String())
	for _, a := range f.Accounts {
		_, known := mx.DefaultCatalogue().Bank(mx.CLABE(a.CLABE).Bank())
		warn(!known && mx.CLABE(a.CLABE).Bank() != "", CLABEBank, "accounts", a.CLABE)
	}
	return all
}

// rfcFindings returns the warnings about an RFC that is not generic.
func (f File) rfcFindings(rfc mx.RFC, curp mx.CURP) (all []Finding) {
	warn := func(wrong bool, w Warning, basis string) {
		if wrong {
			all = append(all, Finding{Warning: w, Field: "rfc", basis: f.RFC + "|" + basis})
		}
	}
	letters := []rune(string(rfc))
	date := string(letters[len(letters)-9 : len(letters)-3])
	if f.Kind == Company {
		warn(!f.IncorporationDate.IsZero() && date != shortDate(f.IncorporationDate), RFCIncorporation, f.IncorporationDate.String())
	} else {
		someday := f.named()
		someday.Year, someday.Month, someday.Day = 2000, 1, 1
		if likely, err := mx.SuggestRFC(someday); err == nil {
			warn(string([]rune(string(likely))[:4]) != string(letters[:4]), RFCName, f.FullName())
		}
		warn(!f.BirthDate.IsZero() && date != shortDate(f.BirthDate), RFCBirthDate, f.BirthDate.String())
		warn(f.BirthDate.IsZero() && curp != "" && date != string(curp)[4:10], RFCAndCURP, string(curp))
	}
	warn(mx.Level(rfc) < mx.TierStrict, RFCCheckDigit, "")
	return all
}

// shortDate returns a date as an RFC has it: YYMMDD.
func shortDate(d civil.Date) string {
	s := d.String()
	return s[2:4] + s[5:7] + s[8:10]
}

// Duplicate returns the finding that other clients have a value of the kind. Found is false for
// a kind that others may have.
func Duplicate(kind LookupKind, others []id.ID) (f Finding, found bool) {
	w, found := duplicates[kind]
	field := map[LookupKind]string{LookupPhone: "phones", LookupCLABE: "accounts", LookupNameBirth: "birth_date"}[kind]
	if field == "" {
		field = string(kind)
	}
	return Finding{Warning: w, Field: field, Clients: others}, found
}

// Unconfirmed returns the findings that the request does not confirm and that are new: those
// for the same values as before the change need no confirmation.
func Unconfirmed(findings, before []Finding, confirmed []Warning) (left []Finding) {
	for _, f := range findings {
		same := f.Clients == nil && slices.ContainsFunc(before, func(e Finding) bool { return e.Warning == f.Warning && e.basis == f.basis })
		if !same && !slices.Contains(confirmed, f.Warning) {
			left = append(left, f)
		}
	}
	return left
}

// Confirm notes that by confirmed the findings that the request names, and returns their names.
// It forgets the confirmations of warnings that no longer apply. Confirmed duplicates stay,
// because they are looked for only when a value is new.
func (r *Record) Confirm(findings []Finding, confirmed []Warning, by string, at time.Time) []Warning {
	names := Warnings(findings)
	now := slices.DeleteFunc(slices.Clone(names), func(w Warning) bool { return !slices.Contains(confirmed, w) })
	var kept []Confirmation
	for _, c := range r.Confirmations {
		applies := slices.Contains(names, c.Warning) || slices.Contains(slices.Collect(maps.Values(duplicates)), c.Warning)
		if applies && !slices.Contains(now, c.Warning) {
			kept = append(kept, c)
		}
	}
	for _, w := range now {
		kept = append(kept, Confirmation{w, by, at})
	}
	r.Confirmations = kept
	return now
}

// Open returns the warnings of the file that nobody has confirmed, such as those of a client
// whom the seed's routes registered.
func (r Record) Open(today civil.Date) []Warning {
	open := slices.DeleteFunc(Warnings(r.File.Findings(today)), func(w Warning) bool {
		return slices.ContainsFunc(r.Confirmations, func(c Confirmation) bool { return c.Warning == w })
	})
	return append([]Warning{}, open...)
}
