package takeover

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/imports"
	staffing "sofipo/bank/staff"
	"sofipo/bank/takeover"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// desk uploads files as a user who may import.
type desk struct {
	*testing.T
	*takeover.Uploads
	office *office.Office
	bank   *bank.Bank
	view   *view.View
	by     bank.By
}

func openDesk(t *testing.T, d *db.DB) *desk {
	o := office.Open(t, d)
	office.Must(t, o.Bank, staffing.AddUser{Username: "dora", Role: string(access.Director), Password: "$argon2id$v=19$m=65536,t=1,p=1$AAAA$AAAA", FullName: "Dora"})
	return &desk{t, takeover.NewUploads(o.Bank, time.UTC), o, o.Bank, view.Open(d, nil), bank.By{Actor: "dora"}}
}

// add uploads a file.
func (d *desk) add(k core.Kind, name, content string) id.ID {
	d.Helper()
	r, err := d.Add(d.Context(), d.by, k, name, []byte(content))
	if err != nil {
		d.Fatal(err)
	}
	return r.Answer.ID
}

// confirm confirms the import of a file.
func (d *desk) confirm(upload id.ID, s core.Settings) {
	d.Helper()
	if _, err := d.Confirm(d.Context(), d.by, upload, s); err != nil {
		d.Fatal(err)
	}
}

// run imports what is confirmed.
func (d *desk) run() {
	d.Helper()
	if err := d.RunConfirmed(d.Context()); err != nil {
		d.Fatal(err)
	}
}

// state fails the test if the import has another state or other counts.
func (d *desk) state(upload id.ID, status core.UploadStatus, done int64, want core.Tally) view.Import {
	d.Helper()
	got, err := d.view.Import(d.Context(), view.System, upload)
	for began := time.Now(); err == nil && (got.Status != status || got.Done != done) && time.Since(began) < 5*time.Second; time.Sleep(10 * time.Millisecond) {
		got, err = d.view.Import(d.Context(), view.System, upload) // the replica may be late
	}
	if err != nil || got.Status != status || got.Done != done || got.Tally != want {
		d.Errorf("import: got %s, %d rows done, %+v, %q, %v, want %s, %d, %+v", got.Status, got.Done, got.Tally, got.Problem, err, status, done, want)
	}
	return got
}

var semicolons = core.Settings{Decimal: core.AutoDecimal, Product: "seed"}

