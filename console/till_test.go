package console_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	tills "sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/core/ledger"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// hired adds a user with a role.
func (w *browser) hired(name, role string) {
	w.Helper()
	hash, err := auth.HashPassword(password)
	must(w.T, err)
	office.Must(w.T, w.bank, staffing.AddUser{Username: name, Password: hash, Role: role, FullName: strings.ToUpper(name[:1]) + name[1:] + " Luna"})
}

// TestTillDay is the day of a teller: opening, cash, list, count and close. Each form sent
// twice is one operation.
func TestTillDay(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		office.Must(t, w.bank, tills.AddTill{Code: "c1", Title: "Caja 1", BranchID: staff.HeadOffice})
		_, number := w.lent("Rosa Méndez")
		w.signIn("tomas")
		w.has(w.get("/console/till", 200), "Abrir caja", `<option value="c1"`)
		w.has(w.get("/console/till/count", 200), "Su caja está cerrada")
		w.has(w.get("/console/till/transactions", 200), "porque está cerrada")
		w.has(w.post("/console/till/opening", 422, "till", "c1", "opening", "mil", "form_key", "o0"), "Escriba un importe")
		w.has(w.post("/console/till/opening", 409, "till", "c1", "opening", "5000", "form_key", "o1"), "menos que $5,000.00")
		for range 2 {
			w.has(w.post("/console/till/opening", 200, "till", "c1", "opening", "", "form_key", "o2"), "Caja 1 quedó abierta", "Recibir pago")
		}
		pay := url.Values{"loan": {number}, "amount": {"d"}, "method": {"cash"}}
		w.has(w.get("/console/till/payment?"+pay.Encode(), 200), "Caja 1 abierta")
		w.has(w.post("/console/till/payment", 200, "loan", number, "amount", "1500.50", "method", "cash", "form_key", "p1"), "PAGADO", "Efectivo", "Tomas Ruiz", "Caja 1")
		w.has(w.get("/console/till?kind=cash_out&amount=200.50&reason=Agua", 200), "$1,300.00", "Registrar salida de efectivo de $200.50", "Pagos recibidos")
		w.has(w.post("/console/till/moves", 422, "till", "c1", "kind", "cash_out", "amount", "200.50", "form_key", "m0"), "reason")
		for range 2 {
			w.has(w.post("/console/till/moves", 200, "till", "c1", "kind", "cash_out", "amount", "200.50", "reason", "Agua <b>", "form_key", "m1"), "Se registró salida de efectivo de $200.50", "Agua &lt;b&gt;")
		}
		w.has(w.get("/console/till/transactions", 200), "Rosa Méndez", number, "Salida de efectivo", "1,500.50", "−200.50")
		w.has(w.get("/console/till/transactions?of=branch&method=cash", 200), "Rosa Méndez", "Efectivo")
		page := w.get("/console/till/count?n100000=1&n10000=2&n50=3", 200)
		w.has(page, "Cómo se calculó lo que debe haber", ">1,500.50<", ">−200.50<", "= 1,300.00<", "$1,201.50", "Faltan $98.50", `name="expected" value="1300.00"`, "Cerrar con $1,201.50")
		w.has(w.post("/console/till/count", 422, "till", "c1", "n100000", "-1", "expected", "1300.00", "form_key", "c0"), "entre 0 y")
		w.has(w.post("/console/till/count", 200, "till", "c1", "n100000", "1", "expected", "1300.00", "then", "keep", "form_key", "c1"), "Arqueo guardado: Faltan $300.00")
		w.has(w.post("/console/till/count", 422, "till", "c1", "n100000", "1", "expected", "1300.00", "form_key", "c2"), "Escriba este dato")
		w.has(w.post("/console/till/count", 409, "till", "c1", "n100000", "1", "expected", "1200.00", "reason", "x", "form_key", "c3"), "cambió de $1,200.00 a $1,300.00")
		for range 2 {
			w.has(w.post("/console/till/count", 200, "till", "c1", "n100000", "1", "expected", "1300.00", "reason", "Falta un billete", "form_key", "c4"), "Arqueo y cierre de Caja 1", "Faltan $300.00", "Falta un billete", "Tomas Ruiz", "Faltante")
		}
		session := regexp.MustCompile(`/console/till/sessions/[^"?]+`).FindString(w.get("/console/tills/c1", 200))
		w.has(w.get(session, 200), "Totales por forma de pago", "cuenta 1101", "Movimientos de efectivo", "Rollo de 80 mm")
		w.has(w.get(session+"?paper=roll", 200), `class="receipt"`, "Efectivo, 1101", "1 × $1,000")
		w.has(w.get("/console/till", 200), "Abrir caja")
		if n := office.Count(t, d, "SELECT count(*) FROM till_sessions WHERE closed_on IS NOT NULL"); n != 1 {
			t.Errorf("got %d closed sessions, want 1", n)
		}
		office.Sound(t, d)
	})
}

