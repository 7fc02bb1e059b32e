package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	staffing "sofipo/bank/staff"
	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/infra/auth"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// hire adds users with a role.
func (w *browser) hire(role string, names ...string) {
	w.Helper()
	hash, err := auth.HashPassword(password)
	must(w.T, err)
	for _, name := range names {
		office.Must(w.T, w.bank, staffing.AddUser{Username: name, Password: hash, Role: role, FullName: strings.ToUpper(name[:1]) + name[1:] + " Ruiz"})
	}
}

// lacks checks that a page has none of the texts.
func (w *browser) lacks(body string, texts ...string) {
	w.Helper()
	for _, text := range texts {
		if strings.Contains(body, text) {
			w.Errorf("got a page with %q, want none\n%s", text, body)
		}
	}
}

// part asks for a part of a page, as htmx does.
func (w *browser) part(path string) string {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), http.MethodGet, w.url+path, nil)
	must(w.T, err)
	r.Header.Set("HX-Request", "true")
	answer, err := w.Do(r)
	must(w.T, err)
	defer func() { _ = answer.Body.Close() }()
	return w.read(answer, "GET "+path, 200)
}

// TestWhatWaits: the home page shows what waits for its user, and counts it in the menu. A teller
// opens on the page of payments.
func TestWhatWaits(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.hire("officer", "olga")
		w.signIn("ana")
		w.has(w.get("/console/", 200), "No tiene asuntos pendientes")
		l, number := w.lent("María Guadalupe Hernández Ríos")
		today := civil.DateOf(*w.now)
		_, err := bank.Do(t.Context(), w.bank, bank.By{Actor: "ana"}, lending.PromisePayment{LoanID: l.ID, Amount: money.Amount(500_00), Due: today})
		must(t, err)
		page := w.get("/console/", 200)
		w.has(page, "Hoy le toca 1 asunto", "María Guadalupe Hernández Ríos", "Prometió pagar hoy, "+number, "$500.00", "Contactar", `<span class="count">1`)
		*w.now = w.now.Add(40 * 24 * time.Hour)
		w.signIn("ana")
		w.has(w.get("/console/", 200), "Días por cerrar", "Faltan 40 días por cerrar desde el 30 nov 2026")
		w.signIn("olga")
		_, err = bank.Do(t.Context(), w.bank, bank.By{Actor: "olga"}, &clients.RegisterClient{FullName: "Iñaki Torres", Email: "i@example.com", RFC: "TOSI800101001"})
		must(t, err)
		page = w.get("/console/", 200)
		w.has(page, "Iñaki Torres", "Falta completar el expediente")
		w.lacks(page, "Días por cerrar", "Prometió")
		w.signIn("tomas")
		if r, err := w.Get(w.url + "/console/"); err != nil || r.Request.URL.Path != "/console/till/payment" {
			t.Errorf("got the home page of a teller at %v, %v, want /console/till/payment", r.Request.URL, err)
		} else {
			_ = r.Body.Close()
		}
	})
}

// TestSearchFindsActions: what a user may do is found by its name, in both languages, without
// accents; as a page and as the part below the search box.
func TestSearchFindsActions(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	_, number := w.lent("José Peña Ñuñez")
	for query, want := range map[string]string{"recibir": "/console/till/payment", "PAGO": "/console/till/payment", "receive pay": "/console/till/payment", "bitacora": "/console/operations/audit", "usuarios": "/console/admin/users", "pena": "/console/loans/"} {
		part := w.part("/console/search?" + url.Values{"q": {query}}.Encode())
		w.lacks(part, "<html", "<main")
		if query != "pena" {
			w.has(part, `href="`+want+`"`)
		} else {
			w.has(part, "<mark>Peña</mark>")
		}
	}
	w.has(w.part("/console/search?q="+number), "Recibir pago de "+number, `href="/console/loans/`+number)
	w.has(w.get("/console/search?q=pago", 200), "Recibir pago")
	w.has(w.get("/console/search?q=jos", 200), "<h1>José Peña Ñuñez</h1>") // the only result
	w.has(w.get("/console/keys", 200), "Ctrl K", "Atajos")
	w.signIn("tomas")
	w.lacks(w.part("/console/search?q=usuarios"), "/console/admin/users")
}

// TestSessionsAreEnded: users end their own sessions, not those of others.
func TestSessionsAreEnded(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("tomas")
		stolen := w.Jar
		w.forget()
		*w.now = w.now.Add(time.Second)
		w.signIn("tomas")
		page := w.get("/console/account", 200)
		_, end, found := strings.Cut(page, `action="/console/account/sessions/`)
		if !found || strings.Count(page, "/console/account/sessions/") != 1 {
			t.Fatalf("got %d sessions to end, want 1\n%s", strings.Count(page, "/console/account/sessions/"), page)
		}
		path := "/console/account/sessions/" + strings.SplitN(end, `"`, 2)[0]
		mine := w.Jar
		w.forget()
		w.signIn("ana")
		w.post(path, 404)
		w.Jar = mine
		w.has(w.post(path, 200), "La sesión terminó")
		w.get("/console/account", 200)
		w.Jar = stolen
		w.get("/console/account", 401)
	})
}
