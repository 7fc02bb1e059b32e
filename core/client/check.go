package client

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/rate"
)

// Mexico is the code of the country.
const Mexico = "MX"

// countries has the codes of ISO 3166-1 alpha-2.
var countries = func() map[string]bool {
	all := map[string]bool{}
	for _, code := range strings.Fields(`AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
		CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM
		GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT
		LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN
		PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
		UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`) {
		all[code] = true
	}
	return all
}()

// MaxEntries is the maximum number of entries of a list in a file.
const MaxEntries = 20

// Checked returns the file in the form in which it is stored: texts without surrounding space,
// identifiers and phones normalised. The error has all fields at fault, by their JSON names.
func (f File) Checked(r Rules) (File, error) {
	var flaws fault.Flaws
	f = f.clone()
	tidy(reflect.ValueOf(&f).Elem(), "", &flaws, nil)
	f.checkKind(&flaws)
	f.checkIdentity(r, &flaws)
	eachOf(f.Phones, "phones", &flaws, (*Phone).check)
	eachOf(f.Addresses, "addresses", &flaws, (*Address).check)
	eachOf(f.Identifications, "identifications", &flaws, (*Identification).check)
	eachOf(f.Accounts, "accounts", &flaws, (*Account).check)
	eachOf(f.Representatives, "representatives", &flaws, func(x *Representative, flaws *fault.Flaws) {
		x.CURP, x.RFC = checkedCURP(x.CURP, "curp", flaws), checkedRFC(x.RFC, r, flaws)
	})
	eachOf(f.Owners, "owners", &flaws, func(x *Owner, flaws *fault.Flaws) {
		x.CURP, x.RFC = checkedCURP(x.CURP, "curp", flaws), checkedRFC(x.RFC, r, flaws)
		checkCountry(x.Nationality, "nationality", flaws)
		fault.Within(flaws, x.Share, 1, rate.One, "share")
	})
	f.checkShares(&flaws)
	f.Employment.Phone = checkedPhone(f.Employment.Phone, "employment.phone", &flaws)
	flaws.Unless(f.MonthlyIncome >= 0, "monthly_income", fault.Positive)
	if f.MonthlyIncome > money.Max {
		flaws.Add(fault.At("monthly_income", fault.AtMost, "most", money.Max))
	}
	return f, flaws.Err()
}

// clone returns a copy that shares no list.
func (f File) clone() File {
	f.Phones, f.Addresses, f.Identifications = slices.Clone(f.Phones), slices.Clone(f.Addresses), slices.Clone(f.Identifications)
	f.Accounts, f.Representatives, f.Owners, f.Beneficiaries = slices.Clone(f.Accounts), slices.Clone(f.Representatives), slices.Clone(f.Owners), slices.Clone(f.Beneficiaries)
	return f
}

