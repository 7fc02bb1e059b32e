package mx

import (
	"regexp"
	"slices"
	"unicode/utf8"
)

// RFC is a tax identifier (Registro Federal de Contribuyentes), normalised:
// upper case, without separators. 13 characters for a person, 12 for a company;
// Ñ is one character but two bytes.
type RFC string

// The generic RFCs of the SAT. Many customers may share them.
const (
	GenericPublic    RFC = "XAXX010101000" // the general public; its check digit does not verify
	GenericForeigner RFC = "XEXX010101000" // residents abroad
)

var (
	rfcShape    = regexp.MustCompile(`^[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}$`)
	rfcAlphabet = []rune("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ")

	// rfcForbidden has the initial letters that the SAT never assigns to a person.
	rfcForbidden = wordSet(`BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COJA COJE COJI COJO CULO
		FETO GUEY JOTO KACA KACO KAGA KAGO KAKA KOGE KOJO KULO MAME MAMO MEAR MEAS MEON MION
		MOCO MULA PEDA PEDO PENE PUTA PUTO QULO RATA RUIN`)

	// rfcMisissued has RFCs that the SAT issued with a wrong check digit
	// (list of manuelmhtr/validate-rfc).
	rfcMisissued = wordSet("DAA020218JY1 EDG811007RB3 LIM0011098G0 LME060822IH5 NFS0103297H5")
)

// NormalizeRFC trims s, turns it to upper case and drops spaces - / and _.
// It does not check the result.
func NormalizeRFC(s string) string { return normalize(s, " \u00a0-/_") }

// ParseRFC normalises s and checks it at the given tier; TierNone counts as
// TierLength. The error is an Error with one of the codes InvalidLength,
// InvalidFormat, InvalidDate, ForbiddenWord, InvalidVerificationDigit.
func ParseRFC(s string, tier Tier) (RFC, error) {
	if len(s) > maxInput {
		return "", errRFCLength
	}
	r := NormalizeRFC(s)
	reached, obstacle := highestTier(r)
	if reached < min(max(tier, TierLength), TierStrict) {
		return "", obstacle
	}
	return RFC(r), nil
}

// Level returns the highest tier that r reaches.
func Level(r RFC) Tier {
	reached, _ := highestTier(string(r))
	return reached
}

// IsPerson reports whether r has the 13 characters of a person (persona física).
func (r RFC) IsPerson() bool { return utf8.RuneCountInString(string(r)) == 13 }

// IsGeneric reports whether r is one of the two generic RFCs. They identify nobody, so
// they need not be unique.
func (r RFC) IsGeneric() bool { return r == GenericPublic || r == GenericForeigner }

var (
	errRFCLength    = Error{InvalidLength, "RFC must have 13 characters (person) or 12 (company), not counting spaces, hyphens and slashes"}
	errRFCPrintable = Error{InvalidFormat, "RFC must be made of printable characters"}
	errRFCShape     = Error{InvalidFormat, "RFC must have 4 letters (person) or 3 (company) from A-Z, Ñ and &, then a date as YYMMDD, then 3 letters or digits"}
	errRFCDate      = Error{InvalidDate, "RFC must have a valid date as YYMMDD after its letters"}
	errRFCEnd       = Error{InvalidFormat, "RFC must end in a digit or the letter A"}
	errRFCWord      = Error{ForbiddenWord, "RFC must not begin with a word that the SAT excludes; the SAT replaces its fourth letter with X"}
	errRFCDigit     = Error{InvalidVerificationDigit, "RFC has a check digit that does not match its other characters; compare it with the document"}
)

// highestTier returns the highest tier that the normalised text r reaches, and the error
// of the next tier; nil at TierStrict.
func highestTier(r string) (Tier, error) {
	if n := utf8.RuneCountInString(r); n != 12 && n != 13 {
		return TierNone, errRFCLength
	}
	if !printable(r) {
		return TierNone, errRFCPrintable
	}
	if !rfcShape.MatchString(r) {
		return TierLength, errRFCShape
	}
	stem, last := r[:len(r)-1], r[len(r)-1]
	// The century is not written. 20YY has every date that 19YY has, and 29 February 2000.
	year, month, day := yymmdd(stem[len(stem)-8:])
	if !realDate(2000+year, month, day) {
		return TierLength, errRFCDate
	}
	if last != 'A' && (last < '0' || last > '9') {
		return TierStructural, errRFCEnd
	}
	if RFC(r).IsGeneric() || rfcMisissued[r] {
		return TierStrict, nil
	}
	if rfcForbidden[r[:len(r)-9]] { // four letters: only a person's can match
		return TierSATXSD, errRFCWord
	}
	if last != rfcDigit(stem) {
		return TierSATXSD, errRFCDigit
	}
	return TierStrict, nil
}

// rfcDigit computes the check digit, '0'..'9' or 'A', of an RFC of the right
// shape without it. The stem of a company is one character shorter, so a space is added
// in front.
func rfcDigit(stem string) byte {
	if utf8.RuneCountInString(stem) == 11 {
		stem = " " + stem
	}
	sum, weight := 0, 13
	for _, c := range stem {
		sum += slices.Index(rfcAlphabet, c) * weight
		weight--
	}
	switch digit := (11 - sum%11) % 11; digit {
	case 10:
		return 'A'
	default:
		return byte('0' + digit)
	}
}