// TestUpload: a file is uploaded, previewed without a change, confirmed twice and imported once. Its
// content is deleted, and the rejected rows and the report stay.
func TestUpload(t *testing.T) {
	ground.Each(t, func(t *testing.T, database *db.DB) {
		d := openDesk(t, database)
		count := func(table string) int64 { return office.Count(t, database, "SELECT count(*) FROM "+table) }
		before := count("clients")
		text := strings.Replace(clientsFile, "Correo electrónico", "Mail", 1) + "21;Zoé Álvarez;;zoe@example.com;;\r\n"
		mapped := semicolons
		mapped.Columns = map[string]core.Field{"Mail": core.Email}
		upload := d.add(core.Clients, "clientes.csv", text)
		columns, err := d.Heading(t.Context(), d.by, upload, semicolons)
		if err != nil || len(columns) != 6 || columns[3] != (core.Column{Name: "Mail", Field: core.Email}) || columns[5].Field != "" {
			t.Errorf("heading: got %v, %v, want the six columns, Mail as the e-mail address and Sucursal unread", columns, err)
		}
		want := core.Tally{Taken: 4, Incomplete: 2, Rejected: 1}
		preview, err := d.Preview(t.Context(), d.by, upload, mapped)
		if err != nil || preview.Run != want || preview.Read != 5 || len(preview.Bad) == 0 {
			t.Errorf("preview: got %+v, %v, want %+v of 5 rows", preview, err, want)
		}
		if n := count("clients") - before + count("imports"); n != 0 {
			t.Errorf("got %d rows after the preview, want none", n)
		}
		d.state(upload, core.Waiting, 0, core.Tally{})
		d.confirm(upload, mapped)
		d.confirm(upload, mapped)
		d.state(upload, core.Running, 0, core.Tally{})
		if _, err := d.Confirm(t.Context(), d.by, upload, core.Settings{Decimal: core.DecimalComma, Product: "seed"}); !fault.Is(err, core.UploadBegun) {
			t.Errorf("another confirmation: got %v, want %s", err, core.UploadBegun)
		}
		d.run()
		d.run()
		d.confirm(upload, mapped)
		d.run()
		done := d.state(upload, core.Imported, 5, want)
		if n := count("clients") - before; n != 4 {
			t.Errorf("got %d clients, want 4", n)
		}
		if n := count("import_contents"); n != 0 {
			t.Errorf("got %d contents of files after the import, want none", n)
		}
		rejected, err := d.view.RejectedRows(t.Context(), view.System, done.ImportID, 10)
		if err != nil || len(rejected) != 1 || rejected[0].Line != 4 || rejected[0].Field != core.Since || rejected[0].Value != "30/02/2020" {
			t.Errorf("rejected rows: got %+v, %v, want the date in line 4", rejected, err)
		}
		report, err := d.Report(t.Context(), d.by, done.ImportID)
		if err != nil || len(report.Sections) != 1 || report.Sections[0].Read != 5 || len(report.Differences) == 0 {
			t.Errorf("report: got %+v, %v, want one section with 5 rows and what must be completed", report, err)
		}
		for name, err := range map[string]error{
			"preview": ignoring(d.Preview(t.Context(), d.by, upload, mapped)),
			"heading": ignoring(d.Heading(t.Context(), d.by, upload, mapped)),
			"discard": ignoring(bank.Do(t.Context(), d.bank, d.by, imports.DiscardUpload{Upload: upload})),
		} {
			if !fault.Is(err, core.UploadBegun) {
				t.Errorf("%s after the import: got %v, want %s", name, err, core.UploadBegun)
			}
		}
		list, err := d.view.Imports(t.Context(), view.System, view.Paging{Limit: 10})
		if err != nil || len(list.Items) != 1 || list.Items[0].FromCommandLine() {
			t.Errorf("list: got %+v, %v, want the upload once", list.Items, err)
		}
		office.Sound(t, database)
	})
}

func ignoring(_ any, err error) error { return err }

