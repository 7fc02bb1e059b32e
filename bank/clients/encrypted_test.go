package clients_test

import (
	"fmt"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/clients"
	staffing "sofipo/bank/staff"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// planted are the personal data of emma that must be encrypted.
var planted = []string{"GODE561231MJCMZM01", "3312345678", "Calle de la Prueba", "G12345678", "002180000118359710"}

// emma is a file with planted.
func emma() client.File {
	return client.File{
		Kind: client.Person, GivenNames: "Emma", PaternalSurname: "Gómez", MaternalSurname: "Díaz", BirthDate: civil.Date{Year: 1956, Month: 12, Day: 31}, BirthState: "JC", Sex: client.Female,
		RFC: "GODE561231GR8", Nationality: client.Mexico, Phones: []client.Phone{{Kind: client.MobilePhone, Number: planted[1]}},
		Addresses:       []client.Address{{Kind: client.HomeAddress, Street: planted[2], ExteriorNumber: "10", Municipality: "Guadalajara", State: "JC", PostalCode: "44100", Country: client.Mexico}},
		Identifications: []client.Identification{{Kind: client.Passport, Number: planted[3], ExpiresOn: civil.Date{Year: 2099, Month: 1, Day: 1}}},
		Accounts:        []client.Account{{CLABE: planted[4]}},
	}
}

// everything returns the text of all columns that could have personal data, as they are stored.
func everything(t *testing.T, d *db.DB) string {
	t.Helper()
	var all strings.Builder
	batch := &db.Batch{}
	for _, sql := range []string{"SELECT body FROM client_files", "SELECT value FROM client_lookups", "SELECT body FROM outbox", "SELECT body FROM drafts"} {
		batch.Query(sql, func(s db.Scanner) error {
			var text string
			err := s.Scan(&text)
			fmt.Fprintln(&all, text)
			return err
		})
	}
	batch.Query("SELECT answer FROM idempotency", func(s db.Scanner) error {
		var answer []byte
		err := s.Scan(&answer)
		fmt.Fprintln(&all, string(answer))
		return err
	})
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// TestClearTextLikeAMark: texts that begin like an encrypted one are read as they were written
// without a key, also after a key was set.
func TestClearTextLikeAMark(t *testing.T) {
	cfg := ground.Config(t, ground.SQLite)
	cfg.Key = nil
	d := ground.Open(t, cfg)
	b := office.OpenBank(t, d)
	made := office.Must(t, b, &clients.RegisterFile{File: client.File{Kind: client.Person, GivenNames: "Ana", PaternalSurname: "Ruiz"}})
	const text = "s1:0123456789abcdef:renta"
	office.Must(t, b, &clients.AddNote{ID: made.ClientID, Text: text})
	office.Must(t, b, staffing.AddUser{Username: office.By.Actor, Password: "x", Role: "officer"})
	office.Must(t, b, staffing.SaveDraft{Kind: "application", Body: text})
	check := func(when string) {
		t.Helper()
		var got []string
		batch := &db.Batch{}
		batch.Query("SELECT "+clients.Notes.Columns.List("")+" FROM client_notes", func(s db.Scanner) error {
			var n client.Note
			err := clients.Notes.Columns.Scan(s, &n)
			got = append(got, n.Text)
			return err
		})
		batch.Query("SELECT "+staffing.Drafts.Columns.List("")+" FROM drafts", func(s db.Scanner) error {
			var one staff.Draft
			err := staffing.Drafts.Columns.Scan(s, &one)
			got = append(got, one.Body)
			return err
		})
		if err := d.ReadPrimary(t.Context(), batch); err != nil || len(got) != 2 || got[0] != text || got[1] != text {
			t.Errorf("%s: got %q, %v, want %q twice", when, got, err, text)
		}
	}
	check("without a key")
	d.Close()
	cfg.Key = ground.Key
	d = ground.Open(t, cfg)
	check("with a key")
	if n, err := d.EncryptStored(t.Context()); err != nil || n != 3 {
		t.Errorf("got %d values encrypted, %v, want the file, the note and the draft", n, err)
	}
	check("encrypted")
}

// TestFilesAreEncrypted: the file of a client, the values by which it is found and the kept answer
// of its registration are encrypted where they are stored. The file is read, found and compared as
// before, also after an earlier program had stored it in clear.
func TestFilesAreEncrypted(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		f := emma()
		if curp, err := f.Suggest(); err != nil || curp.CURP == "" {
			t.Fatalf("got %v, %v, want a CURP", curp, err)
		} else {
			f.CURP = string(curp.CURP)
		}
		secret := append([]string{f.CURP}, planted[1:]...)
		by := office.By
		by.Key = "registration"
		made := office.As(t, b, by, &clients.RegisterFile{File: f})
		if again := office.As(t, b, by, &clients.RegisterFile{File: f}); again.Answer.ClientID != made.Answer.ClientID || again.Answer.File.CURP != f.CURP {
			t.Errorf("the same request again: got %+v, want the answer of the first", again.Answer)
		}
		office.Must(t, b, staffing.AddUser{Username: office.By.Actor, Password: "x", Role: "officer"})
		office.Must(t, b, staffing.SaveDraft{Kind: "application", Body: "phone=" + secret[1]})
		nothingClear := func(when string) {
			t.Helper()
			now := everything(t, d)
			for _, value := range secret {
				if strings.Contains(now, value) {
					t.Errorf("%s: got %q in clear in the tables, want it encrypted", when, value)
				}
			}
			if _, err := d.CheckEncrypted(t.Context()); err != nil {
				t.Errorf("%s: got %v, want everything encrypted", when, err)
			}
		}
		nothingClear("registered")
		views := view.Open(d, nil)
		readable := func(when string, need uint64) {
			t.Helper()
			reader := view.By{System: true, Need: need}
			got, err := views.Dossier(t.Context(), reader, made.Answer.ClientID, civil.Date{Year: 2026, Month: 11, Day: 30})
			if err != nil || got.File.CURP != f.CURP || len(got.File.Addresses) != 1 || got.File.Addresses[0] != f.Addresses[0] {
				t.Errorf("%s: got %+v, %v, want the file", when, got.File, err)
			}
			for _, text := range []string{f.CURP, strings.ToLower(f.CURP), "33 1234 5678", planted[4], "Emma Gómez", "GODE561231GR8"} {
				if found, err := views.Search(t.Context(), reader, text); err != nil || len(found) != 1 {
					t.Errorf("%s: searching %q: got %d results, %v, want 1", when, text, len(found), err)
				}
			}
			if found, err := views.Search(t.Context(), reader, "33 1234 567"); err != nil || len(found) != 0 {
				t.Errorf("%s: a part of a phone: got %d results, %v, want none", when, len(found), err)
			}
			other := client.File{Kind: client.Person, GivenNames: "Ana", PaternalSurname: "Ruiz", Phones: f.Phones}
			if _, err := bank.Do(t.Context(), b, office.By, &clients.RegisterFile{File: other}); !fault.Is(err, client.NeedsConfirmation) {
				t.Errorf("%s: another client with the phone: got %v, want %s", when, err, client.NeedsConfirmation)
			}
		}
		readable("registered", made.Token)

		// As an earlier program stored it.
		body := fmt.Sprintf(`{"file":{"kind":"person","given_names":"Emma","paternal_surname":"Gómez","maternal_surname":"Díaz","birth_date":"1956-12-31","rfc":"GODE561231GR8","curp":"%s",`+
			`"phones":[{"kind":"mobile","number":"%s"}],"addresses":[{"kind":"home","street":"%s","exterior_number":"10","municipality":"Guadalajara","state":"JC","postal_code":"44100","country":"MX"}],`+
			`"accounts":[{"clabe":"%s"}]}}`, f.CURP, planted[1], planted[2], planted[4])
		office.Run(t, d, "UPDATE client_files SET body = $1", body)
		for kind, value := range map[string]string{"curp": f.CURP, "phone": planted[1], "clabe": planted[4]} {
			office.Run(t, d, "UPDATE client_lookups SET value = $1 WHERE kind = $2", value, kind)
		}
		if _, err := d.CheckEncrypted(t.Context()); err == nil {
			t.Error("got no error, want one for the values in clear")
		}
		if n, err := d.EncryptStored(t.Context()); n != 4 || err != nil {
			t.Errorf("got %d values encrypted, %v, want 4", n, err)
		}
		nothingClear("encrypted later")
		token, err := attempt(t, d, "SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		readable("encrypted later", token)
		office.Sound(t, d)
	})
}
