package console_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/rate"
	"sofipo/core/staff"
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

// TestWhatWaits: the home page shows what waits for its user, and counts it in the menu.
func TestWhatWaits(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.hire("officer", "olga")
		w.signIn("ana")
		w.lacks(w.get("/console/", 200), "Hoy le")
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
		w.has(w.get("/console/", 200), "Su caja está cerrada", "Recibir pago")
	})
}

var (
	homeLine  = regexp.MustCompile(`<tr><th scope="row"><a href="([^"]+)">([^<]+)</a></th><td class="num"><b[^>]*>(\d+)</b>`)
	firstBody = regexp.MustCompile(`(?s)<tbody>.*?</tbody>|<ul class="pick">.*?</ul>`)
	listRow   = regexp.MustCompile(`<th scope="row"|<li`)
)

// counted follows the lines of a user's home page. Each list must have as many rows as its line
// says. It returns the labels with their counts.
func (w *browser) counted(user string) map[string]string {
	w.Helper()
	w.again(user)
	found := map[string]string{}
	for _, m := range homeLine.FindAllStringSubmatch(w.get("/console/", 200), -1) {
		path, label := html.UnescapeString(m[1]), m[2]
		found[label] = m[3]
		if path == "/console/operations" { // it has all parts, with the count of those that need attention
			w.has(w.get(path, 200), ">"+m[3])
			continue
		}
		if rows := len(listRow.FindAllString(firstBody.FindString(w.get(path, 200)), -1)); strconv.Itoa(rows) != m[3] {
			w.Errorf("%s: got %d rows at %s, want the %s of the line %q", user, rows, path, m[3], label)
		}
	}
	return found
}

// TestHomeLines: each line of a home page counts the rows of the list to which it links.
func TestHomeLines(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		for name, role := range map[string]string{"olga": "officer", "gema": "branch_manager", "luis": "accountant", "coco": "collector", "cata": "compliance", "dora": "director", "aldo": "auditor", "ivan": "operator", "nadie": ""} {
			w.hire(role, name)
		}
		l, _ := w.lent("María Guadalupe Hernández Ríos")
		w.closed(50)
		office.Must(t, w.bank, lending.PromisePayment{LoanID: l.ID, Amount: 500_00, Due: civil.DateOf(*w.now).AddDays(2)})
		office.Must(t, w.bank, lending.AssignCollector{LoanID: l.ID, Collector: "coco"})
		c := office.As(t, w.bank, bank.By{Actor: "olga"}, &clients.RegisterClient{FullName: "Iñaki Torres", Email: "i@example.com", RFC: "TOSI800101001"}).Answer
		for range 2 {
			office.As(t, w.bank, bank.By{Actor: "olga"}, lending.ApplyForLoan{ClientID: c.ID, Product: product.SeedCode, Amount: 10_000_00, Rate: 36 * rate.One / 100, Periods: 12})
		}
		*w.now = w.now.AddDate(0, 0, 2)
		for user, want := range map[string]map[string]string{
			"olga":  {"Solicitudes en revisión": "2", "Expedientes incompletos o vencidos": "2"},
			"gema":  {"Esperan su autorización": "2", "Días abiertos hasta ayer": "2", "Préstamos con atraso por gestionar": "1"},
			"coco":  {"Préstamos con atraso por gestionar": "1"},
			"luis":  {"Días abiertos hasta ayer": "2"},
			"cata":  {"Expedientes incompletos o vencidos": "2"},
			"dora":  {"Esperan su autorización": "2"},
			"aldo":  {},
			"ivan":  {"Días abiertos hasta ayer": "2", "Usuarios sin perfil": "1"},
			"ana":   {"Esperan su autorización": "2", "Usuarios sin perfil": "1", "Préstamos con atraso por gestionar": "1"},
			"tomas": {},
		} {
			got := w.counted(user)
			for label, n := range want {
				if got[label] != n {
					t.Errorf("%s: got %q for %q among %v, want %s", user, got[label], label, got, n)
				}
			}
		}
	})
}

// TestHomeOfAnyRole: the home page leaves out what a role may do but not read.
func TestHomeOfAnyRole(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.lent("María Ríos")
	w.closed(2)
	all := nouns.Permissions()
	reads := func(p access.Permission) bool { return strings.Contains(string(p), "read") }
	define := func(permissions []access.Permission) {
		office.Must(t, w.bank, staffing.DefineRole{Role: staff.Role{Name: "writer", Title: "Writer", Scope: staff.All, Permissions: permissions}})
	}
	define(slices.DeleteFunc(slices.Clone(all), reads))
	w.hire("writer", "wendy")
	w.signIn("wendy")
	w.get("/console/", 200)
	for _, lacking := range slices.DeleteFunc(slices.Clone(all), func(p access.Permission) bool { return !reads(p) }) {
		define(slices.DeleteFunc(slices.Clone(all), func(p access.Permission) bool { return p == lacking }))
		t.Log("without", lacking)
		w.get("/console/", 200)
	}
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
