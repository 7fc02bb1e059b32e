package client

import (
	"slices"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/core/wire"
)

// ConsentKind is what a client consents to.
type ConsentKind string

// The kinds.
const (
	PrivacyNotice ConsentKind = "privacy_notice" // the treatment of personal data, by a version of the privacy notice
	BureauQuery   ConsentKind = "bureau_query"   // queries of the credit bureau
	Marketing     ConsentKind = "marketing"
	Electronic    ConsentKind = "electronic_notices" // notices by electronic means
)

// Channel is how a client gave a consent.
type Channel string

// The channels.
const (
	OnPaper        Channel = "paper"
	Electronically Channel = "electronic"
	ByVoice        Channel = "voice"
)

// Consent is a consent of a client. It is never deleted; it can be withdrawn.
type Consent struct {
	ID          id.ID       `json:"id"`
	ClientID    id.ID       `json:"client_id"`
	Kind        ConsentKind `json:"kind"`
	Version     string      `json:"notice_version"` // of the privacy notice or the text that the client accepted
	Channel     Channel     `json:"channel"`
	GivenOn     civil.Date  `json:"given_on"`
	ValidUntil  civil.Date  `json:"valid_until,omitzero"`
	RecordedBy  string      `json:"recorded_by"`
	RecordedAt  time.Time   `json:"recorded_at"`
	WithdrawnOn civil.Date  `json:"withdrawn_on,omitzero"`
	WithdrawnBy string      `json:"withdrawn_by,omitempty"`
}

// AppendJSON adds the consent as the REST API writes it.
func (c Consent) AppendJSON(b []byte) []byte { return wire.JSON(b, c) }

// InForce reports whether the consent holds on a day.
func (c Consent) InForce(on civil.Date) bool {
	return c.WithdrawnOn.IsZero() && (c.ValidUntil.IsZero() || !c.ValidUntil.Before(on))
}

// DocumentKind is a kind of document in a file.
type DocumentKind string

// The kinds.
const (
	IdentificationCopy DocumentKind = "identification"
	ProofOfAddress     DocumentKind = "proof_of_address"
	CURPCertificate    DocumentKind = "curp"
	TaxCertificate     DocumentKind = "tax_certificate" // constancia de situación fiscal
	IncomeProof        DocumentKind = "income_proof"
	IncorporationDeed  DocumentKind = "incorporation_deed"
	PowersDeed         DocumentKind = "powers"
	SignedConsent      DocumentKind = "signed_consent"
	SignedContract     DocumentKind = "signed_contract"
	Photograph         DocumentKind = "photograph"
	OtherDocument      DocumentKind = "other"
)

// Document describes a document of a client. A store of files has its bytes, by the hash.
type Document struct {
	ID        id.ID        `json:"id"`
	ClientID  id.ID        `json:"client_id"`
	Kind      DocumentKind `json:"kind"`
	Name      string       `json:"name"`
	MediaType string       `json:"media_type"`
	Size      int          `json:"size"`
	SHA256    string       `json:"sha256"` // of the bytes, in hexadecimal
	AddedBy   string       `json:"added_by"`
	AddedAt   time.Time    `json:"added_at"`
}

// AppendJSON adds the document as the REST API writes it.
func (d Document) AppendJSON(b []byte) []byte { return wire.JSON(b, d) }

// Note is a remark of the staff about a client. It is never changed.
type Note struct {
	ID       id.ID     `json:"id"`
	ClientID id.ID     `json:"client_id"`
	Text     string    `json:"text"`
	By       string    `json:"written_by"`
	At       time.Time `json:"written_at"`
}

// Personal marks answers that are encrypted where they are stored.
func (Note) Personal() {}

// AppendJSON adds the note as the REST API writes it.
func (n Note) AppendJSON(b []byte) []byte { return wire.JSON(b, n) }

// Dossier is the whole file of a client.
type Dossier struct {
	Record
	Missing   []Requirement `json:"missing"`
	Warnings  []Warning     `json:"warnings"` // that nobody has confirmed
	Consents  []Consent     `json:"consents"`
	Documents []Document    `json:"documents"`
}

// Personal marks answers that are encrypted where they are stored.
func (Dossier) Personal() {}

// AppendJSON adds the dossier as the REST API writes it.
func (d Dossier) AppendJSON(b []byte) []byte { return wire.JSON(b, d) }

// Requirement is something that a complete file must have: a field by its name, a document, a
// consent or the risk grade.
type Requirement string

// The requirements that are not fields.
const (
	NeedGrade      Requirement = "risk_grade"
	NeedConsent    Requirement = "consent_privacy_notice"
	NeedValidID    Requirement = "valid_identification"
	NeedIDCopy     Requirement = "document_identification"
	NeedProof      Requirement = "document_proof_of_address"
	NeedIncome     Requirement = "document_income_proof"
	NeedDeed       Requirement = "document_incorporation_deed"
	NeedPowers     Requirement = "document_powers"
	NeedTaxPaper   Requirement = "document_tax_certificate"
	NeedHome       Requirement = "address_home"
	NeedFiscal     Requirement = "address_fiscal"
	needBirthDate  Requirement = "birth_date"
	needBirthState Requirement = "birth_state"
	needSex        Requirement = "sex"
	needCURP       Requirement = "curp"
	needOccupation Requirement = "occupation"
	needFounded    Requirement = "incorporation_date"
	needDeedData   Requirement = "deed"
	needAgents     Requirement = "representatives"
	needOwners     Requirement = "owners"
	needNation     Requirement = "nationality"
	needRFC        Requirement = "rfc"
	needPhone      Requirement = "phones"
	needActivity   Requirement = "activity"
	needMoney      Requirement = "monthly_income"
	needSource     Requirement = "source_of_funds"
	needPEP        Requirement = "pep"
	needActsFor    Requirement = "acts_for"
)

