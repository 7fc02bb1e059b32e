package console_test

import (
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	staffing "sofipo/bank/staff"
	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// late lends to a client and closes days until the loan is late.
func (w *browser) late(name string) (number string) {
	w.Helper()
	_, number = w.lent(name)
	w.closed(50)
	return number
}

// closed lets days pass and closes them.
func (w *browser) closed(days int) {
	w.Helper()
	*w.now = w.now.AddDate(0, 0, days)
	_, err := w.days.CloseOpen(w.Context(), bank.By{Actor: "ana"}, days, nil, func(dayend.ClosedDay, time.Duration) {})
	must(w.T, err)
}

// TestCollections: the work list, a contact, a promise, its cancellation and a note; each form
// sent twice is one.
func TestCollections(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		w.has(w.get("/console/collections", 200), "La lista comienza con el primer cierre")
		number := w.late("Rosa <b>Méndez</b>")
		w.signIn("ana")
		w.has(w.get("/console/collections", 200), "Rosa &lt;b&gt;Méndez", number, "días de atraso", "Sin contacto", "Llamar")
		w.has(w.get("/console/collections?officer=me", 200), "Nadie tiene atraso")
		path := "/console/collections/" + number
		w.has(w.get(path, 200), "Debe hoy", "Registrar contacto o visita", "Aún no se registra nada", "Capital")
		w.has(w.post(path+"/contact", 422, "channel", "letter", "result", "reached", "form_key", "k0"), "class=\"errors\"")
		w.has(w.post(path+"/contact", 422, "channel", "call", "result", "reached", "next_channel", "visit", "form_key", "k0"), "Falta este dato")
		w.has(w.post(path+"/contact", 422, "channel", "call", "result", "reached", "contacted_at", "tarde", "form_key", "k0"), "Escriba una hora")
		w.has(w.post(path+"/contact", 422, "channel", "call", "result", "reached", "contacted_at", "23:59", "form_key", "k0"), "no puede ser una hora futura")
		w.has(w.post(path+"/contact", 200, "channel", "call", "result", "not_reached", "contacted_on", civil.DateOf(w.now.AddDate(0, 0, -1)).String(), "contacted_at", "22:30", "form_key", "k01"), "fuera del horario permitido")
		for range 2 {
			w.has(w.post(path+"/contact", 200, "channel", "call", "result", "promises", "note", "Paga <script>", "form_key", "k1"), "Se registró el contacto", "El cliente prometió pagar", "Llamada: promete pagar", "Paga &lt;script&gt;")
		}
		w.has(w.post(path+"/promise", 422, "amount", "99999999", "promised_on", "hoy", "form_key", "k2"), "Escriba una fecha")
		due := civil.DateOf(w.now.AddDate(0, 0, 3))
		for range 2 {
			w.has(w.post(path+"/promise", 200, "amount", "$500", "promised_on", due.String(), "form_key", "k3"), "Se registró la promesa", "$500.00 a más tardar el", "Cancelar la promesa")
		}
		w.has(w.get("/console/collections", 200), "$500.00 a más tardar el")
		w.has(w.get("/console/collections/promises?when=week", 200), number, "500.00", "Pendiente")
		w.has(w.get("/console/collections/promises", 200), "No hay ninguna")
		w.has(w.post(path+"/promise", 409, "amount", "300", "promised_on", due.String(), "form_key", "k4"), "cancélela antes de registrar otra")
		_, after, _ := strings.Cut(w.get(path, 200), `name="promise" value="`)
		promise, _, _ := strings.Cut(after, `"`)
		w.has(w.post(path+"/cancellation", 200, "promise", promise, "reason", "Se equivocó", "form_key", "k5"), "Se canceló la promesa", "Se equivocó")
		w.has(w.post(path+"/note", 422, "text", " ", "form_key", "k6"), "Escriba este dato")
		w.has(w.post(path+"/note", 200, "text", "Vive con su hermana", "form_key", "k7"), "Se agregó la nota", "Vive con su hermana")
		w.has(w.post(path+"/collector", 200, "collector", "tomas", "form_key", "k8"), "Se asignó el gestor", "Tomas Ruiz")
		w.has(w.get("/console/collections/route?loan="+number, 200), "Hoja de ruta", "Rosa &lt;b&gt;Méndez", "Sin domicilio", "1 visita,")
		w.has(w.get("/console/collections/route", 200), "No hay visitas por hacer")
		if n := office.Count(t, d, "SELECT count(*) FROM collection_contacts"); n != 2 {
			t.Errorf("got %d contacts, want 2", n)
		}
		office.Sound(t, d)
	})
}

