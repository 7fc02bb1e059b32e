package console_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	tills "sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
	"sofipo/core/civil"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestCloseDay: a day is reviewed, closed once, and its portfolio equals the ledger.
func TestCloseDay(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.hire("accountant", "luis")
		w.lent("María Guadalupe Hernández Ríos")
		w.signIn("luis")
		w.has(w.get("/console/days", 200), "lunes 30 de noviembre de 2026", "Aún no se ha cerrado ningún día")
		w.get("/console/portfolio", 404)
		page := w.get("/console/days/2026-11-30", 200)
		w.has(page, "Qué dejará el cierre", "Préstamos que devengan intereses</dt><dd class=\"num\">1<", "Ningún préstamo cambia de tramo ni de etapa", "Todas las cajas están cerradas", "El día no ha terminado", "martes 1 de diciembre de 2026", "Cerrar el 30 nov 2026")
		w.has(w.get("/console/days/2026-12-04", 200), "Cierre primero el 30 nov 2026")
		w.get("/console/days/ayer", 404)
		w.has(w.post("/console/days/2026-12-04", 422, "form_key", "future"), "No puede ser posterior")
		w.post("/console/days/2026-11-30", 403, "form_key", "force", "force", "on", "reason", "Prisa")
		w.has(w.post("/console/days/2026-11-30", 200, "form_key", key(page)), "Se cerró el 30 nov 2026", "$10,000.00", "Lo cerró Luis Ruiz")
		w.has(w.post("/console/days/2026-11-30", 200, "form_key", key(page)), "Cerrado")
		w.has(w.get("/console/days/2026-11-30", 200), "Ver la cartera", "Ver sus pólizas")
		if n := office.Count(t, d, "SELECT count(*) FROM business_days"); n != 1 {
			t.Errorf("got %d closed days, want 1", n)
		}
		w.has(w.get("/console/portfolio", 200), "lunes 30 de noviembre de 2026", "Cuadra con el mayor", "10,000<span class=\"cents\">.00", "1 préstamo", "Matriz", "Sin ejecutivo", "Al corriente")
		w.has(w.get("/console/portfolio?branch=001&officer=-&date=30/11/2026", 200), "10,000.00", "Quitar los filtros")
		w.has(w.get("/console/portfolio?officer="+url.QueryEscape(`<script>"`), 200), "No hay préstamos")
		w.has(w.get("/console/portfolio?date=01/01/2020", 200), "No hay posiciones diarias")
		w.has(w.get("/console/portfolio?date=ayer", 200), "is-wrong")
		if table := w.get("/console/portfolio.csv?branch=001", 200); !strings.HasPrefix(table, "\ufeffpor,") || !strings.Contains(table, "Matriz,1,10000.00") {
			t.Errorf("got the table %q, want a CSV with the byte order mark", table)
		}
		if table := w.get("/console/portfolio/money.csv", 200); !strings.Contains(table, "2026-11-30,,") {
			t.Errorf("got the table %q, want the money of 30 November", table)
		}
		if table := w.get("/console/portfolio.xlsx", 200); !strings.HasPrefix(table, "PK") {
			t.Error("got something else, want an XLSX file")
		}
		office.Sound(t, d)
	})
}

// TestForceDay: a day with an open till is closed only by force, with a reason that is kept.
func TestForceDay(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.lent("María Ríos")
	till := office.Must(t, w.bank, tills.AddTill{Code: "c1", Title: "Caja 1", BranchID: staff.HeadOffice})
	office.As(t, w.bank, bank.By{System: true, Actor: "tomas"}, &tills.OpenTill{TillID: till.ID})
	w.hire("accountant", "luis")
	w.signIn("luis")
	w.has(w.get("/console/days/2026-11-30", 200), "1 caja sigue abierta", "Caja 1 de Tomas Ruiz; deben", "Un gerente de sucursal puede forzar")
	w.has(w.post("/console/days/2026-11-30", 409, "form_key", "open"), "c1")
	w.forget()
	office.Must(t, w.bank, staffing.AddBranch{Code: "002", BranchName: "Norte"})
	w.hired("gema", "branch_manager")
	office.Must(t, w.bank, staffing.ChangeUser{Username: "gema", Branch: new("002")})
	w.signIn("gema")
	page := w.get("/console/days/2026-11-30", 200)
	w.has(page, "1 caja sigue abierta", "Deben contarse y cerrarse", "Forzar el cierre")
	w.lacks(page, "Tomas", "Caja 1")
	w.forget()
	w.signIn("ana")
	w.has(w.post("/console/days/2026-11-30", 200, "form_key", "forced", "force", "on", "reason", "El cajero enfermó"), "Se forzó", "El cajero enfermó")
	w.has(w.get("/console/days", 200), "Forzado")
	*w.now = w.now.AddDate(0, 2, 0)
	w.again("ana")
	w.has(w.get("/console/days?forced=on", 200), "No se forzó ningún cierre")
}

