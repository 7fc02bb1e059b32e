package console_test

import (
	"strings"
	"testing"
	"time"

	"sofipo/bank/clients"
	"sofipo/core/folio"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestLists: clients, loans, applications and payments are listed, filtered and sorted; a wrong
// filter is said at its field.
func TestLists(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		_, number := w.lent("María Guadalupe Hernández Ríos")
		other := office.Must(t, w.bank, &clients.RegisterClient{FullName: "Zoé Álvarez", Email: "zoe@example.com", RFC: "ALZO900101AB1"})
		w.has(w.get("/console/clients", 200), "María Guadalupe Hernández Ríos", "Al corriente", "10,000.00", "1 préstamo", "Zoé Álvarez", folio.Client.Print(other.Number), "Nuevo cliente")
		up, down := w.get("/console/clients?sort=name", 200), w.get("/console/clients?sort=-name", 200)
		if strings.Index(up, "Zoé") < strings.Index(up, "María") || strings.Index(down, "Zoé") > strings.Index(down, "María") {
			t.Error("got the same order in both directions, want the clients by name")
		}
		w.has(down, `aria-sort="descending"`)
		w.has(w.get("/console/clients?officer=-", 200), "Quitar los filtros", "Zoé Álvarez")
		w.has(w.get("/console/clients?officer=olga", 200), "No hay clientes en esta lista")
		w.get("/console/clients?branch=nowhere", 422)
		w.get("/console/clients?after=nothing", 422)
		w.has(w.get("/console/loans", 200), number, "Al corriente", "10,000.00", "Solicitudes")
		w.has(w.get("/console/loans?least=10%2C000.01", 200), "No hay préstamos en esta lista")
		w.has(w.get("/console/loans?from=01%2F01%2F2030", 200), "No hay préstamos en esta lista")
		w.has(w.get("/console/loans?status=PAID_OFF", 200), "No hay préstamos en esta lista")
		w.has(w.get("/console/loans?from=ayer&least=mucho&late_from=x", 422), "Corrija 3 datos", "Escriba un importe", "Escriba una fecha", "Escriba un número entero")
		w.has(w.get("/console/loans?sort=-days_past_due", 200), "Aún no se cierra ningún día")
		w.has(w.get("/console/applications", 200), "No hay solicitudes en esta lista")
		w.post("/console/till/payment", 200, "loan", number, "amount", "100", "method", "transfer", "form_key", "k")
		w.has(w.get("/console/payments?method=transfer", 200), number, "Transferencia", "100.00")
		w.has(w.get("/console/payments?method=cash", 200), "No hay pagos en esta lista")
		w.inEnglish()
		w.has(w.get("/console/clients", 200), "Clients", "Up to date", "1 loan")
		w.has(w.get("/console/loans", 200), "More filters", "All", number)
		w.has(w.get("/console/payments?from=1%2F1%2F2020", 200), "Remove the filters", "Transfer")
	})
}

// inEnglish sets the language of the user who is signed in.
func (w *browser) inEnglish() {
	w.Helper()
	w.post("/console/account", 200, "language", "en", "form_key", "english")
	*w.now = w.now.Add(10 * time.Second) // users are remembered for five
}
