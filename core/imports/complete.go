package imports

import (
	"errors"
	"strings"
	"time"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/mx"
)

// Registered returns the client of a row, with a finding for each field that must be completed.
// The name and the e-mail address stay as they are, but for the domain in lower case, and the RFC
// is normalised. taken reports the values that other clients have: a client whose RFC is taken
// gets the generic one, and a client whose e-mail address is taken gets none. A zero Since becomes
// now.
func (c Client) Registered(now time.Time, taken func(client.ClaimKind, string) bool) (client.Client, []Finding) {
	made := client.Client{ID: c.ID, FullName: c.FullName, Email: strings.TrimSpace(c.Email), RFC: mx.NormalizeRFC(c.RFC), CreatedAt: c.Since}
	if made.CreatedAt.IsZero() {
		made.CreatedAt = now
	}
	var findings []Finding
	note := func(field Field, rule fault.Rule, value string) {
		findings = append(findings, Finding{Line: c.Line, Field: field, Rule: rule, Outcome: Incomplete, Row: c.ID, Client: c.ID, Value: value})
	}
	var shown fault.Flaws
	switch glyph.Check(made.FullName, string(FullName), &shown); {
	case glyph.Blank(made.FullName):
		note(FullName, fault.Blank, made.FullName)
	case len(shown) > 0:
		note(FullName, fault.Printable, "")
	}
	switch rule := rfcRule(made.RFC); {
	case made.RFC == "":
		note(RFC, fault.Missing, c.RFC)
		made.RFC = string(mx.GenericPublic)
	case !mx.RFC(made.RFC).IsGeneric() && taken(client.ByRFC, made.RFC):
		note(RFC, RFCShared, c.RFC)
		made.RFC = string(mx.GenericPublic)
	case rule != "":
		note(RFC, rule, c.RFC)
	}
	if at := strings.LastIndexByte(made.Email, '@'); at >= 0 {
		made.Email = made.Email[:at] + strings.ToLower(made.Email[at:])
	}
	switch {
	case made.Email == "":
		note(Email, fault.Missing, "")
	case taken(client.ByEmail, made.Email):
		note(Email, EmailShared, c.Email)
		made.Email = ""
	case !client.ValidEmail(made.Email):
		note(Email, client.EmailForm, c.Email)
	}
	return made, findings
}

// rfcRule returns the rule that a normalised RFC breaks, "" if it has the right form.
func rfcRule(rfc string) fault.Rule {
	_, err := mx.ParseRFC(rfc, mx.TierStructural)
	var broken mx.Error
	switch {
	case !errors.As(err, &broken):
		return ""
	case broken.Code == mx.InvalidLength:
		return client.RFCLength
	case broken.Code == mx.InvalidDate:
		return client.RFCDate
	}
	return client.RFCForm
}
