package console_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"sofipo/bank/takeover"
	"sofipo/core/imports"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

var importLink = regexp.MustCompile(`/console/admin/imports/[0-9a-f]{8}-[0-9a-f-]{27}`)

// TestImport: a file is uploaded, its columns are assigned, and it is imported once; the page shows
// what it will do, its progress and its result with the rejected rows.
func TestImport(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		const path = "/console/admin/imports"
		w.has(w.get(path, 200), "Aún no se ha importado ningún archivo", path+"/new")
		w.has(w.get(path+"/new", 200), `value="balances"`, "/console/admin/import-templates/loans.xlsx", "hasta 16 MB")
		w.has(w.get("/console/admin/import-templates/clients.csv", 200), "full_name", "Núñez")
		w.get("/console/admin/import-templates/clients.pdf", 404)
		text := "No. de cliente,Nombre,Mail,Fecha de alta\n1,Rosa <i>,rosa@example.com,2019-03-01\n2,Eva,,30/02/2020\n3,Ana,,\n"
		page := w.send(path+"/new", 200, text, "kind", "clients", "form_key", "u1")
		w.has(page, "Importar 2 clientes", "Nada se guarda hasta confirmar", "30/02/2020", "Rechazado", "Revisar de nuevo", `<option value="email" selected>Correo`)
		upload := importLink.FindString(page)
		w.has(w.get(upload+"?column.0=", 200), "El archivo no se puede importar así", "Número: Falta esta columna", `name="then" value="discard"`)
		w.has(w.get(upload+"?column.1=rfc&column.3=", 200), "Importar 3 clientes", `<option value="rfc" selected>RFC`)
		w.has(w.get(upload+"?decimal=x", 200), "El archivo no se puede importar así")
		if n := office.Count(t, d, "SELECT count(*) FROM imports"); n != 0 {
			t.Errorf("got %d imports after the review, want none", n)
		}
		for range 2 {
			w.has(w.post(upload, 200, "form_key", "c1"), "Importando", "0 de 3 renglones", `hx-trigger="every 1s"`)
		}
		w.post(upload, 409, "form_key", "d1", "then", "discard")
		must(t, takeover.NewUploads(w.bank, time.UTC).RunConfirmed(t.Context()))
		w.post("/console/account", 200, "language", "es", "form_key", "token") // the next pages include what was imported
		page = w.get(upload, 200)
		w.has(page, "Completa", "Renglones rechazados", "30/02/2020", "Fecha de alta", "Diferencias", upload+"/rejected.csv")
		if strings.Contains(page, "Descartar") {
			t.Error("got a complete import that can be discarded, want none")
		}
		w.has(w.get(upload+"/rejected.csv", 200), "30/02/2020", "Escriba una fecha")
		w.has(w.get(path, 200), "movimientos.csv", "1 rechazado", "Completa")
		if n := office.Count(t, d, "SELECT count(*) FROM clients WHERE full_name IN ('Rosa <i>', 'Ana')"); n != 2 {
			t.Errorf("got %d clients of the file, want 2", n)
		}
		page = w.send(path+"/new", 200, "contrato\n1\n", "kind", "loans", "form_key", "u2")
		w.has(page, "El archivo no se puede importar así", "Monto: Falta esta columna", "Producto de los préstamos")
		other := importLink.FindString(page)
		w.has(w.post(other, 200, "form_key", "d2", "then", "discard"), "Se descartó el archivo", "Descartada")
		w.has(w.get(other, 200), "El archivo se eliminó")
		w.get(path+"/x", 404)
		w.forget()
		w.signIn("tomas")
		w.get(path, 403)
		w.post(upload, 403, "form_key", "c3")
	})
}

// TestHostileImport: what is no file of rows is refused on the form with what is accepted.
func TestHostileImport(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	const path = "/console/admin/imports/new"
	for content, want := range map[string]string{
		"": "Envíe un archivo CSV o XLSX", "\x00\x01\x02": "Envíe un archivo CSV o XLSX", "PK\x03\x04": "Envíe un archivo CSV o XLSX", "cliente,nombre\n": "al menos un renglón",
		strings.Repeat("x", imports.MaxUpload+1): "hasta 16 MB", strings.Repeat("x", imports.MaxUpload+2<<20): "hasta 16 MB",
	} {
		w.has(w.send(path, 422, content, "kind", "clients", "form_key", "u"), want)
	}
	w.has(w.send(path, 422, "a\n1\n", "kind", "things", "form_key", "u"), "problems")
	w.has(w.post(path, 422, "kind", "clients", "form_key", "u"), "problems")
}