// TestMoneyTotals: the totals by method are what the control accounts changed by, whichever
// method a payment had, and a reversal is in the account of its payment.
func TestMoneyTotals(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		office.Must(t, w.bank, tills.AddTill{Code: "c1", Title: "Caja 1", BranchID: staff.HeadOffice})
		l, number := w.lent("Rosa Méndez")
		w.signIn("tomas")
		w.post("/console/till/opening", 200, "till", "c1", "form_key", "o1")
		w.post("/console/till/payment", 200, "loan", number, "amount", "10", "method", "cash", "form_key", "p1")
		var last uint64
		for i, method := range settlement.CollectedMethods() {
			o := servicing.Operation{Amount: money.Amount(11_00 + 100*i), Means: settlement.Means{Method: method}}
			if method != settlement.PayrollDeduction {
				o.Reference = "77"
			}
			last = office.As(t, w.bank, office.By, lending.ReceivePayment{LoanID: l.ID, Operation: o}).Token
		}
		page := w.get("/console/till/transactions?of=branch", 200)
		w.has(page, "cuenta 1101", "cuenta 1102", "cuenta 1103", "cuenta 1431", "cuenta 1432", "cuenta 1433", "60.00", "10.00", "14.00")
		all, err := view.Open(d, nil).MoneyOfBranch(w.Context(), view.By{System: true, Need: last}, staff.HeadOffice, civil.DateOf(*w.now))
		must(t, err)
		net := map[ledger.Account]money.Amount{}
		for _, m := range all {
			net[m.Account] += m.In - m.Out
		}
		for _, account := range accounting.Places() {
			want := money.Amount(office.Count(t, d, "SELECT coalesce(sum(amount), 0)::bigint FROM posted WHERE account = '"+string(account)+"'"))
			if net[account] != want {
				t.Errorf("%s: got a change of %v, want %v as in the journal", account, net[account], want)
			}
		}
	})
}

// TestTillOfAnother: a manager sees the tills of the branch, supplies them from the vault, and
// closes one for its teller; a teller may not.
func TestTillOfAnother(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	w := open(t, d)
	w.hired("gema", "branch_manager")
	office.Must(t, w.bank, tills.AddTill{Code: "c1", Title: "Caja 1", BranchID: staff.HeadOffice})
	w.signIn("tomas")
	w.post("/console/till/opening", 200, "till", "c1", "form_key", "o1")
	w.post("/console/till/moves", 200, "till", "c1", "kind", "cash_in", "amount", "900", "reason", "Venta", "form_key", "m1")
	w.has(w.get("/console/tills/c1/count", 403), "administrar cajas y bóvedas")
	w.forget()
	w.signIn("gema")
	w.has(w.get("/console/tills", 200), "Caja 1", "Bóveda", "Tomas Ruiz", "900.00")
	w.has(w.get("/console/tills/c1?kind=to_vault&amount=1000", 200), "No hay suficiente efectivo en la caja")
	w.post("/console/tills/c1", 422, "till", "c1", "kind", "cash_in", "amount", "100", "reason", "x", "form_key", "v0")
	for range 2 {
		w.has(w.post("/console/tills/c1", 200, "till", "c1", "kind", "to_vault", "amount", "100", "reason", "Exceso", "form_key", "v1"), "$800.00", "Hacer arqueo y cerrar por Tomas Ruiz")
	}
	w.get("/console/till/count", 403)
	w.has(w.get("/console/tills/c1/count?n50000=1", 200), "Caja de Tomas Ruiz", "Faltan $300.00")
	w.post("/console/tills/c1/count", 422, "till", "c1", "n50000", "1", "expected", "800.00", "form_key", "c1")
	w.has(w.post("/console/tills/c1/count", 200, "till", "c1", "n50000", "1", "expected", "800.00", "reason", "Se enfermó", "form_key", "c2"), "Arqueo y cierre de Caja 1", "Gema Luna")
	w.get("/console/tills/nada", 404)
	w.post("/console/tills", 403, "from", "v:boveda", "to", "a:principal", "amount", "100", "reason", "x")
	w.forget()
	w.signIn("ana")
	places := regexp.MustCompile(`<option value="([av]:[^"]+)"`).FindAllStringSubmatch(w.get("/console/tills", 200), -1)
	vault, account := places[0][1], places[1][1]
	w.has(w.get("/console/tills?from="+vault+"&to="+account+"&amount=50", 200), "Traspasar $50.00 de Bóveda a")
	w.post("/console/tills", 422, "from", vault, "to", vault, "amount", "50", "reason", "x", "form_key", "t0")
	for range 2 {
		w.has(w.post("/console/tills", 200, "from", vault, "to", account, "amount", "50", "reason", "Depósito", "form_key", "t1"), "Traspaso de $50.00 registrado", "550.00")
	}
	office.Sound(t, d)
}

