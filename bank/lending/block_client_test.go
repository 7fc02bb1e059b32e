package lending_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

// deletes deletes the documents of destroyed data, and wants a number of them.
func (o *blocked) deletes(want int, why string) {
	o.Helper()
	if n, err := clients.DeleteFiles(o.Context(), o.Bank, bank.By{System: true, Actor: "system"}, o.store); n != want || err != nil {
		o.Errorf("got %d files deleted, %v, want %d: %s", n, err, want, why)
	}
}

// TestABlockTakesTheTextsOfPaymentsAndImports: the texts of incoming payments, and the values of the
// source in findings of imports, are nowhere but in the block, and the export has them with the
// history of the other system.
func TestABlockTakesTheTextsOfPaymentsAndImports(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := bankOffice(t, d)
		owner := o.Client(1)
		lent := o.Lend(owner.ID, 1_000_00)
		o.On("2026-01-20")
		importAs(t, o, "ana", bankFile("19/01/2026,5,5000.00,"+referenceOf(t, d, lent.ID).Printed()+" concepto,ordenante"))
		at := map[bool]string{true: "0", false: "'2026-01-01'"}[d.Embedded()]
		o.SQL("UPDATE incoming_payments SET note = 'anotación'",
			"INSERT INTO imports VALUES ('00000000-0000-7000-8000-000000000001', 'loans', 'x', 'open', 1, 1, 0, 1, 0, 0, 'ana', "+at+", "+at+")",
			fmt.Sprintf("INSERT INTO import_findings VALUES ('00000000-0000-7000-8000-000000000001', 7, 'rfc', 'rfc', 'incomplete', '%s', '%s', 'valor', '')", owner.ID, owner.ID),
			"INSERT INTO import_findings VALUES ('00000000-0000-7000-8000-000000000001', 8, 'rfc', 'rfc', 'rejected', NULL, NULL, 'ajeno', '')",
			fmt.Sprintf("INSERT INTO loan_history VALUES ('00000000-0000-7000-8000-000000000002', '%s', '%s', '00000000-0000-7000-8000-000000000001', 9, 12345, %s, 'recibo')", lent.ID, owner.ID, at))
		texts := []string{"concepto", "ordenante", "anotación", "valor"}
		export := func() string {
			got, err := view.Open(d, nil).PersonalData(t.Context(), view.By{System: true, Need: o.Need}, owner.ID, o.Now, office.Day("2026-01-20"))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.History) != 1 || got.History[0].Amount != 12345 || len(got.Findings) != 1 || got.Findings[0].Line != 7 {
				t.Errorf("got history %+v and findings %+v, want one of each", got.History, got.Findings)
			}
			return string(got.AppendJSON(nil))
		}
		has := func(when, in string, want bool) {
			t.Helper()
			for _, text := range texts {
				if strings.Contains(in, text) != want {
					t.Errorf("%s: got %q: %v, want %v", when, text, !want, want)
				}
			}
		}
		has("export of data in use", export(), true)
		office.Do(o, "carla", lending.BlockClient{ClientID: owner.ID, Reason: "lo pidió"})
		has("export of blocked data", export(), true)
		left := ""
		batch := &db.Batch{}
		all := func(s db.Scanner) error {
			var text string
			err := s.Scan(&text)
			left += text + "\n"
			return err
		}
		batch.Query("SELECT value FROM import_findings", all)
		batch.Query("SELECT concept || sender || note FROM incoming_payments", all)
		if err := d.ReadPrimary(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		has("tables", left, false)
		if !strings.Contains(left, "ajeno") {
			t.Errorf("got %q, want the value of a row that is no client's", left)
		}
		o.On("2036-01-20")
		office.Do(o, "carla", clients.DestroyData{ID: owner.ID})
		has("export of destroyed data", export(), false)
		office.Sound(t, d)
	})
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
	for range 2 {
		o.deletes(0, "another client has the document")
	}
	if _, err := o.store.Size(o.Context(), o.hash); err != nil {
		o.Errorf("the document of another client: got %v, want it kept", err)
	}
	o.exports("destroyed", client.DataDestroyed, false)
	other2 := office.Do(o.Office, "carla", lending.BlockClient{ClientID: other, Reason: "x"})
	o.Now = other2.DestroyFrom.Midnight().AddDate(0, 0, 1)
	office.Do(o.Office, "carla", clients.DestroyData{ID: other})
	o.deletes(0, "it has just been uploaded again")
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(string(o.store), o.hash[:2], o.hash), long, long); err != nil {
		o.Fatal(err)
	}
	o.deletes(1, "nobody has it")
	o.deletes(0, "it is deleted")
	if _, err := o.store.Size(o.Context(), o.hash); err == nil {
		o.Error("got the document of destroyed data, want none")
	}
	if owner, err := view.Open(o.DB, nil).ClientByID(o.Context(), view.By{System: true, Need: o.Need}, o.client.ID); err != nil || owner.RFC != string(mx.GenericPublic) {
		o.Errorf("got %+v, %v, want a client without data", owner, err)
	}
	office.Sound(o.T, o.DB)
}
