package client

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/glyph"
)

// MaxNote is the maximum length of a note or a reason, in characters.
const MaxNote = 2000

// MaxDocument is the maximum size of a document in bytes.
const MaxDocument = 10 << 20

// MediaTypes lists the accepted types of documents.
var MediaTypes = []string{"application/pdf", "image/jpeg", "image/png"}

// CheckNote returns the text of a note without surrounding space. Refused with Invalid.
func CheckNote(s string) (string, error) { return checkLong(s, "text") }

// CheckGrade returns the reason of a risk grade without surrounding space. Refused with Invalid.
func CheckGrade(grade RiskGrade, reason string) (string, error) {
	var flaws fault.Flaws
	fault.Among(&flaws, grade, "grade", LowRisk, MediumRisk, HighRisk)
	reason = long(reason, "reason", &flaws)
	return reason, flaws.Err()
}

// checkLong checks a text of several lines.
func checkLong(s, path string) (string, error) {
	var flaws fault.Flaws
	s = long(s, path, &flaws)
	return s, flaws.Err()
}

// long returns a text of several lines without surrounding space, and adds its flaws.
func long(s, path string, flaws *fault.Flaws) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch {
	case glyph.Blank(s):
		flaws.Add(fault.At(path, fault.Missing))
	case utf8.RuneCountInString(s) > MaxNote:
		flaws.Add(fault.At(path, fault.MaxLength, "most", MaxNote))
	default:
		glyph.Check(strings.ReplaceAll(s, "\n", " "), path, flaws)
	}
	return s
}

// Checked returns a consent without surrounding space in its texts. Refused with Invalid.
func (c Consent) Checked() (Consent, error) {
	var flaws fault.Flaws
	c.Version = strings.TrimSpace(c.Version)
	fault.Among(&flaws, c.Kind, "kind", PrivacyNotice, BureauQuery, Marketing, Electronic)
	fault.Among(&flaws, c.Channel, "channel", OnPaper, Electronically, ByVoice)
	checkLine(c.Version, "notice_version", &flaws)
	if !c.ValidUntil.IsZero() && !c.GivenOn.IsZero() && c.ValidUntil.Before(c.GivenOn) {
		flaws.Add(fault.At("valid_until", Expired, "earliest", c.GivenOn))
	}
	return c, flaws.Err()
}

// Checked returns a document without surrounding space in its name. Refused with Invalid.
func (d Document) Checked() (Document, error) {
	var flaws fault.Flaws
	d.Name = strings.TrimSpace(d.Name)
	fault.Among(&flaws, d.Kind, "kind", IdentificationCopy, ProofOfAddress, CURPCertificate, TaxCertificate, IncomeProof, IncorporationDeed, PowersDeed,
		SignedConsent, SignedContract, Photograph, OtherDocument)
	checkLine(d.Name, "name", &flaws)
	fault.Among(&flaws, d.MediaType, "Content-Type", MediaTypes...)
	flaws.Unless(d.Size > 0, "content", fault.Missing)
	return d, flaws.Err()
}

// checkLine checks a required text of one line.
func checkLine(s, path string, flaws *fault.Flaws) {
	var found fault.Flaws
	tidy(reflect.ValueOf(&s).Elem(), "", &found, []any{path})
	*flaws = append(*flaws, found...)
	flaws.Unless(!glyph.Blank(s) || len(found) > 0, path, fault.Missing)
}

// Sniffed reports whether the first bytes of a document agree with its media type.
func Sniffed(mediaType string, content []byte) bool {
	for _, magic := range map[string][]string{"application/pdf": {"%PDF-"}, "image/jpeg": {"\xff\xd8\xff"}, "image/png": {"\x89PNG\r\n\x1a\n"}}[mediaType] {
		if strings.HasPrefix(string(content[:min(len(content), 8)]), magic) {
			return true
		}
	}
	return false
}

// Warnings returns the names of findings, each once.
func Warnings(findings []Finding) (names []Warning) {
	seen := map[Warning]bool{}
	for _, f := range findings {
		if !seen[f.Warning] {
			seen[f.Warning], names = true, append(names, f.Warning)
		}
	}
	return names
}

// Refused returns the refusal of a change whose findings nobody has confirmed.
func Refused(findings []Finding) *fault.Error {
	return fault.Refuse(NeedsConfirmation, "warnings", Warnings(findings), "findings", findings)
}
