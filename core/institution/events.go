package institution

import (
	"reflect"
	"slices"
	"strings"

	"sofipo/core/event"
	"sofipo/core/lang"
)

// Events declares the events of the institution. They name changed fields, not values.
var Events = []event.Declaration{
	{Payload: Changed{}, Subject: "institution", Text: lang.Text{EN: "Data of the institution changed: {fields}", ES: "Datos de la institución modificados: {fields}"}},
	{Payload: LogoChanged{}, Subject: "institution", Text: lang.Text{EN: "Logo of the institution changed", ES: "Logotipo de la institución modificado"}},
	{Payload: LogoRemoved{}, Subject: "institution", Text: lang.Text{EN: "Logo of the institution removed", ES: "Logotipo de la institución eliminado"}},
}

// The cache keys of the institution and its logo.
const (
	CacheKey     = "institution"
	LogoCacheKey = "institution_logo"
)

// Changed is the payload of institution_changed.
type Changed struct{ Fields []string }

// ChangedEvent returns the event of changed data.
func ChangedEvent(before, after Institution) event.Fact {
	return event.Fact{Payload: Changed{changedFields(before, after)}, Entity: ID, Subject: ID, Stale: after.StaleKeys()}
}

// StaleKeys returns the cache keys of the answers that show the institution.
func (Institution) StaleKeys() []string { return []string{CacheKey} }

// changedFields returns the JSON names of the fields that differ, without those that say who
// changed the record and when.
func changedFields(before, after Institution) (names []string) {
	old, now := reflect.ValueOf(before), reflect.ValueOf(after)
	for n, f := range reflect.VisibleFields(old.Type()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !strings.HasPrefix(name, "changed_") && !reflect.DeepEqual(old.Field(n).Interface(), now.Field(n).Interface()) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Event implements event.Payload.
func (Changed) Event() event.Type { return event.Type{Name: "institution_changed", Version: 1} }

// Members implements event.Payload.
func (e Changed) Members(o *event.Object) { o.Text("fields", strings.Join(e.Fields, ", ")) }

// LogoChanged is the payload of institution_logo_changed.
type LogoChanged struct{ Hash string }

// LogoChangedEvent returns the event of a new logo.
func LogoChangedEvent(l Logo) event.Fact {
	return event.Fact{Payload: LogoChanged{l.Hash}, Entity: ID, Subject: ID, Stale: l.StaleKeys()}
}

// StaleKeys returns the cache keys of the answers that show the logo.
func (Logo) StaleKeys() []string { return []string{LogoCacheKey} }

// Event implements event.Payload.
func (LogoChanged) Event() event.Type {
	return event.Type{Name: "institution_logo_changed", Version: 1}
}

// Members implements event.Payload.
func (e LogoChanged) Members(o *event.Object) { o.Text("sha256", e.Hash) }

// LogoRemoved is the payload of institution_logo_removed.
type LogoRemoved struct{ Hash string }

// LogoRemovedEvent returns the event of a removed logo.
func LogoRemovedEvent(l Logo) event.Fact {
	return event.Fact{Payload: LogoRemoved{l.Hash}, Entity: ID, Subject: ID, Stale: l.StaleKeys()}
}

// Event implements event.Payload.
func (LogoRemoved) Event() event.Type {
	return event.Type{Name: "institution_logo_removed", Version: 1}
}

// Members implements event.Payload.
func (e LogoRemoved) Members(o *event.Object) { o.Text("sha256", e.Hash) }
