package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sofipo/bank/takeover"
	"sofipo/core/access"
	"sofipo/core/imports"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

const importsURL = "/api/v1/imports"

// upload sends a file as a director.
func (d *door) upload(query, content string, headers ...string) reply {
	d.t.Helper()
	return d.send(http.MethodPost, importsURL+"?"+query, content, append(append(d.as(access.Director), "Content-Type", "text/csv"), headers...)...)
}

// ended waits until an import does not run any more.
func (d *door) ended(path string) map[string]any {
	d.t.Helper()
	for range 3000 {
		if i := d.want(200, d.getAs(access.Director, path)); i["status"] != "RUNNING" {
			return i
		}
		time.Sleep(10 * time.Millisecond)
	}
	d.t.Fatal("got an import that runs for 30 s, want its end")
	return nil
}

// serving runs the imports as a server does, until stop is called.
func (d *door) serving() (stop func()) {
	ctx, cancel := context.WithCancel(d.t.Context())
	ended := make(chan struct{})
	go func() {
		takeover.NewUploads(d.Bank, ground.Noon).Run(ctx)
		close(ended)
	}()
	return func() { cancel(); <-ended }
}

// TestImport: a file is uploaded, previewed, confirmed twice and imported once while the server is
// restarted; the status, the report and the rejected rows say what became of it.
func TestImport(t *testing.T) {
	ground.Each(t, func(t *testing.T, database *db.DB) {
		d := openOn(t, database, nil)
		before := office.Count(t, database, "SELECT count(*) FROM clients")
		var text strings.Builder
		text.WriteString("No. de cliente;Nombre;Mail;Fecha de alta;Zona\n")
		for n := range 700 {
			fmt.Fprintf(&text, "%d;Persona %d;p%d@example.com;01/03/2019;Norte\n", n, n, n)
		}
		text.WriteString("900;Otra;;30/02/2020;\n")
		key := []string{"Idempotency-Key", "upload-1"}
		first := d.want(201, d.upload("kind=clients&name=clientes.csv", text.String(), key...))
		if again := d.want(201, d.upload("kind=clients&name=clientes.csv", text.String(), key...)); again["id"] != first["id"] || first["rows"] != json.Number("701") || first["status"] != "WAITING" {
			t.Errorf("got %v and %v, want the same upload of 701 rows", first, again)
		}
		path := importsURL + "/" + first["id"].(string)
		const settings = `{"columns":[{"column":"Mail"}]}`
		preview := d.want(200, d.do(access.Director, path+"/preview", settings))
		if preview["taken"] != json.Number("700") || preview["rejected"] != json.Number("1") || len(preview["columns"].([]any)) != 5 {
			t.Errorf("preview: got %.400v, want 700 rows taken, one rejected and 5 columns", preview)
		}
		columns := preview["columns"].([]any)
		if mail, zone := columns[2].(map[string]any), columns[4].(map[string]any); mail["field"] != nil || zone["field"] != nil || columns[0].(map[string]any)["field"] != "id" {
			t.Errorf("columns: got %v, want Mail and Zona unread and the number as id", columns)
		}
		d.want(404, d.getAs(access.Director, path+"/report"))
		d.want(403, d.do(access.Accountant, path+"/confirmation", settings))
		d.want(422, d.do(access.Director, path+"/confirmation", `{"columns":[{"column":"None","field":"rfc"}]}`))
		d.want(422, d.do(access.Director, path+"/confirmation", `{"columns":[{"column":"Mail"},{"column":"Mail"}]}`))
		d.want(422, d.do(access.Director, path+"/confirmation", `{"decimal":"dot"}`))
		if n := office.Count(t, database, "SELECT count(*) FROM imports"); n != 0 {
			t.Errorf("got %d imports before the confirmation, want none", n)
		}
		stop := d.serving()
		for range 2 {
			d.want(202, d.do(access.Director, path+"/confirmation", settings))
		}
		stop()
		defer d.serving()()
		done := d.ended(path)
		d.want(409, d.do(access.Director, path+"/confirmation", `{"decimal":"comma"}`))
		d.want(202, d.do(access.Director, path+"/confirmation", settings))
		d.want(409, d.do(access.Director, path+"/preview", settings))
		d.want(409, d.send(http.MethodDelete, path, "", d.as(access.Director)...))
		if done["status"] != "IMPORTED" || done["taken"] != json.Number("700") || done["rejected"] != json.Number("1") || done["rows_done"] != json.Number("701") {
			t.Errorf("got %v, want 701 rows done, 700 of them taken", done)
		}
		if n := office.Count(t, database, "SELECT count(*) FROM clients") - before; n != 700 {
			t.Errorf("got %d new clients, want 700", n)
		}
		report := d.want(200, d.getAs(access.Director, path+"/report"))
		if report["rows"] != json.Number("701") || len(report["reasons"].([]any)) == 0 || len(report["differences"].([]any)) != 1000 {
			t.Errorf("report: got %.300v, want 701 rows, reasons and the first 1,000 differences", report)
		}
		var rows []map[string]any
		if err := json.Unmarshal([]byte(d.getAs(access.Director, path+"/rejected-rows").body), &rows); err != nil || len(rows) != 1 || rows[0]["line"] != 702.0 || rows[0]["field"] != "created_at" || rows[0]["value"] != "30/02/2020" {
			t.Errorf("rejected rows: got %v, %v, want the date in line 702", rows, err)
		}
		if r := d.getAs(access.Director, path+"/rejected-rows?format=csv"); r.status != 200 || !strings.Contains(r.body, "702,fecha de alta,") {
			t.Errorf("rejected rows as CSV: got %d %s, want line 702", r.status, r.body)
		}
		if list := d.listed(access.Director, importsURL); len(list) != 1 || list[0]["id"] != first["id"] {
			t.Errorf("list: got %v, want the import", list)
		}
		office.Sound(t, database)
	})
}

