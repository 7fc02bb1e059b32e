package console_test

import (
	"regexp"
	"strings"
	"testing"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/folio"
	"sofipo/core/lending/product"
	"sofipo/core/rate"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

var receiptNumber = regexp.MustCompile(`R-[0-9-]+`)

// paid receives a payment of a loan and returns the number of its receipt.
func (w *browser) paid(number, amount string) string {
	w.Helper()
	page := w.post("/console/till/payment", 200, "loan", number, "amount", amount, "method", "transfer", "form_key", "paid "+number+amount)
	return receiptNumber.FindString(page)
}

// TestDisbursement: an approved loan is disbursed once, after its checks.
func TestDisbursement(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		l, number := w.applied("José Pérez", "PEPJ800101001")
		w.again("ana")
		path := "/console/loans/" + number + "/disbursement"
		if page := w.get(path, 200); strings.Contains(page, "Entregar $10,000.00") {
			t.Error("got the button to disburse an application, want none")
		}
		office.Must(t, w.bank, lending.ApproveLoan{LoanID: l.ID})
		w.again("ana")
		w.has(w.get("/console/loans/"+number, 200), "Entregar $10,000.00", "Cambiar las condiciones")
		w.has(w.get(path, 200), "Entregar $10,000.00", "Primer vencimiento", "Tabla de amortización", "expediente")
		w.has(w.post(path, 422, "method", "cash", "decision", "do", "form_key", "k1"), "caja")
		w.has(w.post(path, 200, "method", "transfer", "decision", "do", "form_key", "k2"), "Hecho: Entrega del crédito", "Saldo de capital")
		w.post(path, 200, "method", "transfer", "decision", "do", "form_key", "k2")
		if n := office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE kind = 'disbursement'"); n != 1 {
			t.Errorf("got %d disbursements, want 1", n)
		}
		office.Sound(t, d)
	})
}

// TestAskForApproval: what exceeds the authority of the user is filed as a request.
func TestAskForApproval(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	c := office.Must(t, w.bank, &clients.RegisterClient{FullName: "José Pérez", Email: "jose@example.com", RFC: "PEPJ800101001"})
	l := office.Must(t, w.bank, lending.ApplyForLoan{ClientID: c.ID, Product: product.SeedCode, Amount: 150_000_00, Rate: 36 * rate.One / 100, Periods: 12})
	office.Must(t, w.bank, lending.ApproveLoan{LoanID: l.ID})
	path := "/console/loans/" + folio.Loan.Print(l.Number) + "/disbursement"
	w.signIn("tomas")
	w.has(w.get(path, 200), "rebasa sus facultades", "Puede autorizarlo: administra", "Motivo de la solicitud", "Pedir autorización")
	w.post(path, 403, "method", "transfer", "decision", "do", "form_key", "k1")
	w.post(path, 422, "method", "transfer", "decision", "file", "request_reason", "", "form_key", "k2")
	w.has(w.post(path, 200, "method", "transfer", "decision", "file", "request_reason", "Cliente de años", "form_key", "k3"), "Se pidió autorización", "Ver la solicitud")
	w.forget()
	w.signIn("ana")
	w.has(w.get("/console/approvals", 200), "Cliente de años", "Tomas Ruiz", "Transferencia")
}

// TestDeeds: each operation shows the loan before and after, saves nothing until the button is
// pressed, and is done once.
func TestDeeds(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		_, number := w.lent("María Guadalupe Hernández Ríos")
		w.again("ana")
		base := "/console/loans/" + number
		count := func() int64 { return office.Count(t, d, "SELECT count(*) FROM loan_transactions") }
		before := count()
		w.has(w.get(base, 200), "Más acciones", "Reestructura", "Pago anticipado", "Castigo")
		w.has(w.get(base+"/prepayment?amount=2000", 200), "Recibir $2,000.00 y reducir la deuda", "Qué cambia", "$8,000.00", "Tabla después")
		w.has(w.get(base+"/restructure?rate=20&periods=30", 200), "Reestructurar el préstamo", "Tabla actual", "30")
		w.has(w.get(base+"/write-off", 200), "Castigo")
		w.has(w.get(base+"/restructure?rate=x&periods=0", 200), "Escriba un porcentaje")
		if n := count(); n != before {
			t.Errorf("got %d transactions after previews, want %d", n, before)
		}
		w.has(w.post(base+"/prepayment", 200, "amount", "2000", "method", "transfer", "decision", "do", "form_key", "k1"), "Hecho: Pago anticipado")
		w.post(base+"/prepayment", 200, "amount", "2000", "method", "transfer", "decision", "do", "form_key", "k1")
		w.has(w.post(base+"/restructure", 200, "rate", "20", "periods", "30", "decision", "do", "form_key", "k2"), "Hecho: Reestructura")
		if n := count(); n != before+2 {
			t.Errorf("got %d transactions, want %d", n, before+2)
		}
		w.has(w.get(base+"/timeline", 200), "Ana Ruiz", "$2,000.00")
		w.get(base+"/documents/nada.pdf", 404)
		w.forget()
		w.signIn("tomas")
		w.get(base+"/restructure", 403)
		w.post(base+"/write-off", 403, "decision", "do", "form_key", "k4")
		office.Sound(t, d)
	})
}

// TestReversal: a payment is taken back, or moved to the right loan.
func TestReversal(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		_, number := w.lent("María Guadalupe Hernández Ríos")
		w.again("ana")
		first, second := w.paid(number, "500"), w.paid(number, "700")
		base := "/console/loans/" + number + "/payments/"
		w.has(w.get(base+first+"/reversal", 200), "Revertir $500.00", "No se puede deshacer", "Qué cambia")
		w.has(w.post(base+first+"/reversal", 200, "reason", "Pago duplicado", "decision", "do", "form_key", "k1"), "Hecho: Reverso", "Revertido")
		_, right := w.applied("José Pérez", "PEPJ800101002")
		w.again("ana")
		w.has(w.get(base+second+"/move?to=P-1", 200), "P-1")
		w.has(w.get(base+second+"/move?to="+right, 200), "José Pérez")
		w.get(base+"R-1/reversal", 404)
		if n := office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE kind = 'reversal'"); n != 1 {
			t.Errorf("got %d reversals, want 1", n)
		}
		office.Sound(t, d)
	})
}
