// Package screening compares people with lists of persons: blocked persons, with whom the
// institution may not deal, and persons who need attention, such as politically exposed ones.
// docs/screening.md describes the rules.
package screening

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/core/wire"
)

// Effect is what a match with a list does.
type Effect string

// The effects.
const (
	Block Effect = "block" // refuses the registration or the disbursement
	Warn  Effect = "warn"  // raises an alert
)

// ListCode is the short name of a list.
type ListCode string

// Known are the lists with a title and an effect. Other lists state theirs at their first
// import.
var Known = map[ListCode]List{
	"LPB":  {Title: "Lista de personas bloqueadas (UIF)", Effect: Block},
	"OFAC": {Title: "Specially Designated Nationals (OFAC)", Effect: Block},
	"ONU":  {Title: "Lista consolidada del Consejo de Seguridad de la ONU", Effect: Block},
	"PEP":  {Title: "Personas políticamente expuestas", Effect: Warn},
	"69-B": {Title: "Contribuyentes del artículo 69-B del CFF (SAT)", Effect: Warn},
}

// List is a list with its version in force.
type List struct {
	Code       ListCode  `json:"list"`
	Title      string    `json:"title"`
	Effect     Effect    `json:"effect"`
	Version    int       `json:"version"`
	Entries    int       `json:"entries"`
	Hash       string    `json:"sha256"` // of the file
	ImportedBy string    `json:"imported_by"`
	ImportedAt time.Time `json:"imported_at"`
	Screened   int       `json:"screened_version"` // the last version that was compared with all clients
}

// AppendJSON adds the list as the REST API writes it.
func (l List) AppendJSON(b []byte) []byte { return wire.JSON(b, l) }

// Entry is a person on a list. Empty fields are not known.
type Entry struct {
	ID        id.ID      `json:"entry_id"`
	List      ListCode   `json:"list"`
	Reference string     `json:"reference"` // of the list's publisher
	Name      string     `json:"full_name"`
	RFC       string     `json:"rfc"`
	CURP      string     `json:"curp"`
	Born      civil.Date `json:"birth_date,omitzero"`
	AddedIn   int        `json:"added_in"`             // version that added the entry
	RemovedIn int        `json:"removed_in,omitempty"` // version that removed it; 0: it is in force
}

// AppendJSON adds the entry as the REST API writes it.
func (e Entry) AppendJSON(b []byte) []byte { return wire.JSON(b, e) }

// same returns what the list's file says of the person.
func (e Entry) same() Entry {
	e.ID, e.AddedIn, e.RemovedIn = id.ID{}, 0, 0
	return e
}

// Key is a value by which the entries in force are found. It has what a comparison needs.
type Key struct {
	Value  string // from Values
	Entry  id.ID
	List   ListCode
	Effect Effect
	Born   civil.Date
}

// Keys returns the keys of an entry.
func (e Entry) Keys(effect Effect) (all []Key) {
	for _, value := range (Person{Name: e.Name, RFC: e.RFC, CURP: e.CURP}).Values() {
		all = append(all, Key{Value: value, Entry: e.ID, List: e.List, Effect: effect, Born: e.Born})
	}
	return all
}

// Person is who is compared with the lists.
type Person struct {
	Name      string
	RFC, CURP string
	Born      civil.Date // zero: not known
}

// The first letters of the values.
const (
	byRFC  = "R"
	byCURP = "C"
	byName = "N"
)

// separators are between words, also without a space.
var separators = strings.NewReplacer("-", " ", ",", " ", "/", " ")

// Values returns the values by which the person's entries are found. A name has no accents, and
// its words are sorted, because lists have the surnames first or last.
func (p Person) Values() (values []string) {
	add := func(kind, value string) {
		if value != "" {
			values = append(values, kind+value)
		}
	}
	if !mx.RFC(p.RFC).IsGeneric() {
		add(byRFC, p.RFC)
	}
	if !mx.CURP(p.CURP).IsGeneric() {
		add(byCURP, p.CURP)
	}
	words := strings.Fields(mx.PlainName(separators.Replace(p.Name)))
	slices.Sort(words)
	add(byName, strings.Join(words, " "))
	return values
}

// Basis is how a person matches an entry.
type Basis string

// The bases, strongest first.
const (
	OnRFC       Basis = "rfc"
	OnCURP      Basis = "curp"
	OnNameBirth Basis = "name_and_birth"
	OnName      Basis = "name" // the birth date of one of them is not known
)

// strength orders the bases.
var strength = map[Basis]int{OnRFC: 3, OnCURP: 3, OnNameBirth: 2, OnName: 1}