// TestForecast: before a close, the page of the day says what it will leave, and the close leaves
// that; the rows of the portfolio link to as many loans.
func TestForecast(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.hire("operator", "ivan")
		w.hire("branch_manager", "gema")
		l, number := w.lent("María Ríos") // its first payment is due on 30 December
		w.closed(31)
		office.Must(t, w.bank, lending.PromisePayment{LoanID: l.ID, Amount: 500_00, Due: civil.On(2026, 12, 31)})
		w.again("ivan")
		w.has(w.get("/console/", 200), `href="/console/days"`)
		w.has(w.get("/console/days/2026-12-31", 200), "Al corriente → 1 a 7 días</dt><dd class=\"num\">1<", "Promesas que vencen</dt><dd class=\"num\">1<")
		*w.now = w.now.AddDate(0, 0, 2)
		w.again("ivan")
		w.has(w.get("/console/days", 200), "Días abiertos hasta ayer")
		w.has(w.get("/console/days/2026-12-31", 200), "Días por cerrar, con este</dt><dd class=\"num\">2<")
		meanwhile := ""
		_, err := w.days.CloseDay(t.Context(), bank.By{Actor: "ana"}, civil.On(2026, 12, 31), func(dayend.ClosedDay) { meanwhile = w.get("/console/days", 200) })
		must(t, err)
		w.has(meanwhile, "Ver cómo va el cierre del 31 dic 2026", "Cerrando")
		if n := strings.Count(meanwhile, ">Por cerrar<"); n != 1 {
			t.Errorf("while a day is being closed: got %d days to close, want 1\n%s", n, meanwhile)
		}
		for _, user := range []string{"ana", "gema"} {
			w.again(user)
			w.has(w.get("/console/loans/"+number, 200), "Estimación preventiva", "Etapa 1", "4\u00a0%: consumo, 1 día de atraso", "129.17 de interés = 10,129.17<", " × 0.04 = ")
			page := w.get("/console/portfolio", 200)
			w.has(page, "Cómo se calcularon los indicadores", "etapa 3 con intereses 0.00 ÷ cartera con intereses ", "capital con 1 día de atraso o más 10,000.00 ÷ capital 10,000.00 = 100.00\u00a0%")
			if got, want := strings.Contains(page, "Todas las sucursales"), user == "ana"; got != want {
				t.Errorf("got a filter by branch for %s: %v, want %v", user, got, want)
			}
			rows := ageRow.FindAllStringSubmatch(page, -1)
			if len(rows) != 1 || rows[0][2] != "1 a 7 días" {
				t.Errorf("got the rows %q, want one of 1 to 7 days", rows)
			}
			for _, r := range append(rows, parLink.FindAllStringSubmatch(page, 1)...) {
				if n := strings.Count(w.get(html.UnescapeString(r[1]), 200), `<th scope="row"`); n != 1 {
					t.Errorf("got %d loans at %s, want 1", n, r[1])
				}
			}
		}
	})
}

var (
	ageRow  = regexp.MustCompile(`<th scope="row"><a href="(/console/loans[^"]*)">([^<]*)</a></th><td class="opt">`)
	parLink = regexp.MustCompile(`<a href="(/console/loans[^"]*)">PAR 1</a>`)
)
