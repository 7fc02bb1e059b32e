package client

import (
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/rate"
	"sofipo/core/wire"
)

// PersonKind tells a person (persona física) from a company (persona moral).
type PersonKind string

// The kinds.
const (
	Person  PersonKind = "person"
	Company PersonKind = "company"
)

// Sex is the sex in the birth certificate.
type Sex string

// The values, each with its letter in a CURP.
const (
	Female    Sex = "female"     // M
	Male      Sex = "male"       // H
	NonBinary Sex = "non_binary" // X
)

// sexes has the sex of each letter of a CURP.
var sexes = map[byte]Sex{'M': Female, 'H': Male, 'X': NonBinary}

// MaritalStatus is the marital status of a person.
type MaritalStatus string

// The values.
const (
	Single    MaritalStatus = "single"
	Married   MaritalStatus = "married"
	FreeUnion MaritalStatus = "free_union"
	Separated MaritalStatus = "separated"
	Divorced  MaritalStatus = "divorced"
	Widowed   MaritalStatus = "widowed"
)

// PhoneKind is the use of a phone.
type PhoneKind string

// The kinds.
const (
	MobilePhone PhoneKind = "mobile"
	HomePhone   PhoneKind = "home"
	WorkPhone   PhoneKind = "work"
	OtherPhone  PhoneKind = "other"
)

// AddressKind is the use of an address.
type AddressKind string

// The kinds.
const (
	HomeAddress   AddressKind = "home"
	FiscalAddress AddressKind = "fiscal"
	WorkAddress   AddressKind = "work"
	OtherAddress  AddressKind = "other"
)

// IdentificationKind is a kind of official identification.
type IdentificationKind string

// The kinds. A professional licence and a military card do not expire.
const (
	VoterCard           IdentificationKind = "voter_card"
	Passport            IdentificationKind = "passport"
	ProfessionalLicence IdentificationKind = "professional_licence"
	MilitaryCard        IdentificationKind = "military_card"
	DriverLicence       IdentificationKind = "driver_licence"
	ImmigrationDocument IdentificationKind = "immigration_document"
	ConsularCard        IdentificationKind = "consular_card"
)

// expires reports whether an identification of this kind must have an expiry date.
func (k IdentificationKind) expires() bool { return k != ProfessionalLicence && k != MilitaryCard }

// Exposure says whether a client is a politically exposed person (PEP) or close to one.
type Exposure string

// The values of a declaration.
const (
	NotExposed       Exposure = "none"
	Exposed          Exposure = "self"
	RelativeExposed  Exposure = "relative"
	AssociateExposed Exposure = "associate"
)

// ActsFor says on whose behalf a client acts.
type ActsFor string

// The values of a declaration.
const (
	OnOwnBehalf  ActsFor = "self"
	OnThirdParty ActsFor = "third_party"
)

// File is the client's file that people state: who the client is, where the client lives, what
// the client earns and declares. Empty fields are not known. Person fields are empty in the
// file of a company, and company fields in that of a person.
type File struct {
	Kind PersonKind `json:"kind" enum:"person,company"`

	// Person. Names as the birth certificate has them.
	GivenNames      string        `json:"given_names,omitempty"`
	PaternalSurname string        `json:"paternal_surname,omitempty"`
	MaternalSurname string        `json:"maternal_surname,omitempty"`
	BirthDate       civil.Date    `json:"birth_date,omitzero"`
	BirthState      string        `json:"birth_state,omitempty"` // as in the CURP; NE is abroad
	Sex             Sex           `json:"sex,omitempty" enum:"female,male,non_binary"`
	MaritalStatus   MaritalStatus `json:"marital_status,omitempty" enum:"single,married,free_union,separated,divorced,widowed"`
	CURP            string        `json:"curp,omitempty"`
	Occupation      string        `json:"occupation,omitempty"`
	Employment      Employment    `json:"employment,omitzero"`

	// Company.
	LegalName         string           `json:"legal_name,omitempty"`
	TradeName         string           `json:"trade_name,omitempty"`
	IncorporationDate civil.Date       `json:"incorporation_date,omitzero"`
	Deed              Deed             `json:"deed,omitzero"`
	Representatives   []Representative `json:"representatives,omitempty"`
	Owners            []Owner          `json:"owners,omitempty"` // beneficial owners

	// Both.
	Nationality     string           `json:"nationality,omitempty"` // ISO 3166-1 alpha-2
	RFC             string           `json:"rfc,omitempty"`
	Email           string           `json:"email,omitempty"`
	Phones          []Phone          `json:"phones,omitempty"`
	Addresses       []Address        `json:"addresses,omitempty"`
	Identifications []Identification `json:"identifications,omitempty"`
	Activity        string           `json:"activity,omitempty"`
	MonthlyIncome   money.Amount     `json:"monthly_income,omitempty"`
	SourceOfFunds   string           `json:"source_of_funds,omitempty"`
	PEP             PEP              `json:"pep,omitzero"`
	ActsFor         ActsFor          `json:"acts_for,omitempty" enum:"self,third_party"`
	ThirdParty      string           `json:"third_party,omitempty"` // whom the client acts for
	Beneficiaries   []Beneficiary    `json:"beneficiaries,omitempty"`
	Accounts        []Account        `json:"accounts,omitempty"`
}

