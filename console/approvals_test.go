package console_test

import (
	"testing"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/folio"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/rate"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// applied files an application for 10,000 of a new client.
func (w *browser) applied(name, rfc string) (loan.Loan, string) {
	w.Helper()
	c := office.Must(w.T, w.bank, &clients.RegisterClient{FullName: name, Email: rfc + "@example.com", RFC: rfc})
	l := office.Must(w.T, w.bank, lending.ApplyForLoan{ClientID: c.ID, Product: product.SeedCode, Amount: 10_000_00, Rate: 36 * rate.One / 100, Periods: 12})
	return l, folio.Loan.Print(l.Number)
}

// again signs a user in again, so that the pages include what was done outside the browser.
func (w *browser) again(user string) {
	w.Helper()
	w.forget()
	w.signIn(user)
}

// TestApproveApplications: the inbox shows an application with its checks, and a decision is
// carried out once.
func TestApproveApplications(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		w.has(w.get("/console/approvals", 200), "No tiene asuntos por decidir")
		l, first := w.applied("María Guadalupe Hernández Ríos", "PEPJ800101001")
		_, second := w.applied("José <b>Pérez</b>", "PEPJ800101002")
		w.again("ana")
		page := w.get("/console/approvals", 200)
		w.has(page, "2 esperan su decisión", "María Guadalupe Hernández Ríos", "Autorizar $10,000.00", "Rechazar", "expediente", "Exposición", "José &lt;b&gt;Pérez", `data-key="j"`)
		path := "/console/approvals/" + first
		w.has(w.post(path, 422, "decision", "reject", "reason", " ", "form_key", "k1"), "Escriba el motivo")
		w.has(w.post(path, 422, "decision", "forget", "reason", "x", "form_key", "k1"), "Elija una de las decisiones")
		w.has(w.post(path, 200, "decision", "approve", "form_key", "k2"), "1 espera su decisión")
		w.post(path, 200, "decision", "approve", "form_key", "k2")
		w.has(w.post("/console/approvals/"+second, 200, "decision", "reject", "reason", "Sin capacidad de pago", "form_key", "k3"), "No tiene asuntos por decidir")
		if n := office.Count(t, d, "SELECT count(*) FROM loans WHERE status = 'APPROVED'"); n != 1 {
			t.Errorf("got %d approved applications, want 1", n)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM loans WHERE status = 'REJECTED'"); n != 1 {
			t.Errorf("got %d rejected applications, want 1", n)
		}
		w.has(w.get("/console/approvals/"+first, 200), "Autorizado", "Devolver para corregir", "Obligatorio para devolver")
		w.has(w.get("/console/applications/"+first+"/terms", 200), "tendrá que autorizarse de nuevo")
		w.has(w.post(path, 422, "decision", "return", "form_key", "k5"), "Escriba el motivo")
		w.has(w.post(path, 200, "decision", "return", "reason", "Falta la firma", "form_key", "k6"), "No tiene asuntos por decidir")
		own := office.As(t, w.bank, bank.By{Actor: "ana", System: true}, lending.ApplyForLoan{ClientID: l.ClientID, Product: product.SeedCode, Amount: 10_000_00, Rate: 36 * rate.One / 100, Periods: 12}).Answer
		w.again("ana")
		w.post("/console/approvals/"+folio.Loan.Print(own.Number), 200, "decision", "return", "reason", "Falta el aval", "form_key", "k8")
		w.has(w.get("/console/", 200), "Devuelta por Ana Ruiz: Falta el aval", "Corregir")
		w.has(w.get("/console/applications?status=RETURNED", 200), "María Guadalupe Hernández Ríos", "Por corregir")
		w.has(w.get("/console/loans/"+first, 200), "Devuelta para corregir por Ana Ruiz", "Falta la firma", "Corregir y enviar de nuevo")
		edit := "/console/applications/" + first + "/terms"
		w.has(w.get(edit, 200), "Falta la firma", "Guardar y enviar de nuevo")
		w.lacks(w.get(edit, 200), "tendrá que autorizarse de nuevo")
		w.has(w.post(edit, 200, "product", product.SeedCode, "amount", "9,000.00", "rate", "36", "periods", "12", "go", "next", "form_key", "k7"), "Se envió de nuevo la solicitud", "En revisión")
		w.has(w.get("/console/loans/"+first+"/timeline", 200), "Devuelta para corregir", "Falta la firma", "Solicitud modificada")
		w.has(w.post("/console/approvals/"+folio.Loan.Print(own.Number), 200, "decision", "reject", "reason", "Sin aval", "form_key", "k9"), "Rechazado:")
		w.get("/console/approvals/P-999-999", 404)
		w.get("/console/approvals/nada", 422)
		_, third := w.applied("Rosa Luz Díaz", "PEPJ800101003")
		w.again("tomas")
		w.has(w.get("/console/approvals/"+third, 200), "No puede autorizar")
		w.post("/console/approvals/"+third, 403, "decision", "approve", "form_key", "k4")
	})
}

// TestApproveRequests: a request that somebody filed is approved, which carries it out.
func TestApproveRequests(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	l, number := w.lent("María Guadalupe Hernández Ríos")
	order, _ := bank.OrderOf(lending.WriteOffLoan{LoanID: l.ID})
	filed := office.As(t, w.bank, bank.By{Actor: "tomas", System: true}, deciding.FileRequest{Order: order, Reason: "Cliente fallecido"}).Answer
	page := w.get("/console/approvals", 200)
	w.has(page, "1 espera su decisión", "Cliente fallecido", number, "Tomas Ruiz")
	w.has(w.post("/console/approvals/"+filed.ID.String(), 422, "decision", "return", "reason", "x", "form_key", "k0"), "Elija una de las decisiones")
	w.has(w.post("/console/approvals/"+filed.ID.String(), 200, "decision", "approve", "form_key", "k1"), "No tiene asuntos por decidir")
	w.has(w.get("/console/approvals/"+filed.ID.String(), 200), "Autorizada", "Ana Ruiz")
	w.has(w.get("/console/loans/"+number, 200), "Castigado")
}
