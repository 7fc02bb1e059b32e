package screening

import (
	"slices"

	"sofipo/bank"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/screening"
)

// NeedPerson requests what a comparison of a person needs.
func NeedPerson(n *bank.Needs, p screening.Person) {
	for _, value := range p.Values() {
		keysByValue.Need(n, value)
	}
	alertsOfSubject.Need(n, screening.SubjectOf(id.ID{}, p))
}

// NeedClient requests the alerts of a client. FetchKeys loads the keys.
func NeedClient(n *bank.Needs, client id.ID) {
	Keys.NeedFollowed(n)
	alertsOfSubject.Need(n, client.String())
}

// NeedLoan requests the alerts of the client of a loan. FetchKeys loads the keys.
func NeedLoan(n *bank.Needs, loan id.ID) {
	Keys.NeedFollowed(n)
	alertsOfLoan.Need(n, loan)
}

// FetchKeys loads the keys of people who were loaded, if a command needs them.
func FetchKeys(b *bank.Book, from *bank.Store, people []screening.Person) error {
	var values []string
	for _, p := range people {
		values = append(values, p.Values()...)
	}
	slices.Sort(values)
	if values = slices.Compact(values); len(values) == 0 {
		return nil
	}
	return keysByValue.Fetch(from, values, func(k *screening.Key) { Keys.Place(b, *k) })
}

// Moment says what a match refuses.
type Moment int

// The moments.
const (
	Registering Moment = iota // also a change of the name or the identifiers; refused by a certain match
	Paying                    // a disbursement; refused by every match with a list of blocked persons
	Screening                 // of all clients; nothing is refused
)

// Subject is who is compared by which operation.
type Subject struct {
	screening.Person
	Client    id.ID
	New       bool // the client is being registered
	Operation string
}

// Check compares a client with the lists, stages the alerts of new matches and returns their
// number. It refuses with screening.Blocked; the alerts then remain although the command
// changes nothing.
func Check(b *bank.Book, who Subject, when Moment) (raised int, err error) {
	client, p := who.Client, who.Person
	var keys []screening.Key
	for k := range Keys.All(b) {
		keys = append(keys, *k)
	}
	var fresh, adopted []screening.Alert
	for _, m := range p.Matches(keys) {
		a, known := alertOf(b, client, p, m)
		switch {
		case !known || a.WeakerThan(m):
			a.Basis, a.Status, a.Operation, a.RaisedBy, a.RaisedAt = m.Basis, screening.Open, who.Operation, b.Actor(), b.Now()
			a.DecidedBy, a.Reason = "", ""
			fresh = append(fresh, a)
		case a.ClientID.IsZero():
			adopted = append(adopted, a)
		}
		if when != Screening && a.Blocks(when == Registering) {
			err = fault.Refuse(screening.Blocked)
		}
	}
	of := screening.Alert{ClientID: client, Subject: client.String()}
	if err != nil {
		if who.New {
			of = screening.Alert{Subject: screening.SubjectOf(id.ID{}, p), Name: p.Name}
		}
		b.IfRefused(func(b *bank.Book) { raise(b, fresh, of) })
		return 0, err
	}
	for _, a := range adopted { // decided before the registration
		a.ClientID, a.Subject, a.Name = of.ClientID, of.Subject, ""
		Alerts.Change(b, a)
	}
	raise(b, fresh, of)
	return len(fresh), nil
}

// alertOf returns the alert of a match, or a new one.
func alertOf(b *bank.Book, client id.ID, p screening.Person, m screening.Match) (a screening.Alert, known bool) {
	for other := range Alerts.All(b) {
		if other.EntryID == m.Entry && subjectIs(other, client, p) {
			return *other, true
		}
	}
	return screening.Alert{EntryID: m.Entry, List: m.List, Effect: m.Effect}, false
}

// raise stages alerts of a subject with their events.
func raise(b *bank.Book, alerts []screening.Alert, of screening.Alert) {
	for _, a := range alerts {
		a.ClientID, a.Subject, a.Name = of.ClientID, of.Subject, of.Name
		if a.ID.IsZero() {
			a.ID = b.NewID()
			Alerts.Add(b, a)
		} else {
			Alerts.Change(b, a)
		}
		b.Publish(screening.RaisedEvent(a))
	}
}