// TestCollectionsOfOthers: a teller has no collections; an auditor reads and registers nothing.
func TestCollectionsOfOthers(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.hired("aurora", "auditor")
	number := w.late("Rosa Méndez")
	w.signIn("tomas")
	w.has(w.get("/console/collections", 403), "consultar la gestión de cobranza")
	w.forget()
	w.signIn("aurora")
	if page := w.get("/console/collections/"+number, 200); strings.Contains(page, "Registrar contacto") {
		t.Errorf("got a form for an auditor, want none\n%s", page)
	}
	w.post("/console/collections/"+number+"/note", 403, "text", "x")
}

// TestAssignLoans: chosen loans are assigned to a collector, one by one; refusals are shown with
// their reason, and the page can be loaded again.
func TestAssignLoans(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.hire("collector", "coco")
	number := w.late("Rosa Méndez")
	w.signIn("ana")
	page := w.get("/console/collections?collector=-", 200)
	w.has(page, "Asignar los elegidos a", "Coco Ruiz", number)
	const path = "/console/collections/assignment"
	w.has(w.post(path, 422, "to", "coco", "collector", "-", "form_key", key(page)), "Elija al menos un préstamo", `action="/console/collections"`, `name="collector" value="-"`, `value="coco" selected`)
	w.has(w.post(path, 422, "loan", number, "form_key", key(page)), "Elija un gestor")
	for range 2 {
		w.post(path, 200, "loan", number, "loan", "P-999-999", "to", "coco", "form_key", key(page))
	}
	w.has(w.post(path, 422, "loan", number, "to", "ana", "form_key", key(page)), "ya se envió con otros préstamos")
	w.has(w.assigned(path+"/"+key(page)), "Préstamos asignados a Coco Ruiz", "1 de 2 listos, 1 rechazado", "P-999-999")
	w.has(w.get(path, 200), "Asignar los elegidos a")
	w.get(path+"/another", 404)
	w.has(w.get("/console/collections", 200), "Gestor Coco Ruiz")
	w.lacks(w.get("/console/collections?collector=-", 200), number)
}

// assigned returns the progress of an assignment when it is done.
func (w *browser) assigned(path string) string {
	w.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if got := w.get(path, 200); !strings.Contains(got, "hx-trigger") || time.Now().After(deadline) {
			return got
		}
	}
}

// TestAssignClients: a manager assigns the chosen clients, then all clients of an officer who left.
func TestAssignClients(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.hire("branch_manager", "gema")
	w.hire("officer", "olga", "omar")
	number := func(n int) string { return folio.Client.Print(office.Register(t, w.bank, n).Number) }
	first, second := number(1), number(2)
	w.signIn("gema")
	page := w.get("/console/clients?officer=-", 200)
	w.has(page, "Asignar los elegidos", "Olga Ruiz", first, second)
	const path = "/console/assignments"
	w.has(w.post(path, 422, "to", "olga", "officer", "-", "form_key", key(page)), "Elija al menos un cliente", `value="-" selected`, `value="olga" selected`)
	w.has(w.post(path, 422, "client", first, "form_key", key(page)), "Elija un ejecutivo")
	for range 2 {
		w.post(path, 200, "client", first, "client", second, "client", "C-999-999", "to", "olga", "form_key", key(page))
	}
	w.has(w.post(path, 422, "client", first, "to", "omar", "form_key", key(page)), "ya se envió con otros clientes")
	w.has(w.assigned(path+"/"+key(page)), "Clientes asignados a Olga Ruiz", "2 de 3 listos, 1 rechazado", "C-999-999", "Volver a Clientes")
	office.Must(t, w.bank, staffing.DisableUser{Username: "olga"})
	w.again("gema")
	page = w.get("/console/clients?officer=olga", 200)
	w.has(page, "Olga Ruiz (baja)", `name="all" value="olga"`)
	w.lacks(page, `<option value="olga">Olga`)
	w.has(w.post(path, 422, "all", "omar", "to", "olga", "form_key", "none"), "Omar Ruiz no tiene clientes")
	for range 2 {
		w.post(path, 200, "all", "olga", "to", "omar", "form_key", key(page))
	}
	w.has(w.assigned(path+"/"+key(page)), "Clientes asignados a Omar Ruiz", "2 de 2 listos")
	w.has(w.get(path, 200), "Asignar los elegidos")
	w.get(path+"/another", 404)
	w.has(w.get("/console/clients?officer=omar", 200), first, second)
	w.again("omar")
	w.lacks(w.get("/console/clients", 200), "Asignar los elegidos")
	w.post(path, 403, "client", first, "to", "omar", "form_key", "theft")
}