// Employment is the job of a person.
type Employment struct {
	Employer string     `json:"employer,omitempty"`
	Position string     `json:"position,omitempty"`
	Since    civil.Date `json:"since,omitzero"`
	Phone    string     `json:"phone,omitempty"`
}

// Deed is the incorporation deed of a company (acta constitutiva).
type Deed struct {
	Number   string     `json:"number,omitempty"`
	Date     civil.Date `json:"date,omitzero"`
	Notary   string     `json:"notary,omitempty"`
	Registry string     `json:"registry,omitempty"` // folio in the public registry of commerce
}

// Representative is a legal representative of a company.
type Representative struct {
	GivenNames      string `json:"given_names"`
	PaternalSurname string `json:"paternal_surname"`
	MaternalSurname string `json:"maternal_surname,omitempty"`
	CURP            string `json:"curp,omitempty"`
	RFC             string `json:"rfc,omitempty"`
	Powers          string `json:"powers"` // the deed that grants the powers
}

// Owner is a beneficial owner of a company.
type Owner struct {
	Name        string     `json:"name"`
	Share       rate.Share `json:"share"`
	CURP        string     `json:"curp,omitempty"`
	RFC         string     `json:"rfc,omitempty"`
	Nationality string     `json:"nationality,omitempty"`
}

// Phone is a phone number.
type Phone struct {
	Kind      PhoneKind `json:"kind" enum:"mobile,home,work,other"`
	Number    string    `json:"number"` // 10 digits, or + and the digits of another country
	Extension string    `json:"extension,omitempty"`
}

// Address is a postal address.
type Address struct {
	Kind           AddressKind `json:"kind" enum:"home,fiscal,work,other"`
	Street         string      `json:"street"`
	ExteriorNumber string      `json:"exterior_number"`
	InteriorNumber string      `json:"interior_number,omitempty"`
	Colonia        string      `json:"colonia,omitempty"`
	Municipality   string      `json:"municipality"`
	Locality       string      `json:"locality,omitempty"`
	State          string      `json:"state"`
	PostalCode     string      `json:"postal_code"`
	Country        string      `json:"country" default:"MX"`
	References     string      `json:"references,omitempty"`
	Since          civil.Date  `json:"since,omitzero"`
}