// Lasting is the CompleteUntil of a complete file in which nothing expires.
var Lasting = civil.Date{Year: 9999, Month: 12, Day: 31}

// Judge sets what is missing on a day, and until when the file is complete if nothing is.
// Clients of medium and high risk need more than those of low risk.
func (d *Dossier) Judge(today civil.Date) {
	f, risk := d.File, d.Risk()
	d.Missing, d.Warnings = []Requirement{}, d.Open(today)
	need := func(present bool, what Requirement) {
		if !present {
			d.Missing = append(d.Missing, what)
		}
	}
	if f.Kind == Company {
		d.needOfCompanies(need)
	} else {
		d.needOfPersons(today, need)
	}
	need(f.Nationality != "", needNation)
	need(mx.Level(mx.RFC(f.RFC)) >= mx.TierStructural && !mx.RFC(f.RFC).IsGeneric(), needRFC)
	need(len(f.Phones) > 0, needPhone)
	need(f.Activity != "", needActivity)
	need(f.PEP.Exposure != "", needPEP)
	need(f.ActsFor != "", needActsFor)
	need(risk != "", NeedGrade)
	if risk != LowRisk {
		need(f.MonthlyIncome > 0, needMoney)
		need(d.has(ProofOfAddress), NeedProof)
	}
	if risk == HighRisk {
		need(f.SourceOfFunds != "", needSource)
		need(d.has(IncomeProof), NeedIncome)
	}
	until := d.consentUntil(today)
	need(!until.IsZero(), NeedConsent)
	d.CompleteUntil = civil.Date{}
	if len(d.Missing) > 0 {
		return
	}
	d.CompleteUntil = until
	if f.Kind == Person {
		d.CompleteUntil = earlier(until, f.identifiedUntil(today))
	}
}

func (d *Dossier) needOfPersons(today civil.Date, need func(bool, Requirement)) {
	f := d.File
	need(!f.BirthDate.IsZero(), needBirthDate)
	need(f.BirthState != "", needBirthState)
	need(f.Sex != "", needSex)
	need(f.CURP != "", needCURP)
	need(f.Occupation != "", needOccupation)
	need(f.has(HomeAddress), NeedHome)
	need(!f.identifiedUntil(today).IsZero(), NeedValidID)
	need(d.has(IdentificationCopy), NeedIDCopy)
}

func (d *Dossier) needOfCompanies(need func(bool, Requirement)) {
	f := d.File
	need(!f.IncorporationDate.IsZero(), needFounded)
	need(f.Deed.Number != "", needDeedData)
	need(len(f.Representatives) > 0, needAgents)
	need(len(f.Owners) > 0, needOwners)
	need(f.has(FiscalAddress), NeedFiscal)
	need(d.has(IncorporationDeed), NeedDeed)
	need(d.has(PowersDeed), NeedPowers)
	need(d.has(TaxCertificate), NeedTaxPaper)
}

func (d *Dossier) has(kind DocumentKind) bool {
	return slices.ContainsFunc(d.Documents, func(x Document) bool { return x.Kind == kind })
}

func (f File) has(kind AddressKind) bool {
	return slices.ContainsFunc(f.Addresses, func(a Address) bool { return a.Kind == kind })
}

// identifiedUntil returns the last day on which an identification is valid, or zero if none
// is valid.
func (f File) identifiedUntil(today civil.Date) (until civil.Date) {
	for _, x := range f.Identifications {
		switch {
		case x.ExpiresOn.IsZero():
			return Lasting
		case !x.Expired(today) && x.ExpiresOn.After(until):
			until = x.ExpiresOn
		}
	}
	return until
}

// consentUntil returns the last day on which the consent to the privacy notice holds, or zero.
func (d *Dossier) consentUntil(today civil.Date) (until civil.Date) {
	for _, c := range d.Consents {
		switch {
		case c.Kind != PrivacyNotice || !c.InForce(today):
		case c.ValidUntil.IsZero():
			return Lasting
		case c.ValidUntil.After(until):
			until = c.ValidUntil
		}
	}
	return until
}

func earlier(a, b civil.Date) civil.Date {
	if b.Before(a) {
		return b
	}
	return a
}

// Change is an entry in the history of a file.
type Change struct {
	ID        id.ID     `json:"id"`
	ClientID  id.ID     `json:"client_id"`
	Action    string    `json:"action"`
	Fields    []string  `json:"fields"`              // names of what changed, never values
	Confirmed []Warning `json:"confirmed,omitempty"` // warnings that the change confirmed
	By        string    `json:"changed_by"`
	At        time.Time `json:"changed_at"`
}

// AppendJSON adds the change as the REST API writes it.
func (c Change) AppendJSON(b []byte) []byte { return wire.JSON(b, c) }
