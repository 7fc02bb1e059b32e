package lending_test

import (
	"fmt"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/mx"
	"sofipo/infra/db"
	"sofipo/infra/files"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// blocked is a client with data in every table that has any.
type blocked struct {
	*office.Office
	file   client.File
	client client.Client
	loan   loan.Loan
	paid   servicing.Transaction
	hash   string // of the document
	store  files.Folder
}

// planted are texts that only the client's data have.
var planted = []string{"Zoraida", "Quintanilla", "zoraida@example.com", "QUXZ800101", "3398765432", "Callejón del Secreto", "E98765432", "dejar recado con la vecina", "nota del expediente", "nota de cobranza"}

// toBlock registers the client, lends and records what there is to record. The loan runs.
func toBlock(t *testing.T, d *db.DB) *blocked {
	o := &blocked{Office: office.Open(t, d), store: files.Folder(t.TempDir())}
	o.file = client.File{
		Kind: client.Person, GivenNames: "Zoraida", PaternalSurname: "Quintanilla", BirthDate: office.Day("1980-01-01"), BirthState: "JC", Sex: client.Female,
		RFC: "QUXZ800101HNE", Email: "zoraida@example.com", Nationality: client.Mexico, Phones: []client.Phone{{Kind: client.MobilePhone, Number: "3398765432"}},
		Addresses:       []client.Address{{Kind: client.HomeAddress, Street: "Callejón del Secreto", ExteriorNumber: "10", Municipality: "Guadalajara", State: "JC", PostalCode: "44100", Country: client.Mexico}},
		Identifications: []client.Identification{{Kind: client.Passport, Number: "E98765432", ExpiresOn: office.Day("2099-01-01")}},
	}
	made := office.Do(o.Office, "ana", &clients.RegisterFile{File: o.file, Confirmed: []client.Warning{"rfc_check_digit", "rfc_name"}})
	o.client.ID = made.ClientID
	var err error
	if o.hash, err = o.store.Save(t.Context(), []byte("%PDF-1.4 the passport of Zoraida")); err != nil {
		t.Fatal(err)
	}
	office.Do(o.Office, "ana", &clients.AddDocument{Document: client.Document{ClientID: o.client.ID, Kind: client.IdentificationCopy, Name: "Zoraida.pdf", MediaType: "application/pdf", Size: 30, SHA256: o.hash}})
	office.Do(o.Office, "ana", &clients.AddNote{ID: o.client.ID, Text: "nota del expediente"})
	o.loan = o.Lend(o.client.ID, 1_000_000)
	office.Do(o.Office, "ana", lending.AddCollectionNote{LoanID: o.loan.ID, Text: "nota de cobranza"})
	office.Do(o.Office, "ana", lending.RegisterContact{LoanID: o.loan.ID, Contact: collections.Contact{Channel: collections.Call, Result: collections.OtherPerson, At: o.Now, Note: "dejar recado con la vecina"}})
	return o
}

func (o *blocked) refused(c interface{ Name() string }, err error, code fault.Code) {
	o.Helper()
	if !fault.Is(err, code) {
		o.Errorf("%s: got %v, want %s", c.Name(), err, code)
	}
}

// attempt runs a command and returns its refusal.
func attempt[A any](o *blocked, c bank.Command[A], code fault.Code) {
	o.Helper()
	_, err := bank.Do(o.Context(), o.Bank, bank.By{System: true, Actor: "ana"}, c)
	o.refused(c, err, code)
}

// clear returns which planted texts the tables of clients and collections have, decrypted.
func (o *blocked) clear() (found []string) {
	o.Helper()
	var all strings.Builder
	batch := &db.Batch{}
	add := func(sql string, each func(db.Scanner) (any, error)) {
		batch.Query(sql, func(s db.Scanner) error {
			row, err := each(s)
			fmt.Fprintf(&all, "%+v\n", row)
			return err
		})
	}
	add("SELECT full_name || ' ' || rfc || ' ' || email || ' ' || names FROM clients", func(s db.Scanner) (any, error) {
		var text string
		err := s.Scan(&text)
		return text, err
	})
	add("SELECT value || ' ' || kind FROM client_claims", func(s db.Scanner) (any, error) { var text string; err := s.Scan(&text); return text, err })
	add("SELECT value || ' ' || kind FROM client_lookups", func(s db.Scanner) (any, error) { var text string; err := s.Scan(&text); return text, err })
	add("SELECT "+clients.Files.Columns.List("")+" FROM client_files", func(s db.Scanner) (any, error) {
		var f clients.StoredFile
		err := clients.Files.Columns.Scan(s, &f)
		return f, err
	})
	add("SELECT "+clients.Documents.Columns.List("")+" FROM client_documents", func(s db.Scanner) (any, error) {
		var f client.Document
		err := clients.Documents.Columns.Scan(s, &f)
		return f, err
	})
	add("SELECT "+clients.Notes.Columns.List("")+" FROM client_notes", func(s db.Scanner) (any, error) {
		var n client.Note
		err := clients.Notes.Columns.Scan(s, &n)
		return n, err
	})
	add("SELECT "+lending.Contacts.Columns.List("")+" FROM collection_contacts", func(s db.Scanner) (any, error) {
		var c collections.Contact
		err := lending.Contacts.Columns.Scan(s, &c)
		return c, err
	})
	add("SELECT "+lending.CollectionNotes.Columns.List("")+" FROM collection_notes", func(s db.Scanner) (any, error) {
		var n collections.Note
		err := lending.CollectionNotes.Columns.Scan(s, &n)
		return n, err
	})
	if err := o.DB.ReadPrimary(o.Context(), batch); err != nil {
		o.Fatal(err)
	}
	for _, text := range planted {
		if strings.Contains(strings.ToLower(all.String()), strings.ToLower(text)) {
			found = append(found, text)
		}
	}
	return found
}

// export returns the export of the client as text.
func (o *blocked) export() (view.PersonalData, string) {
	o.Helper()
	got, err := view.Open(o.DB, nil).PersonalData(o.Context(), view.By{System: true, Need: o.Need}, o.client.ID, o.Now, office.Day("2026-01-15"))
	if err != nil {
		o.Fatal(err)
	}
	return got, string(got.AppendJSON(nil))
}

// exports checks whether the export has the planted texts.
func (o *blocked) exports(when string, state client.DataState, has bool) {
	o.Helper()
	got, body := o.export()
	if got.State != state || len(got.Loans) != 1 || len(got.Loans[0].Transactions) == 0 {
		o.Errorf("%s: got state %q and %d loans, want %q and one with its transactions", when, got.State, len(got.Loans), state)
	}
	for _, text := range planted {
		if strings.Contains(body, text) != has {
			o.Errorf("%s: the export has %q: %v, want %v", when, text, !has, has)
		}
	}
}

// TestPersonalDataAreBlockedAndDestroyed: the data of a client without open loans are withheld from
// everything but the export, and destroyed ten years after the block. Books and loans stay.
func TestPersonalDataAreBlockedAndDestroyed(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := toBlock(t, d)
		block := lending.BlockClient{ClientID: o.client.ID, Reason: "lo pidió"}
		attempt(o, lending.BlockClient{ClientID: o.client.ID}, fault.Invalid)
		attempt(o, lending.BlockClient{ClientID: id.ID{1}, Reason: "x"}, client.NotFound)
		attempt(o, block, client.HasObligations)
		attempt(o, clients.DestroyData{ID: o.client.ID}, client.NotBlocked)
		o.exports("in use", client.DataInUse, true)

		o.paid = o.Pay(o.loan, 1_000_000, servicing.Prepayment)
		office.Must(t, o.Bank, &clients.RegisterFile{File: client.File{Kind: client.Person, GivenNames: "Otra", PaternalSurname: "Persona"}})
		made := office.Do(o.Office, "carla", block)
		if made.DestroyFrom != office.Day("2036-01-15") || made.BlockedBy != "carla" || made.State() != client.DataBlocked {
			t.Errorf("got %+v, want a block by carla for ten years", made)
		}
		if left := o.clear(); left != nil {
			t.Errorf("blocked: got %q in the tables, want nothing", left)
		}
		o.exports("blocked", client.DataBlocked, true)
		views, reader := view.Open(d, nil), view.By{System: true, Need: o.Need}
		for _, text := range []string{"Zoraida", "QUXZ800101HNE", "3398765432", "zoraida@example.com"} {
			if found, err := views.Search(t.Context(), reader, text); err != nil || len(found) != 0 {
				t.Errorf("searching %q: got %d results, %v, want none", text, len(found), err)
			}
		}
		attempt(o, block, client.Withheld)
		attempt(o, &clients.AddNote{ID: o.client.ID, Text: "x"}, client.Withheld)
		attempt(o, grantTo(o.client.ID), client.Withheld)
		attempt(o, clients.DeleteClient{ID: o.client.ID}, client.Withheld)
		attempt(o, lending.ReverseTransaction{LoanID: o.loan.ID, TransactionID: o.paid.ID, Reason: "x"}, client.Withheld)
		again := office.Do(o.Office, "ana", &clients.RegisterFile{File: o.file, Confirmed: []client.Warning{"rfc_check_digit", "rfc_name"}})
		if again.ClientID == o.client.ID || again.File.RFC != o.file.RFC {
			t.Errorf("got %+v, want a new client with the same RFC", again)
		}
		office.Do(o.Office, "ana", &clients.AddDocument{Document: client.Document{ClientID: again.ClientID, Kind: client.IdentificationCopy, Name: "x", MediaType: "application/pdf", Size: 30, SHA256: o.hash}})
		office.Sound(t, d)
		o.destroy(again.ClientID)
	})
}

