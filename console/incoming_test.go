package console_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"regexp"
	"strings"
	"testing"

	banks "sofipo/bank/settlement"
	"sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// send posts a form with a file.
func (w *browser) send(path string, status int, content string, pairs ...string) string {
	w.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		must(w.T, parts.WriteField(pairs[i], pairs[i+1]))
	}
	file, err := parts.CreateFormFile("file", "movimientos.csv")
	must(w.T, err)
	_, err = file.Write([]byte(content))
	must(w.T, err)
	must(w.T, parts.Close())
	r, err := w.Post(w.url+path, parts.FormDataContentType(), &body)
	must(w.T, err)
	defer func() { _ = r.Body.Close() }()
	return w.read(r, "POST "+path, status)
}

// commonLayout is the layout of the files of the tests.
var commonLayout = bankfile.Layout{
	Method: settlement.Transfer, Delimiter: bankfile.Comma, Encoding: bankfile.UTF8, Header: true, DateFormat: "DD/MM/YYYY",
	Decimal: bankfile.PointMark, Thousands: bankfile.CommaMark, Excess: bankfile.ToUnapplied,
	Columns: []bankfile.Column{{Field: bankfile.Date, Name: "Fecha"}, {Field: bankfile.Amount, Name: "Importe"}, {Field: bankfile.Operation, Name: "Folio"}, {Field: bankfile.Concept, Name: "Concepto"}, {Field: bankfile.Sender, Name: "Ordenante"}},
}

var depositLink = regexp.MustCompile(`/console/incoming/[0-9a-f-]{36}`)

// keptFile returns the file that the preview of an import carries in its form.
func keptFile(page string) string {
	return html.UnescapeString(regexp.MustCompile(`name="content" value="([^"]+)"`).FindStringSubmatch(page)[1])
}

// TestBankFile: the preview of a file saves nothing; a deposit without a reference waits and is
// assigned to a loan, or returned.
func TestBankFile(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		office.Must(t, w.bank, banks.SetLayout{AccountID: settlement.MainAccount, Layout: commonLayout})
		_, number := w.lent("Rosa Méndez")
		w.signIn("ana")
		account := regexp.MustCompile(`<option value="([^"]+)"`).FindStringSubmatch(w.get("/console/incoming/file", 200))[1]
		const content = "Fecha,Folio,Importe,Concepto,Ordenante\r\n30/11/2026,1,700.00,pago,Rosa <i>\r\n30/11/2026,2,20.00,,\r\nayer,3,5.00,,"
		page := w.send("/console/incoming/file", 200, content, "account", account, "form_key", "f1")
		w.has(page, "Importar 2 depósitos", "Queda por identificar", "No se puede leer", "720.00")
		if n := office.Count(t, d, "SELECT count(*) FROM incoming_payments"); n != 0 {
			t.Errorf("got %d deposits after the preview, want none", n)
		}
		kept := keptFile(page)
		for range 2 {
			w.has(w.post("/console/incoming/file", 200, "account", account, "name", "movimientos.csv", "content", kept, "then", "import", "form_key", "f1"), "Se import")
		}
		list := w.get("/console/incoming", 200)
		w.has(list, "Rosa &lt;i&gt;", "700.00", "No tiene referencia", "Por identificar")
		paths := depositLink.FindAllString(list, -1)
		if len(paths) != 2 {
			t.Fatalf("got %d deposits, want 2\n%s", len(paths), list)
		}
		w.has(w.get(paths[0]+"?loan="+number+"&value_date=30.11.2026&keep_excess=on", 200), "Cuenta como pago del 30 nov 2026", `name="keep_excess" value="on"`, "Quien importó el depósito")
		w.has(w.get(paths[0]+"?loan="+number+"&value_date=ayer", 200), "Escriba una fecha")
		w.has(w.get(paths[0]+"?loan=rosa", 200), "Pagar "+number+" con $700.00", "Cuenta como pago del 30 nov 2026")
		for range 2 {
			w.has(w.post(paths[0], 200, "loan", number, "form_key", "a1"), "El depósito pagó el préstamo")
		}
		w.has(w.post(paths[1]+"/income", 403, "reason", "x", "form_key", "i0"), "Quien importó el depósito")
		w.has(w.post(paths[1], 422, "then", "return", "form_key", "r0"), "Escriba este dato")
		w.has(w.post(paths[1], 200, "then", "return", "reference", "MX123", "form_key", "r1"), "Se registró la devolución", "No hay depósitos por identificar")
		w.has(w.get("/console/incoming?show=all", 200), "Devuelto al remitente", "Asignado a un préstamo")
		if got := w.get("/console/loans/"+number, 200); !strings.Contains(got, "700.00") {
			t.Errorf("got a loan without the deposit, want it\n%s", got)
		}
		w.post(paths[0]+"/income", 409, "reason", "x", "form_key", "i1")
		w.forget()
		w.signIn("tomas")
		w.post(paths[0], 403, "loan", number)
		w.post(paths[0]+"/income", 403, "reason", "x")
		office.Sound(t, d)
	})
}

