// Package webhook has the noun webhook: the address of another system that gets the events of
// the bank by HTTP, and what became of the deliveries. It decides which addresses may be called
// and when a delivery that fails becomes a dead letter.
package webhook

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// Webhook is an address that gets events.
type Webhook struct {
	ID          id.ID     `json:"id"`
	Name        string    `json:"name"`
	URL         string    `json:"url"`
	Events      []string  `json:"events"` // types of events; empty: all
	State       State     `json:"state"`
	Secret      string    `json:"-"` // signs the deliveries
	OldSecret   string    `json:"-"` // signs them too until OldUntil
	OldUntil    time.Time `json:"old_secret_until,omitzero"`
	ReplayUntil time.Time `json:"-"` // dead letters up to this moment are delivered again
	CreatedBy   string    `json:"created_by"`
	CreatedAt   time.Time `json:"created_at"`
}

// State is whether events are delivered.
type State string

// The states of webhooks.
const (
	Active State = "active"
	Paused State = "paused"
	Gone   State = "gone" // paused because the receiver answered with status 410
)

// The limits of a webhook.
const (
	MaxName    = 100  // characters
	MaxURL     = 2000 // bytes
	MaxOverlap = 168  // hours for which a replaced secret still signs
)

// AppendJSON adds the webhook as JSON, without the secrets.
func (w Webhook) AppendJSON(b []byte) []byte { return wire.JSON(b, w) }

// ParseEvents reads the types of events from their stored form.
func (w *Webhook) ParseEvents(text string) error {
	if err := json.Unmarshal([]byte(text), &w.Events); err != nil {
		return fmt.Errorf("events of the webhook %s: %w", w.ID, err)
	}
	return nil
}

// Check refuses a webhook with a wrong name, address or type of events. It reports all fields at
// fault. Known are the types of events that exist; to are the private networks that may be called.
func (w Webhook) Check(known []string, to Networks) error {
	var f fault.Flaws
	if utf8.RuneCountInString(w.Name) > MaxName {
		f.Add(fault.At("name", fault.MaxLength, "most", MaxName))
	} else {
		glyph.Check(w.Name, "name", &f)
		f.Unless(f.Has("name") || !glyph.Blank(w.Name), "name", fault.Blank)
	}
	if rule := checkURL(w.URL, to); rule != "" {
		f.Add(fault.At("url", rule))
	}
	for i, name := range w.Events {
		if !slices.Contains(known, name) {
			f.Add(fault.At("", UnknownEvent).In("events", i))
		}
	}
	return f.Err()
}

// checkURL returns the rule that an address breaks. The address behind a name is checked when it
// is called.
func checkURL(text string, to Networks) fault.Rule {
	u, err := url.Parse(text)
	plain := !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
	if err != nil || !plain || len(text) > MaxURL || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.Contains(text, "#") {
		return URLForm
	}
	if u.Scheme == "http" && len(to) == 0 {
		return PlainHTTP
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !to.Permit(u.Scheme == "https", a) {
		return ForbiddenAddress
	}
	return ""
}

// Wants reports whether events of a type are delivered. A test event is delivered only to the
// webhook that is tested, its subject.
func (w Webhook) Wants(eventType string, subject id.ID) bool {
	if eventType == (Tested{}).Event().Name {
		return subject == w.ID
	}
	return len(w.Events) == 0 || slices.Contains(w.Events, eventType)
}

// Secrets returns the secrets that sign a delivery.
func (w Webhook) Secrets(now time.Time) []string {
	if w.OldSecret != "" && now.Before(w.OldUntil) {
		return []string{w.Secret, w.OldSecret}
	}
	return []string{w.Secret}
}
