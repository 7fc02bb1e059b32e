package console_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sofipo/bank/clients"
	"sofipo/core/folio"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// lent grants a loan of 10,000 and returns its number as people write it.
func (w *browser) lent(name string) (loan.Loan, string) {
	w.Helper()
	c := office.Must(w.T, w.bank, &clients.RegisterClient{FullName: name, Email: "ana@example.com", RFC: "PEPJ800101001"})
	l := office.Grant(w.T, w.bank, c.ID, money.Amount(10_000_00))
	return l, folio.Loan.Print(l.Number)
}

var hiddenKey = regexp.MustCompile(`name="form_key" value="([^"]+)"`)

// TestReceivePayment: the preview saves nothing; the same form sent twice is one payment with
// one receipt.
func TestReceivePayment(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("tomas")
		_, number := w.lent("María Guadalupe Hernández Ríos")
		w.has(w.get("/console/till/payment", 200), "Su caja está cerrada", "Escriba el número del préstamo y el importe")
		page := w.get("/console/till/payment?"+url.Values{"loan": {strings.TrimPrefix(number, "P-")}, "amount": {"$1,500.50"}, "handed": {"2000"}, "method": {"transfer"}}.Encode(), 200)
		w.has(page, "María Guadalupe Hernández Ríos", "Cobrar $1,500.50", "$499.50", "Al corriente")
		if n := office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE kind = 'payment'"); n != 0 {
			t.Errorf("got %d payments after the preview, want none", n)
		}
		key := hiddenKey.FindStringSubmatch(page)[1]
		form := []string{"loan", number, "amount", "1500.50", "handed", "2000", "method", "transfer", "form_key", key}
		first := w.post("/console/till/payment", 200, form...)
		w.has(first, "Cobrado $1,500.50", "Entregue $499.50 de cambio", "PAGADO", "Transferencia")
		folios := regexp.MustCompile(`R-[0-9-]+`)
		again := w.post("/console/till/payment", 200, form...)
		if got, want := folios.FindString(again), folios.FindString(first); got != want || got == "" {
			t.Errorf("the same form again: got the receipt %q, want %q", got, want)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE kind IN ('payment', 'prepayment', 'advance')"); n != 1 {
			t.Errorf("got %d payments, want 1", n)
		}
		w.has(w.get("/console/loans/"+number, 200), "Tabla de amortización", folios.FindString(first), "Liquidación", "$1,500.50")
		office.Sound(t, d)
	})
}

// TestExcess: the teller chooses what the money above the amounts due becomes; another choice
// than that of the preview is not collected.
func TestExcess(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	w := open(t, d)
	w.signIn("tomas")
	_, number := w.lent("María Guadalupe Hernández Ríos")
	const path = "/console/till/payment"
	fields := url.Values{"loan": {number}, "amount": {"2000"}, "method": {"transfer"}}
	w.has(w.get(path+"?"+fields.Encode(), 200), "Pago anticipado: baja el capital y se reducen los pagos", "Cobrar $2,000.00", "cómo se calculó")
	fields.Set("kind", "advance")
	page := w.get(path+"?"+fields.Encode(), 200)
	w.has(page, `value="advance" checked`, "Guardado para el próximo pago")
	shown := html.UnescapeString(regexp.MustCompile(`name="shown" value="([^"]*)"`).FindStringSubmatch(page)[1])
	w.has(w.post(path, 409, "loan", number, "amount", "2000", "method", "transfer", "shown", shown, "form_key", "k1"), "cambió después de la vista previa")
	w.has(w.post(path, 200, "loan", number, "amount", "2000", "method", "transfer", "kind", "advance", "shown", shown, "form_key", "k2"), "Cobrado $2,000.00")
	w.has(w.get(path+"?"+url.Values{"loan": {number}, "amount": {"99999"}, "method": {"transfer"}}.Encode(), 200), "Guardar como saldo a favor", `id="in-keep"`)
	w.lacks(w.get(path+"?"+url.Values{"loan": {number}, "amount": {"L"}, "method": {"transfer"}, "kind": {"advance"}}.Encode(), 200), "Pago adelantado", "Guardado para el próximo pago")
	w.has(w.post(path, 200, "loan", number, "amount", "99999", "method", "transfer", "keep", "on", "form_key", "k3"), "Cobrado $99,999.00")
	if n := office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE kind = 'advance' OR keep_excess"); n != 2 {
		t.Errorf("got %d advances and payments that keep the excess, want 2", n)
	}
	office.Sound(t, d)
}

// TestPaymentsAreRefused: what cannot be collected is said at its field, and nothing is saved.
func TestPaymentsAreRefused(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("tomas")
	_, number := w.lent("José Pérez")
	const path = "/console/till/payment"
	for _, c := range []struct {
		loan, amount, method string
		status               int
		want                 string
	}{
		{"P-999-999", "100", "transfer", 422, "No se encontró el préstamo"},
		{number, "cien", "transfer", 422, "Escriba un importe"},
		{number, "99999999", "transfer", 400, "liquida"},
		{number, "100", "cash", 422, "caja"},
		{number, "100", "card", 422, "referencia"},
		{number, "100", "sea shells", 422, "Elija una opción: efectivo, transferencia"},
	} {
		page := w.post(path, c.status, "loan", c.loan, "amount", c.amount, "method", c.method, "form_key", "k"+c.amount+c.method)
		if !strings.Contains(page, c.want) {
			t.Errorf("%+v: got a page without %q, want it\n%s", c, c.want, page)
		}
	}
	w.has(w.get("/console/loans/P-100-001", 404), "No se encontró")
}

// TestHostileNames: a name with markup is shown as text.
func TestHostileNames(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	_, number := w.lent(`<script>alert(1)</script>" onload="x`)
	for _, path := range []string{"/console/loans/" + number, "/console/till/payment?loan=" + number, "/console/search?q=script"} {
		page := w.get(path, 200)
		if strings.Contains(page, "<script>alert") || strings.Contains(page, `" onload="x`) || !strings.Contains(page, "&lt;script&gt;") {
			t.Errorf("%s: got the name as markup, want it escaped\n%s", path, page)
		}
	}
}