// TestHostileImports: a file that is none, too large, or has no rows gets a status of 4xx that names
// what is accepted.
func TestHostileImports(t *testing.T) {
	d := open(t, nil)
	for name, c := range map[string]struct {
		query, content, media string
		status                int
		says                  string
	}{
		"empty":             {"kind=clients&name=a.csv", "", "text/csv", 422, "required"},
		"an unknown kind":   {"kind=things&name=a.csv", "a\n1\n", "text/csv", 422, "clients"},
		"without a name":    {"kind=clients", "a\n1\n", "text/csv", 422, "name"},
		"a picture":         {"kind=clients&name=a.csv", "\x89PNG\x00\x00", "text/csv", 422, "CSV or XLSX"},
		"another media":     {"kind=clients&name=a.csv", "a\n1\n", "image/png", 422, "text/csv"},
		"no spreadsheet":    {"kind=clients&name=a.xlsx", "cliente\n1\n", "application/octet-stream", 422, "CSV or XLSX"},
		"a heading alone":   {"kind=clients&name=a.csv", "cliente\n", "text/csv", 422, "at least one row"},
		"above the limit":   {"kind=clients&name=a.csv", strings.Repeat("x", imports.MaxUpload+1), "text/csv", 413, "16384 KiB"},
		"an unknown member": {"kind=clients&name=a.csv&columns=x", "a\n1\n", "text/csv", 422, "columns"},
	} {
		r := d.send(http.MethodPost, importsURL+"?"+c.query, c.content, append(d.as(access.Director), "Content-Type", c.media)...)
		if r.status != c.status || !strings.Contains(r.body, c.says) {
			t.Errorf("%s: got %d %.400s, want %d with %q", name, r.status, r.body, c.status, c.says)
		}
	}
	if list := d.listed(access.Director, importsURL); len(list) != 0 {
		t.Errorf("got %v, want nothing stored", list)
	}
	d.want(404, d.getAs(access.Director, importsURL+"/01a08717-0d30-7000-8001-ce214d59e117"))
}

// TestImportTemplates: each template is read with all its columns.
func TestImportTemplates(t *testing.T) {
	d := open(t, nil)
	for _, kind := range imports.Kinds {
		text := d.getAs(access.Director, "/api/v1/import-templates/"+string(kind)).body
		sheet := d.getAs(access.Director, "/api/v1/import-templates/"+string(kind)+"?format=xlsx").body
		book, err := excelize.OpenReader(bytes.NewReader([]byte(sheet)))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows(book.GetSheetName(0))
		if err != nil || len(rows) != 3 || !strings.HasPrefix(text, "\ufeff"+strings.Join(rows[0], ",")+"\n") {
			t.Errorf("%s: got %q and %v, %v, want the same heading", kind, text, rows, err)
		}
		d.want(201, d.upload("kind="+string(kind)+"&name=plantilla.csv", text))
		d.want(201, d.upload("kind="+string(kind)+"&name=plantilla.xlsx", sheet, "Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))
	}
	for _, i := range d.listed(access.Director, importsURL) {
		if p := d.want(200, d.do(access.Director, importsURL+"/"+i["id"].(string)+"/preview", "{}")); p["rows"] != json.Number("2") {
			t.Errorf("preview of %v: got %v, want 2 rows", i["kind"], p)
		}
	}
}
