package clients

import (
	"slices"

	"sofipo/bank"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// needFile requests everything that belongs to the file of a client.
func needFile(n *bank.Needs, clientID id.ID) {
	ByID.Need(n, clientID)
	claimsOfClient.Need(n, clientID)
	fileOf.Need(n, clientID)
	lookupsOf.Need(n, clientID)
	consentsOf.Need(n, clientID)
	documentsOf.Need(n, clientID)
}

// needOthers requests the clients that have a value of a file, and the claim to its RFC.
func needOthers(n *bank.Needs, f client.File) {
	for _, l := range Blinded(n, client.Record{File: f}.Lookups()) {
		lookupsByValue.Need(n, l.Value)
	}
	needClaims(n, client.Client{RFC: f.RFC})
}

// edit is a file that a command changes.
type edit struct {
	client.Dossier
	owner  client.Client // the client's row before the change
	before client.File
	stored bool // the file has a row

	confirmed []client.Warning // by the command
}

// open returns the file of a client that was requested with needFile, or client.NotFound.
func open(b *bank.Book, clientID id.ID) (e edit, err error) {
	if e.owner, err = Find(b, clientID); err != nil {
		return e, err
	}
	if row := Files.At(b, clientID); row != nil {
		e.Record, e.stored = row.Record, true
	}
	e.Record = e.Of(e.owner)
	e.before = e.File
	e.Consents, e.Documents = []client.Consent{}, []client.Document{}
	for c := range Consents.All(b) {
		if c.ClientID == clientID {
			e.Consents = append(e.Consents, *c)
		}
	}
	for d := range Documents.All(b) {
		if d.ClientID == clientID {
			e.Documents = append(e.Documents, *d)
		}
	}
	slices.SortFunc(e.Consents, func(x, y client.Consent) int { return bank.ByID(x.ID, y.ID) })
	slices.SortFunc(e.Documents, func(x, y client.Document) int { return bank.ByID(x.ID, y.ID) })
	return e, nil
}

// confirm refuses a change of the file with warnings that nobody has confirmed, and notes who
// confirmed the others.
func (e *edit) confirm(b *bank.Book, confirmed []client.Warning) error {
	if err := e.File.NotYet(b.Today(), e.before); err != nil {
		return err
	}
	findings := append(e.File.Findings(b.Today()), e.duplicates(b)...)
	if left := client.Unconfirmed(findings, e.before.Findings(b.Today()), confirmed); len(left) > 0 {
		return client.Refused(left)
	}
	e.confirmed = e.Confirm(findings, confirmed, b.Actor(), b.Now())
	return nil
}

// duplicates returns the findings that other clients have values that are new in the file.
func (e *edit) duplicates(b *bank.Book) (all []client.Finding) {
	had := Blinded(b, client.Record{ClientID: e.ClientID, File: e.before}.Lookups())
	for _, l := range Blinded(b, e.Lookups()) {
		if slices.Contains(had, l) {
			continue
		}
		var others []id.ID
		for x := range Lookups.All(b) {
			if x.Kind == l.Kind && x.Value == l.Value && x.Client != e.ClientID {
				others = append(others, x.Client)
			}
		}
		slices.SortFunc(others, bank.ByID)
		if f, counts := client.Duplicate(l.Kind, others[:min(len(others), maxOthers)]); counts && len(others) > 0 {
			all = append(all, f)
		}
	}
	return all
}

// maxOthers is the maximum number of clients that a warning names.
const maxOthers = 20

// finish stages what the command changed in the file or confirmed; nothing if it did neither.
func (e *edit) finish(b *bank.Book, action string) error {
	fields := e.File.Changed(e.before)
	if e.confirmed != nil {
		fields = append(fields, "confirmations")
	}
	if fields == nil {
		b.Subject(e.ClientID)
		e.Judge(b.Today())
		return nil
	}
	return e.save(b, action, fields)
}

// save stages the file with the changed fields, and what follows from them: the name, the RFC,
// the claims, the lookups, the history and the event.
func (e *edit) save(b *bank.Book, action string, fields []string) error {
	after := e.owner
	if e.before.Changed(e.File) != nil {
		e.Revision++
		if name := e.File.FullName(); name != "" {
			after.FullName = name
		}
		after.RFC = e.File.TaxID()
		if e.File.Email != e.owner.Email {
			after.Email = ""
		}
		e.File.RFC = after.RFC
		if err := claim(b, e.owner.Claims(), after.Claims()); err != nil {
			return err
		}
		if after != e.owner {
			Clients.Change(b, after)
		}
		findBy(b, e.ClientID, e.Lookups())
	}
	e.Judge(b.Today())
	e.ChangedBy, e.ChangedAt = b.Actor(), b.Now()
	row := StoredFile{Record: e.Record}
	if after.Email != "" {
		row.File.Email = "" // the client's row has it
	}
	if e.stored {
		Files.Change(b, row)
	} else {
		Files.Add(b, row)
	}
	Changes.Add(b, StoredChange{Change: client.Change{ID: b.NewID(), ClientID: e.ClientID, Action: action, Fields: fields, Confirmed: e.confirmed, By: b.Actor(), At: b.Now()}})
	b.Publish(client.FileChangedEvent(after, e.owner.RFC, action, fields))
	return nil
}

// refuseNames refuses to change the name or the RFC of a client with a file by another way than
// the file, because they would no longer agree with the rest of it.
func refuseNames(f *StoredFile, before, after client.Client) error {
	if f != nil && f.File.FullName() != "" && (before.FullName != after.FullName || before.RFC != after.RFC) {
		return fault.Refuse(client.NamedInFile)
	}
	return nil
}