// TestUploadGoesOn: an import that is cut off after a chunk is continued by another process, and takes
// each row once.
func TestUploadGoesOn(t *testing.T) {
	ground.Each(t, func(t *testing.T, database *db.DB) {
		d := openDesk(t, database)
		var text strings.Builder
		text.WriteString("cliente,nombre,correo\n")
		for n := range 900 {
			fmt.Fprintf(&text, "%d,Persona %d,p%d@example.com\n", n, n, n)
		}
		upload := d.add(core.Clients, "clientes.csv", text.String())
		d.confirm(upload, semicolons)
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			for office.Count(t, database, "SELECT count(*) FROM clients") < 250 && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			stop()
		}()
		if err := d.RunConfirmed(ctx); err == nil {
			t.Fatal("got a complete import, want it stopped after a chunk")
		}
		if n := office.Count(t, database, "SELECT chunks FROM imports WHERE taken = chunks AND status = 'OPEN'"); n == 0 || n >= 900 {
			t.Errorf("cut off: got %d rows done, want some of the 900", n)
		}
		d.Uploads = takeover.NewUploads(d.bank, time.UTC)
		ctx, stop = context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		ended := make(chan struct{})
		go func() { d.Uploads.Run(ctx); close(ended) }()
		for ctx.Err() == nil {
			if got, err := d.view.Import(t.Context(), view.System, upload); err != nil || got.Status != core.Running {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		stop()
		<-ended
		d.state(upload, core.Imported, 900, core.Tally{Taken: 900, Incomplete: 900})
	})
}

// TestUploadStops: a user who lost the permission stops the import, and another one continues it. A
// file that is never confirmed is deleted after its term.
func TestUploadStops(t *testing.T) {
	ground.Each(t, func(t *testing.T, database *db.DB) {
		d := openDesk(t, database)
		upload := d.add(core.Clients, "clientes.csv", "cliente,nombre,correo\n1,Ana,\n")
		other := d.add(core.Clients, "clientes.csv", "cliente,nombre,correo\n2,Eva,\n")
		d.confirm(upload, semicolons)
		office.Must(t, d.bank, staffing.AssignRole{Username: "dora", Role: access.Auditor})
		d.office.Now = d.office.Now.Add(10 * time.Second) // users are remembered for five
		d.run()
		if got := d.state(upload, core.Stopped, 0, core.Tally{}); got.Problem != access.Forbidden || got.Sentence.ES == "" {
			t.Errorf("got the problem %q, %+v, want %s with a sentence", got.Problem, got.Sentence, access.Forbidden)
		}
		office.Must(t, d.bank, staffing.AssignRole{Username: "dora", Role: access.Director})
		d.office.Now = d.office.Now.Add(10 * time.Second)
		d.confirm(upload, semicolons)
		d.run()
		d.state(upload, core.Imported, 1, core.Tally{Taken: 1, Incomplete: 1})

		d.office.Now = d.office.Now.AddDate(0, 0, core.KeepDays-1)
		d.run()
		d.state(other, core.Waiting, 0, core.Tally{})
		d.office.Now = d.office.Now.AddDate(0, 0, 1)
		d.run()
		d.state(other, core.Discarded, 0, core.Tally{})
		if n := office.Count(t, database, "SELECT count(*) FROM import_contents"); n != 0 {
			t.Errorf("got %d contents of files after their term, want none", n)
		}
		if _, err := d.Confirm(t.Context(), d.by, other, semicolons); !fault.Is(err, core.UploadDeleted) {
			t.Errorf("confirmation of a deleted file: got %v, want %s", err, core.UploadDeleted)
		}
	})
}

// TestHostileUploads: what is no file of rows is refused with what is accepted, and nothing is stored.
func TestHostileUploads(t *testing.T) {
	database := ground.Open(t, ground.Config(t, ground.SQLite))
	d := openDesk(t, database)
	bomb := func(sheet int) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, text := range map[string]string{
			"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
			"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		} {
			w, _ := z.Create(name)
			_, _ = w.Write([]byte(text))
		}
		w, _ := z.Create("xl/worksheets/sheet1.xml")
		part := bytes.Repeat([]byte(" "), 1<<20)
		for range sheet {
			_, _ = w.Write(part)
		}
		_ = z.Close()
		return b.String()
	}
	for name, c := range map[string]struct {
		file, content string
		rule          fault.Rule
	}{
		"empty":                  {"a.csv", "\n\n", core.FileForm},
		"a heading alone":        {"a.csv", "cliente,nombre\n", core.RowsLeast},
		"a picture":              {"a.csv", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", core.FileForm},
		"UTF-32":                 {"a.csv", "\xff\xfe\x00\x00c\x00\x00\x00,\x00\x00\x00", core.FileForm},
		"no spreadsheet":         {"a.xlsx", "cliente,nombre\n1,Ana\n", core.FileForm},
		"a cut spreadsheet":      {"a.xlsx", bomb(1)[:400], core.FileForm},
		"an archive":             {"a.csv", "PK\x03\x04 nothing more", core.FileForm},
		"a spreadsheet of 1 GiB": {"a.xlsx", bomb(1 << 10), core.FileForm},
		"a spreadsheet of blank": {"a.xlsx", bomb(1), core.FileForm},
		"many columns":           {"a.csv", strings.Repeat("a,", 300) + "b\n1,2\n", core.ColumnsMost},
	} {
		began := time.Now()
		_, err := d.Add(t.Context(), d.by, core.Clients, c.file, []byte(c.content))
		var refusal *fault.Error
		if !errors.As(err, &refusal) || len(refusal.Flaws) != 1 || refusal.Flaws[0].Rule != c.rule {
			t.Errorf("%s: got %v, want the rule %s", name, err, c.rule)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: took %s, want an answer at once", name, took)
		}
	}
	if _, err := d.Add(t.Context(), d.by, core.Clients, "a.csv", bytes.Repeat([]byte("a,b\n"), core.MaxUpload/4+1)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("more than the limit: got %v, want %s", err, fault.TooLarge)
	}
	if _, err := d.Add(t.Context(), d.by, "things", "a.csv", []byte("a\n1\n")); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown kind: got %v, want %s", err, fault.Invalid)
	}
	if _, err := d.Add(t.Context(), bank.By{Actor: "nobody"}, core.Clients, "a.csv", []byte("a\n1\n")); err == nil {
		t.Error("nobody: got a stored file, want a refusal")
	}
	if n := office.Count(t, database, "SELECT count(*) FROM import_uploads"); n != 0 {
		t.Errorf("got %d stored files, want none", n)
	}
}