// TestUnclaimedDeposit: after the term somebody other than the importer writes a deposit that
// nobody claimed to income, once.
func TestUnclaimedDeposit(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	w := open(t, d)
	office.Must(t, w.bank, banks.SetLayout{AccountID: settlement.MainAccount, Layout: commonLayout})
	w.hired("tina", "admin")
	w.signIn("tina")
	page := w.send("/console/incoming/file", 200, "Fecha,Importe,Folio,Concepto,Ordenante\r\n30/11/2026,20.00,1,,", "account", "principal", "form_key", "f1")
	w.post("/console/incoming/file", 200, "account", "principal", "name", "a.csv", "content", keptFile(page), "then", "import", "form_key", "f1")
	path := depositLink.FindString(w.get("/console/incoming", 200))
	*w.now = w.now.AddDate(4, 0, 0)
	w.forget()
	w.signIn("tina")
	w.has(w.get(path, 200), "Quien importó el depósito")
	w.forget()
	w.signIn("ana")
	w.has(w.get(path, 200), "Llevar $20.00 a ingresos", `value="Nadie lo reclamó"`)
	w.has(w.post(path+"/income", 422, "reason", "", "form_key", "i1"), "problems")
	for range 2 {
		w.has(w.post(path+"/income", 200, "reason", "Nadie lo reclamó", "form_key", "i2"), "El depósito se llevó a ingresos")
	}
	w.has(w.get(path, 200), "Nadie lo reclamó", "Ana")
}

// TestLargeBankFile: a file of more than 1 MB is previewed and imported, and one above the limit
// is refused on the form with the limit.
func TestLargeBankFile(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	w := open(t, d)
	office.Must(t, w.bank, banks.SetLayout{AccountID: settlement.MainAccount, Layout: commonLayout})
	w.signIn("ana")
	content := "Fecha,Importe,Folio,Ordenante,Concepto\r\n30/11/2026,20.00,1,,pago" + strings.Repeat("\r\n30/11/2026,-1.00,2,,"+strings.Repeat("x", 700), 2500)
	page := w.send("/console/incoming/file", 200, content, "account", "principal", "form_key", "f1")
	w.has(page, "Importar 1 depósito")
	if kept := keptFile(page); len(kept) > 1<<20 {
		t.Errorf("got a form that carries %d bytes, want it compressed", len(kept))
	}
	w.has(w.post("/console/incoming/file", 200, "account", "principal", "name", "a.csv", "content", keptFile(page), "then", "import", "form_key", "f1"), "Se importó 1 depósito")
	w.has(w.post("/console/incoming/file", 422, "account", "principal", "name", "a.csv", "content", "x", "then", "import", "form_key", "f2"), "problems")
	w.has(w.send("/console/incoming/file", 422, strings.Repeat("x", 12<<20), "account", "principal", "form_key", "f3"), "El archivo puede tener hasta 8 MB")
	w.has(w.send("/console/incoming/file", 422, strings.Repeat("x", 9<<20), "account", "principal", "form_key", "f4"), "El archivo puede tener hasta 8 MB")
}

// TestBankLayout: the form of a layout reads a sample without saving anything, names the columns
// that are wrong, and saves; who may only read sees it.
func TestBankLayout(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	w := open(t, d)
	w.signIn("ana")
	const path = "/console/admin/tills/banks/principal/layout"
	w.has(w.get("/console/admin/tills", 200), path, "Sin configurar")
	w.has(w.send("/console/incoming/file", 409, "x", "account", "principal", "form_key", "f1"), path, "Configurar el formato del archivo")
	w.has(w.get(path, 200), "Sin configurar", "Leer la muestra", `value="DD/MM/YYYY"`)
	form := []string{
		"method", "transfer", "delimiter", "semicolon", "encoding", "latin-1", "date_format", "dd/mm/yyyy", "decimal", "comma", "thousands", "point", "excess", "suspense", "header", "on",
		"title.date", "Fecha", "title.amount", "Importe", "place.concept", "3",
	}
	sample := "Fecha;Importe;Nota\n30/11/2026;1.250,50;N\xf3mina\nayer;1;x\n"
	w.has(w.send(path, 200, sample, append(form, "form_key", "l1")...), "1,250.50", "Nómina", "No se puede leer", "Escriba una fecha como 31/12/2026")
	if n := office.Count(t, d, "SELECT count(*) FROM bank_layouts"); n != 0 {
		t.Errorf("got %d layouts after the sample, want none", n)
	}
	w.has(w.send(path, 422, sample, append(form, "place.sender", "x", "skip_lines", "1,5", "form_key", "l2")...), "Escriba el número de la columna", "Use punto para los decimales")
	w.has(w.send(path, 422, sample, append([]string{"encoding", "utf-8", "form_key", "l6"}, form...)...), "no está en UTF-8")
	w.has(w.send(path, 200, "", append(form, "sample", "Fecha;Importe;Nota\n30/11/2026;2,50;ñ", "form_key", "l7")...), "2.50", "ñ")
	w.has(w.send(path, 422, "a;b", append(form, "form_key", "l3")...), "Falta la columna", "en el encabezado")
	w.has(w.send(path, 422, sample, append(form, "title.side", "Signo", "then", "save", "form_key", "l4")...), "Indique los valores de la columna del signo")
	for range 2 {
		w.has(w.send(path, 200, "", append(form, "then", "save", "form_key", "l5")...), "Se guardó el formato de", "Configurado")
	}
	w.has(w.get(path, 200), `value="semicolon" selected`, `name="title.amount" value="Importe"`, `name="place.concept" value="3"`, "Ana Ruiz")
	w.forget()
	w.signIn("tomas")
	w.send(path, 403, "", append(form, "then", "save")...)
}