func grantTo(to id.ID) lending.GrantLoan {
	return lending.GrantLoan{ClientID: to, Terms: loan.Terms{Amount: 1_000_000, Rate: 150_000, TermMonths: 12}}
}

// destroy destroys the blocked data. Another client has the same document.
func (o *blocked) destroy(other id.ID) {
	o.Helper()
	_, err := bank.Do(o.Context(), o.Bank, bank.By{System: true, Actor: "system"}, clients.DestroyData{ID: o.client.ID})
	if !fault.Is(err, client.Retained) || !strings.Contains(fmt.Sprint(err), "2036-01-15") {
		o.Errorf("early: got %v, want %s with the day from which it is accepted", err, client.Retained)
	}
	o.On("2036-01-15")
	balances := office.Count(o.T, o.DB, "SELECT count(*) FROM posted")
	gone := office.Do(o.Office, "carla", clients.DestroyData{ID: o.client.ID})
	if gone.State() != client.DataDestroyed || gone.DestroyedBy != "carla" {
		o.Errorf("got %+v, want destroyed data", gone)
	}
	if office.Do(o.Office, "ana", clients.DestroyData{ID: o.client.ID}).DestroyedBy != "carla" {
		o.Error("again: got another destruction, want the first")
	}
	if n := office.Count(o.T, o.DB, "SELECT count(*) FROM posted"); n != balances {
		o.Errorf("got %d lines of the journal, want %d", n, balances)
	}
	if n := office.Count(o.T, o.DB, "SELECT count(*) FROM client_blocks WHERE body <> ''"); n != 0 {
		o.Errorf("got %d blocks with data, want none", n)
	}
	for _, want := range []struct {
		deleted int
		left    error
	}{{0, nil}, {0, nil}} {
		if n, err := clients.DeleteFiles(o.Context(), o.Bank, bank.By{System: true, Actor: "system"}, o.store); n != want.deleted || err != nil {
			o.Errorf("got %d files deleted, %v, want %d: another client has the document", n, err, want.deleted)
		}
	}
	if _, err := o.store.Size(o.Context(), o.hash); err != nil {
		o.Errorf("the document of another client: got %v, want it kept", err)
	}
	o.exports("destroyed", client.DataDestroyed, false)
	other2 := office.Do(o.Office, "carla", lending.BlockClient{ClientID: other, Reason: "x"})
	o.Now = other2.DestroyFrom.Midnight().AddDate(0, 0, 1)
	office.Do(o.Office, "carla", clients.DestroyData{ID: other})
	if n, err := clients.DeleteFiles(o.Context(), o.Bank, bank.By{System: true, Actor: "system"}, o.store); n != 1 || err != nil {
		o.Errorf("got %d files deleted, %v, want 1", n, err)
	}
	if _, err := o.store.Size(o.Context(), o.hash); err == nil {
		o.Error("got the document of destroyed data, want none")
	}
	if owner, err := view.Open(o.DB, nil).ClientByID(o.Context(), view.By{System: true, Need: o.Need}, o.client.ID); err != nil || owner.RFC != string(mx.GenericPublic) {
		o.Errorf("got %+v, %v, want a client without data", owner, err)
	}
	office.Sound(o.T, o.DB)
}
