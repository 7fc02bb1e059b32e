package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sofipo/bank/clients"
	"sofipo/core/folio"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

var draftAddress = regexp.MustCompile(`/console/applications/drafts/[0-9a-f-]+`)

// TestApplication: the draft keeps what was typed, also what is wrong; the application is filed
// once, and its draft is gone.
func TestApplication(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		c := office.Must(t, w.bank, &clients.RegisterClient{FullName: "María <i>Guadalupe</i> Ríos", Email: "ana@example.com", RFC: "PEPJ800101001"})
		w.again("ana")
		const begin = "/console/applications/new"
		number := folio.Client.Print(c.Number)
		w.has(w.get(begin+"?q="+number+"&amount=5000", 200), "María &lt;i&gt;Guadalupe&lt;/i&gt; Ríos", `name="amount" value="5000"`)
		w.has(w.get(begin+"?q=nadie", 200), "No se encontró ningún cliente")
		page := w.post(begin, 200, "client", number, "amount", "5000", "form_key", "k1")
		base := draftAddress.FindString(page)
		w.has(page, `value="5000"`, "Borrador guardado")
		w.has(w.post(base+"/terms", 422, "product", "seed", "amount", "cinco mil", "rate", "36", "periods", "12", "go", "next", "form_key", "k2"), "Escriba un importe")
		w.has(w.get(base+"/terms", 200), `value="cinco mil"`)
		w.has(w.get(begin, 200), "Sus borradores", "aún sin condiciones")
		w.has(w.post(base+"/terms", 200, "product", "seed", "amount", "8000", "rate", "36", "periods", "12", "form_key", "k3"), "Tabla de amortización")
		w.has(w.post(base+"/terms", 200, "product", "seed", "amount", "9000", "rate", "36", "periods", "12", "go", "next", "form_key", "k3"), "expediente", "Exposición")
		w.has(w.get(base+"/review", 200), "Presentar la solicitud por $9,000.00")
		w.has(w.post(base+"/review", 200, "form_key", "k4"), "Se presentó la solicitud")
		w.post(base+"/review", 404, "form_key", "k4")
		if n := office.Count(t, d, "SELECT count(*) FROM loans WHERE status = 'APPLIED' AND amount = 900000"); n != 1 {
			t.Errorf("got %d applications, want 1", n)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM drafts"); n != 0 {
			t.Errorf("got %d drafts after the application, want none", n)
		}
	})
}

// TestDraftsAreOfOneUser: nobody else sees, changes or discards a draft.
func TestDraftsAreOfOneUser(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	c := office.Must(t, w.bank, &clients.RegisterClient{FullName: "José Pérez", Email: "ana@example.com", RFC: "PEPJ800101001"})
	base := draftAddress.FindString(w.post("/console/applications/new", 200, "client", folio.Client.Print(c.Number), "form_key", "k1"))
	w.forget()
	w.signIn("tomas")
	w.get("/console/applications/new", 403)
	w.get(base+"/terms", 403)
	w.forget()
	w.signIn("ana")
	w.has(w.post(base+"/discard", 200), "Se descartó el borrador")
	w.get(base+"/terms", 404)
}

// TestEditTerms: the terms of an application that was filed are changed.
func TestEditTerms(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	_, number := w.applied("José Pérez", "PEPJ800101002")
	path := "/console/applications/" + number + "/terms"
	w.has(w.get(path, 200), `value="10000.00"`, `value="36"`, "Guardar las condiciones nuevas")
	w.post(path, 422, "product", "seed", "amount", "", "rate", "36", "periods", "12", "go", "next", "form_key", "k1")
	w.has(w.post(path, 200, "product", "seed", "amount", "7500", "rate", "36", "periods", "12", "go", "next", "form_key", "k2"), "Se guardaron las condiciones")
	_, lent := w.lent("Rosa Díaz")
	w.get("/console/applications/"+lent+"/terms", 409)
	if page := w.get("/console/applications/new?"+url.Values{"q": {"P-1"}}.Encode(), 200); strings.Contains(page, "<form class=\"work-row\"") {
		t.Error("got a client for a wrong number, want none")
	}
}