// Line returns the address as one line.
func (a Address) Line() string {
	street := strings.TrimSpace(a.Street + " " + a.ExteriorNumber)
	if a.InteriorNumber != "" {
		street += ", int. " + a.InteriorNumber
	}
	state := a.State
	if a.Country == Mexico {
		state = mx.StateName(a.State)
	}
	var parts []string
	for _, part := range []string{street, a.Colonia, strings.TrimSpace(a.PostalCode + " " + a.Municipality), state} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// Identification is an official identification.
type Identification struct {
	Kind      IdentificationKind `json:"kind" enum:"voter_card,passport,professional_licence,military_card,driver_licence,immigration_document,consular_card"`
	Number    string             `json:"number"`
	ExpiresOn civil.Date         `json:"expires_on,omitzero"`
}

// PEP is the declaration about politically exposed persons.
type PEP struct {
	Exposure   Exposure   `json:"exposure,omitempty" enum:"none,self,relative,associate"`
	Person     string     `json:"person,omitempty"` // the exposed person, if it is not the client
	Position   string     `json:"position,omitempty"`
	DeclaredOn civil.Date `json:"declared_on,omitzero"`
}

// Beneficiary is a person who receives what the client has at death.
type Beneficiary struct {
	Name         string     `json:"name"`
	Relationship string     `json:"relationship"`
	BirthDate    civil.Date `json:"birth_date,omitzero"`
	Share        rate.Share `json:"share"`
	Phone        string     `json:"phone,omitempty"`
}

// Account is a bank account of the client.
type Account struct {
	CLABE  string `json:"clabe"`
	Holder string `json:"holder,omitempty"` // if it is not the client
}

// FullName returns the name that lists and documents show, or "" if the file states none.
func (f File) FullName() string {
	if f.Kind == Company {
		return f.LegalName
	}
	return strings.Join(strings.Fields(f.GivenNames+" "+f.PaternalSurname+" "+f.MaternalSurname), " ")
}

// TaxID returns the RFC, or a generic RFC as provisional if none is known.
func (f File) TaxID() string {
	switch {
	case f.RFC != "":
		return f.RFC
	case f.Nationality != "" && f.Nationality != Mexico:
		return string(mx.GenericForeigner)
	}
	return string(mx.GenericPublic)
}

// named returns the names and the birth date for suggestions.
func (f File) named() mx.Person {
	return mx.Person{
		Paternal: f.PaternalSurname, Maternal: f.MaternalSurname, Given: f.GivenNames,
		Year: int(f.BirthDate.Year), Month: time.Month(f.BirthDate.Month), Day: int(f.BirthDate.Day),
	}
}

// Record is the file as it is stored, with what the institution adds to it.
type Record struct {
	ClientID      id.ID          `json:"client_id"`
	Revision      int            `json:"revision"` // from 1; 0 if the client has no file
	File          File           `json:"file"`
	Confirmations []Confirmation `json:"confirmations,omitempty"`
	Grades        []Grade        `json:"risk,omitempty"` // the last is in force
	CompleteUntil civil.Date     `json:"complete_until,omitzero"`
	ChangedBy     string         `json:"changed_by,omitempty"`
	ChangedAt     time.Time      `json:"changed_at,omitzero"`
}

// AppendJSON adds the record as the REST API writes it.
func (r Record) AppendJSON(b []byte) []byte { return wire.JSON(b, r) }

// Of returns the record with the values that the client's row has. A client without a file
// gets an empty one, of the kind that the RFC has.
func (r Record) Of(c Client) Record {
	r.ClientID = c.ID
	if r.Revision == 0 && r.File.Kind == "" {
		r.File.Kind = Person
		if !mx.RFC(c.RFC).IsPerson() {
			r.File.Kind = Company
		}
	}
	r.File.RFC = c.RFC
	if c.Email != "" {
		r.File.Email = c.Email
	}
	return r
}

// Confirmation says who confirmed a warning, and when.
type Confirmation struct {
	Warning Warning   `json:"warning"`
	By      string    `json:"confirmed_by"`
	At      time.Time `json:"confirmed_at"`
}

// RiskGrade is the money-laundering risk of a client.
type RiskGrade string

// The grades.
const (
	LowRisk    RiskGrade = "low"
	MediumRisk RiskGrade = "medium"
	HighRisk   RiskGrade = "high"
)

// Grade is a risk grade with its reason.
type Grade struct {
	Grade  RiskGrade `json:"grade" enum:"low,medium,high"`
	Reason string    `json:"reason"`
	By     string    `json:"graded_by"`
	At     time.Time `json:"graded_at"`
}

// Risk returns the grade in force, or "" before the first.
func (r Record) Risk() RiskGrade {
	if n := len(r.Grades); n > 0 {
		return r.Grades[n-1].Grade
	}
	return ""
}