// Certain reports whether the basis identifies the person. A name alone does not.
func (b Basis) Certain() bool { return b != OnName }

// Match is an entry that a person matches.
type Match struct {
	Key
	Basis Basis
}

// Matches returns the entries that the person matches, each once with its strongest basis, in
// the order of their ids. The keys are those with the person's values.
func (p Person) Matches(keys []Key) (all []Match) {
	values := p.Values()
	for _, k := range keys {
		if !slices.Contains(values, k.Value) {
			continue
		}
		m := Match{k, OnRFC}
		switch {
		case strings.HasPrefix(k.Value, byCURP):
			m.Basis = OnCURP
		case strings.HasPrefix(k.Value, byName):
			m.Basis = p.onName(k)
		}
		at := slices.IndexFunc(all, func(other Match) bool { return other.Entry == k.Entry })
		switch {
		case m.Basis == "":
		case at < 0:
			all = append(all, m)
		case strength[m.Basis] > strength[all[at].Basis]:
			all[at] = m
		}
	}
	slices.SortFunc(all, func(a, b Match) int { return slices.Compare(a.Entry[:], b.Entry[:]) })
	return all
}

// onName compares the birth dates of two people with the same name. The RFC of a person has
// the birth date without the century.
func (p Person) onName(k Key) Basis {
	born, rfc := yymmdd(p.Born), []rune(p.RFC)
	if born == "" && mx.RFC(p.RFC).IsPerson() && !mx.RFC(p.RFC).IsGeneric() {
		born = string(rfc[4:10])
	}
	switch {
	case born == "" || k.Born.IsZero():
		return OnName
	case !p.Born.IsZero() && p.Born != k.Born, born != yymmdd(k.Born):
		return ""
	}
	return OnNameBirth
}

func yymmdd(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return strings.ReplaceAll(d.String(), "-", "")[2:]
}

// Compare returns the difference of a list's entries in force from those of its next version:
// what is added, and what is removed. Entries that stay keep their ids.
func Compare(now, next []Entry) (added, removed []Entry) {
	old := map[Entry]Entry{}
	for _, e := range now {
		old[e.same()] = e
	}
	seen := map[Entry]bool{}
	for _, e := range next {
		key := e.same()
		if seen[key] {
			continue // a row that the file repeats
		}
		seen[key] = true
		if _, stays := old[key]; !stays {
			added = append(added, e)
		}
		delete(old, key)
	}
	for _, e := range old {
		removed = append(removed, e)
	}
	slices.SortFunc(removed, func(a, b Entry) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return added, removed
}

// Status is the state of an alert.
type Status string

// The states.
const (
	Open      Status = "open"
	Cleared   Status = "cleared"   // another person
	Confirmed Status = "confirmed" // the person on the list
)

// Alert is a match that compliance must decide on.
type Alert struct {
	ID        id.ID     `json:"id"`
	ClientID  id.ID     `json:"client_id,omitzero"` // zero if the registration was refused
	EntryID   id.ID     `json:"entry_id"`
	List      ListCode  `json:"list"`
	Effect    Effect    `json:"effect"`
	Basis     Basis     `json:"basis"`
	Operation string    `json:"operation"`      // the command that found the match
	Name      string    `json:"name,omitempty"` // of a person who is not a client
	Status    Status    `json:"status"`
	RaisedBy  string    `json:"raised_by"`
	RaisedAt  time.Time `json:"raised_at"`
	DecidedBy string    `json:"decided_by,omitempty"`
	DecidedAt time.Time `json:"decided_at,omitzero"`
	Reason    string    `json:"reason,omitempty"`
	Subject   string    `json:"-"` // from SubjectOf
}

// AppendJSON adds the alert as the REST API writes it.
func (a Alert) AppendJSON(b []byte) []byte { return wire.JSON(b, a) }

// SubjectOf returns the value by which the alerts of a person are found: the client's id or, for
// a person who is not a client, the strongest value of the comparison.
func SubjectOf(client id.ID, p Person) string {
	if !client.IsZero() {
		return client.String()
	}
	return cmp.Or(append(p.Values(), "")...)
}

// WeakerThan reports whether a match has a stronger basis than the alert, which then needs a
// new decision.
func (a Alert) WeakerThan(m Match) bool { return strength[a.Basis] < strength[m.Basis] }

// Blocks reports whether the alert refuses an operation. A registration is refused only if the
// match is certain; a match by the name alone refuses the disbursement.
func (a Alert) Blocks(certainOnly bool) bool {
	return a.Status != Cleared && a.Effect == Block && (a.Basis.Certain() || !certainOnly)
}
