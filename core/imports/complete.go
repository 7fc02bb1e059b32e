package imports

import (
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/mx"
)

// Registered returns the client of a row, with a finding for each field that must be completed.
// The name and the e-mail address stay as they are, but for the domain in lower case, and the RFC
// is normalised. taken reports the values that other clients have: a client whose RFC is taken
// gets the generic one, and a client whose e-mail address is taken gets none. A Since that is
// zero or after today becomes now. The location of now is that of the institution.
func (c Client) Registered(now time.Time, taken func(client.ClaimKind, string) bool) (client.Client, []Finding) {
	made := client.Client{ID: c.ID, FullName: c.FullName, Email: strings.TrimSpace(c.Email), RFC: mx.NormalizeRFC(c.RFC), CreatedAt: c.Since}
	if made.CreatedAt.IsZero() {
		made.CreatedAt = now
	}
	var findings []Finding
	note := func(field Field, rule fault.Rule, value string) {
		findings = append(findings, Finding{Line: c.Line, Field: field, Rule: rule, Outcome: Incomplete, Row: c.ID, Client: c.ID, Value: value})
	}
	if today := civil.DateOf(now); civil.DateOf(made.CreatedAt.In(now.Location())).After(today) {
		f := FindingOf(c.Line, c.ID, NotFuture(Since, today), Incomplete)
		f.Client, f.Value = c.ID, made.CreatedAt.In(now.Location()).Format(time.DateOnly)
		findings, made.CreatedAt = append(findings, f), now
	}
	var shown fault.Flaws
	switch glyph.Check(made.FullName, string(FullName), &shown); {
	case glyph.Blank(made.FullName):
		note(FullName, fault.Blank, "")
	case len(shown) > 0:
		note(FullName, fault.Printable, "")
	}
	_, err := mx.ParseRFC(made.RFC, mx.TierStructural)
	switch rule := client.RFCRule(err); {
	case made.RFC == "":
		note(RFC, fault.Missing, "")
		made.RFC = string(mx.GenericPublic)
	case !mx.RFC(made.RFC).IsGeneric() && taken(client.ByRFC, made.RFC):
		note(RFC, RFCShared, c.RFC)
		made.RFC = string(mx.GenericPublic)
	case rule != "":
		note(RFC, rule, "")
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
		note(Email, client.EmailForm, "")
	}
	return made, findings
}