// tidy trims every text of a value, and checks that documents can show it, that it is not too
// long, that a choice is one of the accepted values, and that required texts are present.
func tidy(v reflect.Value, enum string, flaws *fault.Flaws, path []any) {
	add := func(found fault.Flaws) {
		for _, f := range found {
			flaws.Add(f.In(path...))
		}
	}
	var found fault.Flaws
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.TrimSpace(v.String()))
		if utf8.RuneCountInString(v.String()) > MaxText {
			found.Add(fault.At("", fault.MaxLength, "most", MaxText))
		} else {
			glyph.Check(v.String(), "", &found)
		}
		if enum != "" && v.String() != "" && !slices.Contains(strings.Split(enum, ","), v.String()) {
			found = fault.Flaws{fault.At("", fault.OneOf, "accepted", strings.Split(enum, ","))}
		}
		add(found)
	case reflect.Slice:
		if v.Len() > MaxEntries {
			add(fault.Flaws{fault.At("", TooManyEntries, "most", MaxEntries)})
			return
		}
		for i := range v.Len() {
			tidy(v.Index(i), "", flaws, append(slices.Clip(path), i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[civil.Date]() {
			return
		}
		for i := range v.NumField() {
			name, omit, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			here := append(slices.Clip(path), name)
			tidy(v.Field(i), v.Type().Field(i).Tag.Get("enum"), flaws, here)
			if omit == "" && v.Field(i).Kind() == reflect.String && glyph.Blank(v.Field(i).String()) {
				flaws.Add(fault.Flaw{Path: here, Rule: fault.Missing})
			}
		}
	}
}

// eachOf checks the entries of a list.
func eachOf[T any](list []T, name string, flaws *fault.Flaws, check func(*T, *fault.Flaws)) {
	for i := range list {
		var found fault.Flaws
		check(&list[i], &found)
		for _, f := range found {
			if f = f.In(name, i); !flaws.Has(f.Name()) {
				flaws.Add(f)
			}
		}
	}
}

// Check normalises one entry that is added to a list of a file. The flaws have the names of
// the entry's fields.
func Check[T Phone | Address | Account](entry T) (T, error) {
	var flaws, more fault.Flaws
	tidy(reflect.ValueOf(&entry).Elem(), "", &flaws, nil)
	switch e := any(&entry).(type) {
	case *Phone:
		e.check(&more)
	case *Address:
		e.check(&more)
	case *Account:
		e.check(&more)
	}
	for _, f := range more {
		if !flaws.Has(f.Name()) {
			flaws.Add(f)
		}
	}
	return entry, flaws.Err()
}

// checkKind refuses the fields of the other kind, and a file without a name.
func (f File) checkKind(flaws *fault.Flaws) {
	person := map[string]bool{
		"given_names": f.GivenNames != "", "paternal_surname": f.PaternalSurname != "", "maternal_surname": f.MaternalSurname != "", "birth_date": !f.BirthDate.IsZero(),
		"birth_state": f.BirthState != "", "sex": f.Sex != "", "marital_status": f.MaritalStatus != "", "curp": f.CURP != "", "occupation": f.Occupation != "",
		"employment": f.Employment != Employment{},
	}
	company := map[string]bool{
		"legal_name": f.LegalName != "", "trade_name": f.TradeName != "", "incorporation_date": !f.IncorporationDate.IsZero(), "deed": f.Deed != Deed{},
		"representatives": len(f.Representatives) > 0, "owners": len(f.Owners) > 0,
	}
	foreign, needed, rule := company, []string{"given_names", "paternal_surname"}, OfCompanies
	own := person
	if f.Kind == Company {
		foreign, own, needed, rule = person, company, []string{"legal_name"}, OfPersons
	}
	for _, t := range fileFields {
		if foreign[t] {
			flaws.Add(fault.At(t, rule))
		}
	}
	for _, name := range needed {
		flaws.Unless(own[name] || flaws.Has(name), name, fault.Missing)
	}
	if name := f.FullName(); utf8.RuneCountInString(name) > MaxText && !flaws.Has("legal_name") {
		flaws.Add(fault.At("paternal_surname", NameTooLong, "most", MaxText))
	}
}

// checkIdentity normalises and checks the identifiers and what describes a person.
func (f *File) checkIdentity(r Rules, flaws *fault.Flaws) {
	f.CURP = checkedCURP(f.CURP, "curp", flaws)
	f.RFC = checkedRFC(f.RFC, r, flaws)
	if !flaws.Has("rfc") && f.RFC != "" && !mx.RFC(f.RFC).IsGeneric() && mx.RFC(f.RFC).IsPerson() != (f.Kind == Person) {
		flaws.Add(fault.At("rfc", RFCOfKind))
	}
	f.BirthState = strings.ToUpper(f.BirthState)
	flaws.Unless(f.BirthState == "" || mx.StateName(f.BirthState) != "" || flaws.Has("birth_state"), "birth_state", StateCode)
	f.Nationality = strings.ToUpper(f.Nationality)
	checkCountry(f.Nationality, "nationality", flaws)
	if f.Email != "" && !flaws.Has("email") {
		f.Email = checkEmail(f.Email, r, flaws)
	}
	flaws.Unless(f.BirthDate.IsZero() || f.BirthDate.Year >= 1900, "birth_date", BornSince)
	flaws.Unless(f.ThirdParty == "" || f.ActsFor == OnThirdParty, "third_party", ThirdPartyActs)
	flaws.Unless(f.ThirdParty != "" || f.ActsFor != OnThirdParty, "third_party", fault.Missing)
	flaws.Unless(f.PEP.Exposure != "" || f.PEP == PEP{}, "pep.exposure", fault.Missing)
}

// checkShares refuses the shares of beneficiaries unless they add up to 1, and the shares of
// owners if they add up to more.
func (f File) checkShares(flaws *fault.Flaws) {
	var owned, left rate.Share
	for i := range f.Beneficiaries {
		b := &f.Beneficiaries[i]
		b.Phone = checkedPhone(b.Phone, "phone", flaws)
		left += max(0, min(b.Share, rate.One+1))
	}
	for _, o := range f.Owners {
		owned += max(0, min(o.Share, rate.One+1))
	}
	flaws.Unless(len(f.Beneficiaries) == 0 || left == rate.One, "beneficiaries", SharesAll)
	flaws.Unless(owned <= rate.One, "owners", SharesMost)
}

// NotYet refuses dates after the business date, and identifications that have expired. Those
// that the file had before may stay: Missing lists them.
func (f File) NotYet(today civil.Date, before File) error {
	var flaws fault.Flaws
	for _, past := range []struct {
		name string
		day  civil.Date
	}{
		{"birth_date", f.BirthDate}, {"incorporation_date", f.IncorporationDate}, {"deed.date", f.Deed.Date}, {"employment.since", f.Employment.Since}, {"pep.declared_on", f.PEP.DeclaredOn},
	} {
		if past.day.After(today) {
			flaws.Add(fault.At(past.name, fault.NotFuture, "latest", today))
		}
	}
	for i, x := range f.Identifications {
		if x.Expired(today) && !slices.Contains(before.Identifications, x) {
			flaws.Add(fault.At("expires_on", Expired, "earliest", today).In("identifications", i))
		}
	}
	return flaws.Err()
}

// Expired reports whether the identification is no longer valid on a day.
func (x Identification) Expired(on civil.Date) bool {
	return !x.ExpiresOn.IsZero() && x.ExpiresOn.Before(on)
}

func (x *Identification) check(flaws *fault.Flaws) {
	flaws.Unless(!x.ExpiresOn.IsZero() || !x.Kind.expires(), "expires_on", fault.DayNeeded)
}

func (p *Phone) check(flaws *fault.Flaws) {
	if p.Number != "" {
		p.Number = checkedPhone(p.Number, "number", flaws)
	}
}

func (a *Account) check(flaws *fault.Flaws) {
	if a.CLABE == "" {
		return
	}
	parsed, err := mx.ParseCLABE(a.CLABE)
	var refusal mx.Error
	if errors.As(err, &refusal) {
		flaws.Add(fault.At("clabe", clabeRules[refusal.Code]))
		return
	}
	a.CLABE = string(parsed)
}

func (a *Address) check(flaws *fault.Flaws) {
	a.Country, a.State = strings.ToUpper(a.Country), strings.TrimSpace(a.State)
	checkCountry(a.Country, "country", flaws)
	if a.Country != Mexico {
		return
	}
	a.State = strings.ToUpper(a.State)
	flaws.Unless(a.State == "" || a.State != "NE" && mx.StateName(a.State) != "", "state", StateCode)
	digits := strings.Trim(a.PostalCode, "0123456789") == "" && len(a.PostalCode) == 5
	flaws.Unless(a.PostalCode == "" || digits, "postal_code", PostalCode)
}

func checkCountry(code, path string, flaws *fault.Flaws) {
	flaws.Unless(code == "" || countries[code] || flaws.Has(path), path, CountryCode)
}

// checkedPhone returns the phone in the form in which it is stored.
func checkedPhone(s, path string, flaws *fault.Flaws) string {
	if s == "" {
		return ""
	}
	number := normalPhone(s)
	digits := strings.TrimPrefix(number, "+")
	proper := strings.Trim(s, "+0123456789 ()-.\u00a0") == "" && (len(number) == 10 || number != digits && len(digits) >= 8 && len(digits) <= 15)
	flaws.Unless(proper || flaws.Has(path), path, PhoneForm)
	return number
}

func checkedCURP(s, path string, flaws *fault.Flaws) string {
	if s == "" {
		return ""
	}
	parsed, err := mx.ParseCURP(s)
	var refusal mx.Error
	if errors.As(err, &refusal) {
		if !flaws.Has(path) {
			flaws.Add(fault.At(path, curpRules[refusal.Code]))
		}
		return s
	}
	return string(parsed)
}

func checkedRFC(s string, r Rules, flaws *fault.Flaws) string {
	if s == "" || flaws.Has("rfc") {
		return s
	}
	return checkRFC(s, r, flaws)
}
