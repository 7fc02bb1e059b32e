package console_test

import (
	"bytes"
	"mime/multipart"
	"net/textproto"
	"regexp"
	"strings"
	"testing"
	"time"

	"sofipo/bank/clients"
	"sofipo/core/folio"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// maria is the form of a client.
func maria(more ...string) []string {
	return append([]string{
		"kind", "person", "given_names", "María Guadalupe", "paternal_surname", "Hernández", "maternal_surname", "Ríos", "birth_date", "14/03/1985", "sex", "female", "birth_state", "GT",
		"nationality", "MX", "occupation", "Comerciante", "monthly_income", "24,500.00", "email", "mg@example.com",
		"phones.0.kind", "mobile", "phones.0.number", "", "phones.1.kind", "mobile", "phones.1.number", "461 118 2043",
		"addresses.0.kind", "home", "addresses.0.street", "Av. Irrigación", "addresses.0.exterior_number", "214", "addresses.0.municipality", "Celaya", "addresses.0.state", "GT",
		"addresses.0.postal_code", "38080", "addresses.0.country", "MX",
	}, more...)
}

// TestRegisterClient: the checks save nothing and say what is wrong at its field; the same form
// twice is one client; what is probably wrong must be confirmed.
func TestRegisterClient(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		page := w.get("/console/clients/new", 200)
		w.has(page, "Persona física", "Registrar cliente", "Aquí se revisa")
		key := hiddenKey.FindStringSubmatch(page)[1]
		w.has(w.get("/console/clients/new?kind=company", 200), "Razón social", "Propietarios reales")
		w.has(w.post("/console/clients/new/check", 200, maria("form_key", key)...), "RFC probable", "CURP probable", "HERG850314", "Todo está en orden")
		w.has(w.post("/console/clients/new/check", 200, maria("use_rfc", "HERG850314AB1", "form_key", key)...), `value="HERG850314AB1"`)
		w.has(w.post("/console/clients/new/check", 200, maria("more", "phones", "form_key", key)...), `name="phones.2.number"`)
		bad := w.post("/console/clients/new", 422, maria("curp", "NO", "accounts.0.clabe", "12", "phones.1.number", "x", "form_key", key)...)
		w.has(bad, "La CURP lleva 18 caracteres", "La CLABE lleva 18 dígitos", `href="#in-accounts-0-clabe"`, "María Guadalupe")
		if n := office.Count(t, d, "SELECT count(*) FROM clients"); n != 0 {
			t.Errorf("got %d clients after the checks, want none", n)
		}
		minor := maria("form_key", "minor")
		minor[9] = "14/03/2015"
		w.has(w.post("/console/clients/new", 409, minor...), "El cliente es menor de edad", "Confirmo que es correcto")
		for range 2 {
			w.has(w.post("/console/clients/new", 200, maria("form_key", key)...), "Se registró al cliente", "María Guadalupe Hernández Ríos", "461 118 2043", "Av. Irrigación 214, 38080 Celaya, Guanajuato", "Expediente: faltan")
		}
		if n := office.Count(t, d, "SELECT count(*) FROM clients"); n != 1 {
			t.Errorf("got %d clients, want 1", n)
		}
		again := w.post("/console/clients/new", 409, maria("form_key", "again")...)
		w.has(again, "Otro cliente tiene el mismo teléfono", "Otro cliente tiene el mismo nombre y fecha de nacimiento", ">María Guadalupe Hernández Ríos</a>")
		w.post("/console/clients/new", 200, maria("form_key", "again", "confirmed", "duplicate_phone", "confirmed", "duplicate_name_birth", "confirmed", "duplicate_email")...)
		if n := office.Count(t, d, "SELECT count(*) FROM clients"); n != 2 {
			t.Errorf("got %d clients, want 2", n)
		}
		w.signIn("tomas")
		w.has(w.get("/console/clients/new", 403), "registrar y modificar clientes")
		w.post("/console/clients/new", 403, maria()...)
		office.Sound(t, d)
	})
}

