// Package client holds the rules of a client of the institution: what a name,
// an e-mail and an RFC must look like, and what may be changed.
package client

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/core/wire"
)

// MaxText is the longest name or e-mail in characters, the width of the seed's columns.
const MaxText = 255

// Client is a person or company that may hold loans. The JSON form is the
// seed's, in the seed's order.
type Client struct {
	FullName  string    `json:"full_name"`
	Email     string    `json:"email"`
	RFC       string    `json:"rfc"`
	ID        id.ID     `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	Loans     int       `json:"-"` // how many loans were ever granted
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

// New checks and makes a client. The RFC is normalised and checked at the tier;
// the domain of the e-mail is lower-cased. All fields at fault are reported.
func New(newID id.ID, fullName, email, rfc string, tier mx.Tier, now time.Time) (Client, error) {
	var faults []fault.Field
	fullName, faults = checkName(fullName, faults)
	email, faults = checkEmail(email, faults)
	rfc, faults = checkRFC(rfc, tier, faults)
	if len(faults) > 0 {
		return Client{}, fault.InFields(faults)
	}
	return Client{ID: newID, FullName: fullName, Email: email, RFC: rfc, CreatedAt: now}, nil
}

// Change gives the client with a new name, a new e-mail or both; nil leaves a field.
func (c Client) Change(fullName, email *string) (Client, error) {
	var faults []fault.Field
	if fullName != nil {
		c.FullName, faults = checkName(*fullName, faults)
	}
	if email != nil {
		c.Email, faults = checkEmail(*email, faults)
	}
	if len(faults) > 0 {
		return Client{}, fault.InFields(faults)
	}
	return c, nil
}

// CanDelete refuses the deletion of a client who ever had a loan: the books refer to it.
func (c Client) CanDelete() error {
	if c.Loans > 0 {
		return fault.New(fault.ClientHasLoans,
			"Client has loans and cannot be deleted", "El cliente tiene préstamos y no puede eliminarse").With("loans", c.Loans)
	}
	return nil
}

func checkName(name string, faults []fault.Field) (string, []fault.Field) {
	switch {
	case utf8.RuneCountInString(name) > MaxText:
		return "", append(faults, tooLong("full_name"))
	case unprintable(name):
		return "", append(faults, inBody("full_name", "ensure this value has no control characters and is valid UTF-8", "value_error.str.control"))
	}
	return name, faults
}

func checkRFC(rfc string, tier mx.Tier, faults []fault.Field) (string, []fault.Field) {
	normal := mx.NormalizeRFC(rfc)
	switch n := utf8.RuneCountInString(normal); {
	case n < 12:
		f := inBody("rfc", "ensure this value has at least 12 characters", "value_error.any_str.min_length")
		f.Context = map[string]any{"limit_value": 12}
		return "", append(faults, f)
	case n > 13:
		f := inBody("rfc", "ensure this value has at most 13 characters", "value_error.any_str.max_length")
		f.Context = map[string]any{"limit_value": 13}
		return "", append(faults, f)
	}
	parsed, err := mx.ParseRFC(rfc, tier)
	if err != nil {
		return "", append(faults, inBody("rfc", err.Error(), "value_error.rfc"))
	}
	return string(parsed), faults
}

// checkEmail accepts what the seed's validator accepts: one address of a
// registrable domain, at most 64 bytes before the @ and 254 in all.
func checkEmail(email string, faults []fault.Field) (string, []fault.Field) {
	local, domain, found := cutLast(email, '@')
	domain = strings.ToLower(domain)
	if !found || !validLocal(local) || !validDomain(domain) || len(email) > 254 || unprintable(email) {
		return "", append(faults, inBody("email", "value is not a valid email address", "value_error.email"))
	}
	return local + "@" + domain, faults
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// validLocal tells a dot-atom of RFC 5322 (RFC 6531 for letters beyond ASCII).
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

// specialUse are the top-level domains that no mail reaches (RFC 6761 and kin).
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

func tooLong(name string) fault.Field {
	f := inBody(name, "ensure this value has at most 255 characters", "value_error.any_str.max_length")
	f.Context = map[string]any{"limit_value": MaxText}
	return f
}

func inBody(name, message, kind string) fault.Field {
	return fault.Field{Loc: []any{"body", name}, Message: message, Type: kind}
}
