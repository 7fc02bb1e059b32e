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
func (w *browser) send(path, content string, pairs ...string) string {
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
	return w.read(r, "POST "+path, 200)
}

// TestBankFile: the preview of a file saves nothing; a deposit without a reference waits and is
// assigned to a loan, or returned.
func TestBankFile(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		office.Must(t, w.bank, banks.SetLayout{AccountID: settlement.MainAccount, Layout: bankfile.Layout{
			Method: settlement.Transfer, Delimiter: bankfile.Comma, Encoding: bankfile.UTF8, Header: true, DateFormat: "DD/MM/YYYY",
			Decimal: bankfile.PointMark, Thousands: bankfile.CommaMark, Excess: bankfile.ToUnapplied,
			Columns: []bankfile.Column{{Field: bankfile.Date, Name: "Fecha"}, {Field: bankfile.Amount, Name: "Importe"}, {Field: bankfile.Operation, Name: "Folio"}, {Field: bankfile.Concept, Name: "Concepto"}, {Field: bankfile.Sender, Name: "Ordenante"}},
		}})
		_, number := w.lent("Rosa Méndez")
		w.signIn("ana")
		account := regexp.MustCompile(`<option value="([^"]+)"`).FindStringSubmatch(w.get("/console/incoming/file", 200))[1]
		const content = "Fecha,Folio,Importe,Concepto,Ordenante\r\n30/11/2026,1,700.00,pago,Rosa <i>\r\n30/11/2026,2,20.00,,\r\nayer,3,5.00,,"
		page := w.send("/console/incoming/file", content, "account", account, "form_key", "f1")
		w.has(page, "Importar 2 depósitos", "Queda por identificar", "No se puede leer", "720.00")
		if n := office.Count(t, d, "SELECT count(*) FROM incoming_payments"); n != 0 {
			t.Errorf("got %d deposits after the preview, want none", n)
		}
		kept := html.UnescapeString(regexp.MustCompile(`name="content" value="([^"]+)"`).FindStringSubmatch(page)[1])
		for range 2 {
			w.has(w.post("/console/incoming/file", 200, "account", account, "name", "movimientos.csv", "content", kept, "then", "import", "form_key", "f1"), "Se import")
		}
		list := w.get("/console/incoming", 200)
		w.has(list, "Rosa &lt;i&gt;", "700.00", "No tiene referencia", "Por identificar")
		paths := regexp.MustCompile(`/console/incoming/[0-9a-f-]{36}`).FindAllString(list, -1)
		if len(paths) != 2 {
			t.Fatalf("got %d deposits, want 2\n%s", len(paths), list)
		}
		w.has(w.get(paths[0]+"?loan=rosa", 200), "Pagar "+number+" con $700.00", "Cuenta como pago del 30 nov 2026")
		for range 2 {
			w.has(w.post(paths[0], 200, "loan", number, "form_key", "a1"), "El depósito pagó el préstamo")
		}
		w.has(w.post(paths[1], 422, "then", "return", "form_key", "r0"), "Escriba este dato")
		w.has(w.post(paths[1], 200, "then", "return", "reference", "MX123", "form_key", "r1"), "Se registró la devolución", "No hay depósitos por identificar")
		w.has(w.get("/console/incoming?show=all", 200), "Devuelto al remitente", "Asignado a un préstamo")
		if got := w.get("/console/loans/"+number, 200); !strings.Contains(got, "700.00") {
			t.Errorf("got a loan without the deposit, want it\n%s", got)
		}
		w.forget()
		w.signIn("tomas")
		w.post(paths[0], 403, "loan", number)
		office.Sound(t, d)
	})
}