// TestTillsOfAnotherBranch: who sees one branch sees neither the cash of another one nor the bank
// accounts, on no page.
func TestTillsOfAnotherBranch(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	w := open(t, d)
	office.Must(t, w.bank, staffing.AddBranch{Code: "002", BranchName: "Centro"})
	w.hired("gema", "branch_manager")
	office.Must(t, w.bank, staffing.ChangeUser{Username: "gema", Branch: new("002")})
	c := office.Must(t, w.bank, tills.AddTill{Code: "c1", Title: "Caja 1", BranchID: staff.HeadOffice})
	w.signIn("tomas")
	w.post("/console/till/opening", 200, "till", "c1", "form_key", "o1")
	s, err := view.Open(d, nil).TillSessions(w.Context(), view.System, view.SessionQuery{TillID: c.ID, Paging: view.Paging{Limit: 1}})
	must(t, err)
	sheet := "/console/till/sessions/" + s.Items[0].ID.String()
	w.get(sheet, 200)
	w.forget()
	w.signIn("gema")
	w.get(sheet, 404)
	w.lacks(w.get("/console/admin/tills", 200), "Caja 1", "/banks/principal")
	w.get("/console/admin/tills/c1", 404)
	w.get("/console/admin/tills/banks/principal", 404)
}

// TestConfirmedPayment: what is collected is what the preview showed. The letter of an amount
// keeps its meaning when the form is sent again.
func TestConfirmedPayment(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	w := open(t, d)
	_, number := w.lent("Rosa Méndez")
	w.signIn("tomas")
	const path = "/console/till/payment"
	typed := []string{"loan", "rosa mendez", "amount", "L", "method", "transfer"}
	page := w.get(path+"?"+url.Values{"loan": {"rosa mendez"}, "amount": {"L"}, "method": {"transfer"}}.Encode(), 200)
	w.has(page, number, "Cobrar $10,000.00", `name="fill" value="L"`)
	_, after, _ := strings.Cut(page, `name="shown" value="`)
	shown, _, _ := strings.Cut(after, `"`)
	shown = html.UnescapeString(shown)
	w.has(w.post(path, 409, append([]string{"shown", strings.Replace(shown, "amount=L", "amount=500", 1), "form_key", "k1"}, typed...)...), "cambió después de la vista previa")
	if n := office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE number > 0"); n != 0 {
		t.Errorf("got %d payments after a changed preview, want none", n)
	}
	first := w.post(path, 200, append([]string{"shown", shown, "form_key", "k2"}, typed...)...)
	again := w.post(path, 200, append([]string{"shown", shown, "form_key", "k2"}, typed...)...)
	w.has(first, "$10,000.00", "PAGADO")
	if folio := hiddenFolio(first); folio == "" || hiddenFolio(again) != folio {
		t.Errorf("the same form again: got the receipt %q, want %q", hiddenFolio(again), folio)
	}
	w.has(w.get(path+"?loan=C-999", 200), "No se encontró un préstamo con adeudo")
	pdf := w.get("/console/loans/"+number+"/payments/"+hiddenFolio(first)+"/receipt.pdf", 200)
	if !strings.HasPrefix(pdf, "%PDF-") {
		t.Errorf("receipt.pdf: got %.20q, want a PDF", pdf)
	}
}

// hiddenFolio returns the folio on a receipt.
func hiddenFolio(page string) string {
	_, after, _ := strings.Cut(page, "/payments/")
	folio, _, _ := strings.Cut(after, "/receipt.pdf")
	return folio
}

// TestChoicesOfAPayment: several loans of a client are offered, and one is taken.
func TestChoicesOfAPayment(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	_, one := w.lent("Rosa Méndez")
	c := office.Must(t, w.bank, &clients.RegisterClient{FullName: "Rosa Olmos", Email: "rosa@example.com", RFC: "OERR800101001"})
	two := folio.Loan.Print(office.Grant(t, w.bank, c.ID, money.Amount(10_000_00)).Number)
	w.signIn("tomas")
	w.has(w.get("/console/till/payment?loan=rosa", 200), "Se encontraron 2 préstamos", one, two)
	w.has(w.get("/console/till/payment?loan=olmos", 200), two, "Debe hoy")
	w.has(w.get("/console/till/disbursement?loan="+two, 422), "Solo se entrega uno autorizado")
	w.has(w.get("/console/till/disbursement", 200), "No hay préstamos autorizados")
}
