package console_test

import (
	"net/url"
	"strings"
	"testing"

	"sofipo/bank"
	tills "sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
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
		w.has(page, "Todas las cajas están cerradas", "El día no ha terminado", "martes 1 de diciembre de 2026", "Cerrar el 30 nov 2026")
		w.has(w.get("/console/days/2026-12-04", 200), "Cierre primero el 30 nov 2026")
		w.get("/console/days/ayer", 404)
		w.has(w.post("/console/days/2026-12-04", 422, "form_key", "future"), "No puede ser posterior")
		w.post("/console/days/2026-11-30", 403, "form_key", "force", "force", "on", "reason", "Prisa")
		w.has(w.post("/console/days/2026-11-30", 200, "form_key", key(page)), "Se cerró el 30 nov 2026", "$10,000.00", "luis")
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
}
