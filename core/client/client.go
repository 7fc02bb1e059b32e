// Package client has the rules of clients (socios): the accepted forms of a name, an
// e-mail address and an RFC, the possible changes, and the condition for deleting a
// client. It also declares the permissions, refusals and events of clients.
package client

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/core/wire"
)

// MaxText is the maximum length of a name or an e-mail address in characters, the width
// of the seed's columns.
const MaxText = 255

// Client is a person or company that may have loans. The JSON is that of the seed, in
// the same order.
type Client struct {
	FullName  string    `json:"full_name"`
	Email     string    `json:"email"`
	RFC       string    `json:"rfc"`
	ID        id.ID     `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	Loans     int       `json:"-"` // number of loans ever granted
}

// AppendJSON adds the client as the REST API writes it.
func (c Client) AppendJSON(b []byte) []byte {
	b = wire.Quote(append(b, `{"full_name":`...), c.FullName)
	b = wire.Quote(append(b, `,"email":`...), c.Email)
	b = wire.Quote(append(b, `,"rfc":`...), c.RFC)
	b = c.ID.Append(append(b, `,"id":"`...))
	b = wire.Time(append(b, `","created_at":`...), c.CreatedAt)
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (c Client) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil), nil }

// New returns the client of a draft. It normalises the RFC, checks it at the tier, and
// converts the domain of the e-mail address to lower case. The error has all fields at
// fault.
func New(draft Client, tier mx.Tier) (Client, error) {
	var flaws fault.Flaws
	made := draft
	made.FullName = checkName(draft.FullName, &flaws)
	made.Email = checkEmail(draft.Email, &flaws)
	made.RFC = checkRFC(draft.RFC, tier, &flaws)
	if err := flaws.Err(); err != nil {
		return Client{}, err
	}
	return made, nil
}

// Change returns the client with a new name, a new e-mail address or both; nil leaves a
// field unchanged.
func (c Client) Change(fullName, email *string) (Client, error) {
	var flaws fault.Flaws
	if fullName != nil {
		c.FullName = checkName(*fullName, &flaws)
	}
	if email != nil {
		c.Email = checkEmail(*email, &flaws)
	}
	if err := flaws.Err(); err != nil {
		return Client{}, err
	}
	return c, nil
}

// CanDelete refuses to delete a client who ever had a loan, because the books refer to
// the client.
func (c Client) CanDelete() error {
	if c.Loans > 0 {
		return fault.Refuse(HasLoans, "loans", c.Loans)
	}
	return nil
}

func checkName(name string, flaws *fault.Flaws) string {
	if utf8.RuneCountInString(name) > MaxText {
		flaws.Add(fault.At("full_name", fault.MaxLength, "most", MaxText))
		return ""
	}
	flaws.Unless(!unprintable(name), "full_name", fault.Printable)
	return name
}

// The minimum and maximum length of an RFC.
const (
	minRFC = 12
	maxRFC = 13
)

// rfcRules has the rule for each code of core/mx.
var rfcRules = map[mx.Code]fault.Rule{
	mx.InvalidLength: RFCLength, mx.InvalidFormat: RFCForm, mx.InvalidDate: RFCDate, mx.ForbiddenWord: RFCWord, mx.InvalidVerificationDigit: RFCDigit,
}

func checkRFC(rfc string, tier mx.Tier, flaws *fault.Flaws) string {
	switch n := utf8.RuneCountInString(mx.NormalizeRFC(rfc)); {
	case n < minRFC:
		flaws.Add(fault.At("rfc", fault.MinLength, "least", minRFC))
		return ""
	case n > maxRFC:
		flaws.Add(fault.At("rfc", fault.MaxLength, "most", maxRFC))
		return ""
	}
	parsed, err := mx.ParseRFC(rfc, tier)
	var refusal mx.Error
	if errors.As(err, &refusal) {
		flaws.Add(fault.At("rfc", rfcRules[refusal.Code]))
	}
	return string(parsed)
}

// checkEmail accepts the same addresses as the validator of the seed: a registrable
// domain, at most 64 bytes before the @ and 254 in total.
func checkEmail(email string, flaws *fault.Flaws) string {
	local, domain, found := cutLast(email, '@')
	domain = strings.ToLower(domain)
	flaws.Unless(found && validLocal(local) && validDomain(domain) && len(email) <= 254 && !unprintable(email), "email", EmailForm)
	return local + "@" + domain
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// validLocal reports whether local is a dot-atom of RFC 5322, with the letters beyond
// ASCII of RFC 6531.
func validLocal(local string) bool {
	if local == "" || len(local) > 64 {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" {
			return false
		}
		for _, r := range atom {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r) {
				return false
			}
		}
	}
	return true
}

// specialUse has the top-level domains that receive no mail (RFC 6761 and others).
var specialUse = map[string]bool{"test": true, "local": true, "localhost": true, "invalid": true, "onion": true, "arpa": true}

func validDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 || len(domain) > 253 {
		return false
	}
	for _, label := range labels {
		if !validLabel(label) {
			return false
		}
	}
	top := labels[len(labels)-1]
	return !specialUse[top] && strings.Trim(top, "0123456789") != ""
}

func validLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for _, r := range label {
		if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			return false
		}
	}
	return true
}

func unprintable(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	})
}