// TestClientFile: each part of a client's file answers, changes are done once, and roles see
// what they may.
func TestClientFile(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		lent, number := w.lent("José Pérez Juárez")
		path := "/console/clients/" + folio.Client.Print(folio.Number(office.Count(t, d, "SELECT number FROM clients WHERE id = '"+lent.ClientID.String()+"'")))
		w.has(w.get(path, 200), "José Pérez Juárez", number, "Al corriente", "Exposición total $10,000.00", "Recibir pago", "Lo último", "10,000.00", path+"/edit#in-curp")
		for tab, text := range map[string]string{"data": "Identidad", "documents": "Aún no hay documentos", "loans": number, "exposure": "Lo que cuenta como exposición", "contacts": "Nueva nota", "timeline": "Entrega", "audit": "Otorgó un préstamo"} {
			w.has(w.get(path+"/"+tab, 200), text)
		}
		edit := w.get(path+"/edit", 200)
		revision := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(edit)[1]
		change := []string{"kind", "person", "given_names", "José", "paternal_surname", "Pérez", "maternal_surname", "Juárez", "rfc", "PEPJ800101001", "email", "ana@example.com", "occupation", "Panadero", "revision", revision, "form_key", "edit"}
		w.has(w.post(path+"/edit/check", 200, change...), "no corresponde")
		change = append(change, "confirmed", "rfc_name", "confirmed", "rfc_check_digit", "confirmed", "rfc_birth_date")
		w.has(w.post(path+"/edit", 200, change...), "Se modificaron los datos", "Panadero", "Advertencias confirmadas", "Ana Ruiz")
		w.has(w.post(path+"/edit", 409, "kind", "person", "given_names", "José", "paternal_surname", "Otro", "revision", revision, "form_key", "stale"), "Alguien más modificó el expediente")
		for range 2 {
			w.has(w.post(path+"/notes", 200, "text", "Pide más\nplazo <b>", "form_key", "note"), "Se agregó la nota", "Pide más\nplazo &lt;b&gt;")
			w.has(w.post(path+"/consents", 200, "consent", "privacy_notice", "notice_version", "v3", "channel", "paper", "given_on", "01/11/2026", "form_key", "consent"), "Aviso de privacidad", "1 nov 2026", "Vigente", "Revocar")
			w.has(w.post(path+"/risk", 200, "grade", "low", "reason", "Negocio conocido", "form_key", "grade"), "Negocio conocido", "Riesgo bajo")
		}
		for table, want := range map[string]int64{"client_notes": 1, "client_consents": 1} {
			if n := office.Count(t, d, "SELECT count(*) FROM "+table); n != want {
				t.Errorf("%s: got %d, want %d", table, n, want)
			}
		}
		withdrawal := regexp.MustCompile(`action="([^"]+/withdrawal)"`).FindStringSubmatch(w.get(path+"/documents", 200))[1]
		w.has(w.post(withdrawal, 200, "form_key", "withdraw"), "Revocado el")
		w.post(path+"/notes", 422, "text", " ", "form_key", "empty")
		w.post(path+"/consents", 422, "consent", "all", "form_key", "bad")
		w.post(path+"/risk", 422, "grade", "none", "form_key", "bad")
		w.get("/console/clients/C-999-999", 404)
		if pdf := w.get(path+"/statement.pdf", 200); !strings.HasPrefix(pdf, "%PDF") {
			t.Error("got no PDF, want the statement")
		}
		var seen string
		for deadline := time.Now().Add(5 * time.Second); !strings.Contains(seen, "Estado de cuenta, recibo") && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			seen = w.get(path+"/audit/viewings", 200)
		}
		w.has(seen, "Quién consultó los datos", "Expediente", "Estado de cuenta, recibo o carta", "Ana Ruiz")
		w.has(w.get("/console/search?q="+path[len("/console/clients/"):], 200), "José Pérez Juárez", "Más acciones")
		w.inEnglish()
		w.has(w.get(path, 200), "Summary", "Total exposure", "File: ", "missing")
		w.signIn("tomas")
		page := w.get(path, 200)
		w.has(page, "José Pérez Juárez", number)
		if strings.Contains(page, path+"/data") || strings.Contains(page, "Ocupación") {
			t.Error("got the data of the file, want only what a teller may see")
		}
		w.get(path+"/data", 403)
		w.post(path+"/notes", 403, "text", "x")
	})
}

// TestDocuments: a document that was added is sent back as it was, once, and never as a page.
func TestDocuments(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	made := office.Must(t, w.bank, &clients.RegisterClient{FullName: "José Pérez", Email: "jose@example.com", RFC: "PEPJ800101001"})
	path := "/console/clients/" + folio.Client.Print(made.Number) + "/documents"
	send := func(key, name, media, content string, status int) string {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		for field, value := range map[string]string{"form_key": key, "kind": "identification", "name": name} {
			must(t, m.WriteField(field, value))
		}
		part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="ine.png"`}, "Content-Type": {media}})
		must(t, err)
		_, err = part.Write([]byte(content))
		must(t, err)
		must(t, m.Close())
		r, err := w.Post(w.url+path, m.FormDataContentType(), &b)
		must(t, err)
		defer func() { _ = r.Body.Close() }()
		return w.read(r, "POST "+path, status)
	}
	const png = "\x89PNG\r\n\x1a\nrest"
	for range 2 {
		w.has(send("k", "INE <b>", "image/png", png, 200), "Se agregó el documento", "INE &lt;b&gt;", "1\u00a0kB", "Ana Ruiz")
	}
	w.has(send("l", "página", "text/html", "<script>", 422), "Corrija")
	w.has(send("m", "página", "image/png", "<script>", 422), "se aceptan PDF, JPEG y PNG")
	w.post(path, 422, "kind", "identification", "name", "nada", "form_key", "n")
	found := regexp.MustCompile(`href="(`+path+`/[^"]+)"`).FindAllStringSubmatch(w.get(path, 200), -1)
	if len(found) != 1 {
		t.Fatalf("got %d documents, want 1", len(found))
	}
	r, err := w.Get(w.url + found[0][1])
	must(t, err)
	defer func() { _ = r.Body.Close() }()
	if got := w.read(r, "GET", 200); got != png || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") || !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("got %q with %v, want the document as a file to save", got, r.Header)
	}
	w.get(path+"/nothing", 404)
}

// TestLoanDocuments: the documents of a loan are PDFs, and those that its state does not allow are refused.
func TestLoanDocuments(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("tomas")
	_, number := w.lent("José Pérez")
	receipt := regexp.MustCompile(`R-[0-9-]+`).FindString(w.post("/console/till/payment", 200, "loan", number, "amount", "100", "method", "transfer", "form_key", "k"))
	path := "/console/loans/" + number
	w.has(w.get(path+"/documents", 200), path+"/documents/schedule.pdf", path+"/documents/payoff.pdf")
	for _, name := range []string{"/documents/schedule.pdf", "/documents/statement.pdf", "/documents/payoff.pdf?on=15/12/2026", "/payments/" + receipt + "/receipt.pdf"} {
		if pdf := w.get(path+name, 200); !strings.HasPrefix(pdf, "%PDF") {
			t.Errorf("%s: got no PDF, want one", name)
		}
	}
	w.get(path+"/documents/no-debt.pdf", 409)
	w.get(path+"/documents/payoff.pdf?on=pronto", 422)
	w.get(path+"/payments/R-999-999/receipt.pdf", 404)
}
