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
	"sofipo/core/folio"
	"sofipo/core/glyph"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/core/wire"
)

// MaxText is the maximum length of a name or an e-mail address in characters, the width
// of the seed's columns.
const MaxText = 255

// Client is a person or company that may have loans. The JSON begins with the seed's fields,
// in the seed's order.
type Client struct {
	FullName  string    `json:"full_name"`
	Email     string    `json:"email"`
	RFC       string    `json:"rfc"`
	ID        id.ID     `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	Loans     int       `json:"-"` // number of loans ever granted
	BranchID  id.ID     `json:"-"`
	Officer   string    `json:"-"` // name of the user who looks after the client; empty if nobody
	Names     string    `json:"-"` // stored form of FullName for searches; see names.Plain
	Data      DataState `json:"-"`

	Number folio.Number `json:"number,omitzero"`
}

// AppendJSON adds the client as the REST API writes it.
func (c Client) AppendJSON(b []byte) []byte {
	b = wire.Quote(append(b, `{"full_name":`...), c.FullName)
	b = wire.Quote(append(b, `,"email":`...), c.Email)
	b = wire.Quote(append(b, `,"rfc":`...), c.RFC)
	b = c.ID.Append(append(b, `,"id":"`...))
	b = wire.Time(append(b, `","created_at":`...), c.CreatedAt)
	if c.Number != 0 {
		b = append(folio.Client.Append(append(b, `,"number":"`...), c.Number), '"')
	}
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (c Client) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil), nil }

// Rules are the settings for the data of clients.
type Rules struct {
	RFC       mx.Tier // how strictly an RFC is checked
	EmptyName bool    // accept the empty name, as the seed does
}

// New returns the client of a draft. It normalises the RFC and converts the domain of the
// e-mail address to lower case. The error has all fields at fault.
func New(draft Client, r Rules) (Client, error) {
	asked, err := Changes{&draft.FullName, &draft.Email, &draft.RFC}.Checked(r)
	if err != nil {
		return Client{}, err
	}
	return draft.Change(asked), nil
}

// Changes are the new values of a client's fields; nil leaves a field unchanged.
type Changes struct{ FullName, Email, RFC *string }

// Checked returns the changes in the form in which a client has them. The error has all
// fields at fault.
func (to Changes) Checked(r Rules) (Changes, error) {
	var flaws fault.Flaws
	check := func(field *string, check func(string, Rules, *fault.Flaws) string) *string {
		if field == nil {
			return nil
		}
		checked := check(*field, r, &flaws)
		return &checked
	}
	out := Changes{check(to.FullName, checkName), check(to.Email, checkEmail), check(to.RFC, checkRFC)}
	if err := flaws.Err(); err != nil {
		return Changes{}, err
	}
	return out, nil
}

// Change returns the client with checked changes.
func (c Client) Change(to Changes) Client {
	for _, change := range []struct{ field, value *string }{{&c.FullName, to.FullName}, {&c.Email, to.Email}, {&c.RFC, to.RFC}} {
		if change.value != nil {
			*change.field = *change.value
		}
	}
	return c
}

// CanDelete refuses to delete a client who ever had a loan, because the books refer to
// the client.
func (c Client) CanDelete() error {
	if c.Loans > 0 {
		return fault.Refuse(HasLoans, "loans", c.Loans)
	}
	return nil
}

// checkName accepts a name that documents can show.
func checkName(name string, r Rules, flaws *fault.Flaws) string {
	switch {
	case utf8.RuneCountInString(name) > MaxText:
		flaws.Add(fault.At("full_name", fault.MaxLength, "most", MaxText))
		return ""
	case name == "" && r.EmptyName:
		return ""
	}
	glyph.Check(name, "full_name", flaws)
	flaws.Unless(flaws.Has("full_name") || !glyph.Blank(name), "full_name", fault.Blank)
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

// RFCRule returns the rule that an RFC breaks by the error of mx.ParseRFC, "" for none.
func RFCRule(err error) fault.Rule {
	var broken mx.Error
	if !errors.As(err, &broken) {
		return ""
	}
	return rfcRules[broken.Code]
}

func checkRFC(rfc string, r Rules, flaws *fault.Flaws) string { return CheckRFC(rfc, r.RFC, flaws) }

// CheckRFC returns the normalised RFC of a field rfc, or adds its flaw.
func CheckRFC(rfc string, tier mx.Tier, flaws *fault.Flaws) string {
	switch n := utf8.RuneCountInString(mx.NormalizeRFC(rfc)); {
	case n < minRFC:
		flaws.Add(fault.At("rfc", fault.MinLength, "least", minRFC))
		return ""
	case n > maxRFC:
		flaws.Add(fault.At("rfc", fault.MaxLength, "most", maxRFC))
		return ""
	}
	parsed, err := mx.ParseRFC(rfc, tier)
	if rule := RFCRule(err); rule != "" {
		flaws.Add(fault.At("rfc", rule))
	}
	return string(parsed)
}

// checkEmail converts the domain to lower case.
func checkEmail(email string, _ Rules, flaws *fault.Flaws) string {
	flaws.Unless(ValidEmail(email), "email", EmailForm)
	local, domain, _ := cutLast(email, '@')
	return local + "@" + strings.ToLower(domain)
}

// ValidEmail accepts the same addresses as the validator of the seed: a registrable domain, at
// most 64 bytes before the @ and 254 in total.
func ValidEmail(email string) bool {
	local, domain, found := cutLast(email, '@')
	return found && validLocal(local) && validDomain(strings.ToLower(domain)) && len(email) <= 254 && !unprintable(email)
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
