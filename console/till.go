package console

import (
	"cmp"
	"slices"

	tills "sofipo/bank/settlement"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/text"
	"sofipo/view"
)

const (
	tillPath         = Root + "till"
	transactionsPath = tillPath + "/transactions"
	disbursementPath = tillPath + "/disbursement"
)

var tillRoutes = []route{
	{"GET " + tillPath, settlement.Operate, (*visit).till},
	{"GET " + tillPath + "/opening", settlement.Operate, (*visit).till},
	{"GET " + tillPath + "/moves", settlement.Operate, (*visit).till},
	{"POST " + tillPath + "/opening", settlement.Operate, (*visit).openingOfTill},
	{"POST " + tillPath + "/moves", settlement.Operate, (*visit).moveTillCash},
	{"GET " + transactionsPath, loan.ReceivePayments, (*visit).transactions},
	{"GET " + disbursementPath, loan.Disburse, (*visit).toDisburse},
}

// tillPage is the till of a teller: the form to open it, or its cash.
type tillPage struct {
	Form     *form
	Free     []option        // tills that the user can open
	Till     *view.TillState // open one of the user; nil: none
	Since    string
	LeftOpen string // the day of the session, if that day is closed
	Received money.Amount
	Paid     money.Amount
	Concepts []concept
	Lines    []cashLine
	Move     moveForm
}

// concept has the cash of a till that came in or went out for one reason.
type concept struct {
	Label    string
	Count    int64
	Received money.Amount
	Paid     money.Amount
}

// methodTotal has what one method brought in and took out, as its control account has it.
type methodTotal struct {
	Method, Account string
	Ledger          string // address of the account's ledger; empty: not for the user
	Kinds           []concept
	In, Out         money.Amount
}

// moneyTotals are the totals by method and kind.
type moneyTotals struct {
	Methods []methodTotal
	In, Out money.Amount
}

// totalled are the methods of totals, in their order.
var totalled = []settlement.Method{settlement.Cash, settlement.Transfer, settlement.Cheque, settlement.Card, settlement.PayrollDeduction, settlement.Shop}

// totals arranges totals by method and kind: payments, disbursements, other operations, moves of
// cash. From and to are the days of the ledgers.
func (v *visit) totals(all []view.MoneyTotal, from, to civil.Date) (t moneyTotals) {
	labels := [...]string{v.say("Payments received"), v.say("Loans disbursed"), v.say("Reversals and other operations"), v.say("Moves of cash")}
	for _, method := range totalled {
		account := settlement.Means{Method: method}.Received().Account
		m := methodTotal{Method: capital(text.Of(v.lang, method)), Account: string(account)}
		if v.may(accounting.Read) {
			m.Ledger = ledgerOf(account, from, to)
		}
		for kind, label := range labels {
			c := concept{Label: label}
			for _, of := range all {
				if of.Account == account && kindOfMoney(of.Kind) == kind {
					c.Count, c.Received, c.Paid = c.Count+of.Entries, c.Received+of.In, c.Paid+of.Out
				}
			}
			if c.Count > 0 {
				m.Kinds, m.In, m.Out = append(m.Kinds, c), m.In+c.Received, m.Out+c.Paid
			}
		}
		if m.Kinds != nil {
			t.Methods, t.In, t.Out = append(t.Methods, m), t.In+m.In, t.Out+m.Out
		}
	}
	return t
}

// kindOfMoney returns the place among the labels of totals at which an operation counts.
func kindOfMoney(k servicing.Kind) int {
	switch {
	case slices.Contains(servicing.Payments, k):
		return 0
	case k == servicing.Disbursement || k == servicing.Cancellation:
		return 1
	case k != "":
		return 2
	}
	return 3
}

// Net returns what stays of the cash that came in.
func (c concept) Net() money.Amount { return c.Received - c.Paid }

// Net returns by how much the control account changed.
func (m methodTotal) Net() money.Amount { return m.In - m.Out }

// Net returns by how much all money changed.
func (t moneyTotals) Net() money.Amount { return t.In - t.Out }

// cashLine is cash that came in or went out, or a payment by another method.
type cashLine struct {
	When, Label string
	Detail      string // the client, or the reason
	Loan        folio.Number
	Receipt     folio.Number
	Path        string
	Means       string
	Amount      money.Amount
	Reversed    bool
}

// moveForm is the form that moves cash of a till.
type moveForm struct {
	Form          *form
	Action, Page  string // addresses that do it and that show what it would do
	Till          string // code
	Kinds         []option
	Before, After money.Amount
	Amount        money.Amount // 0: nothing to show yet
	Label         string       // of the kind
	NotEnough     bool
}

var tillScreen = declare[tillPage]("till")

var tillPhrases = phrases{
	"My till":                   "Mi caja",
	"Disburse loan":             "Entregar crédito",
	"Transactions":              "Movimientos",
	"Your till is not open":     "Su caja está cerrada",
	"Cash taken from the vault": "Efectivo que toma de la bóveda",
	"The vault gives it to the till when it opens. Leave it empty to open without cash.": "La bóveda lo entrega a la caja al abrir. Déjelo vacío para abrir sin efectivo.",
	"No till of your branch is free":                                         "Ninguna caja de su sucursal está libre",
	"All are open or retired. A branch manager can add a till or close one.": "Todas están abiertas o dadas de baja. Un gerente de sucursal puede agregar una o cerrar otra.",
	"{name} is open now":                                                     "{name} quedó abierta",
	"open since {when}":                                                      "abierta desde {when}",
	"Expected cash":                                                          "Efectivo que debe haber",
	"Came in":                                                                "Entró",
	"Went out":                                                               "Salió",
	"according to the books":                                                 "según los libros",
	"including the opening cash":                                             "incluye el fondo inicial",
	"Cash by concept":                                                        "Efectivo por concepto",
	"Last transactions":                                                      "Últimos movimientos",
	"All transactions":                                                       "Todos los movimientos",
	"Nothing has moved yet":                                                  "Aún no hay movimientos",
	"Cash in or out":                                                         "Entrada o salida de efectivo",
	"For other reasons than a loan":                                          "Por motivos distintos de un préstamo",
	"See the result":                                                         "Ver el resultado",
	"In the till now":                                                        "Hay en la caja",
	"Register {kind} of {amount}":                                            "Registrar {kind} de {amount}",
	"There is not enough cash in the till":                                   "No hay suficiente efectivo en la caja",
	"Choose, and write the amount and the reason":                            "Elija, y escriba el importe y el motivo",
	"{kind} of {amount} registered":                                          "Se registró {kind} de {amount}",
	"Payments received":                                                      "Pagos recibidos",
	"Loans disbursed":                                                        "Créditos entregados",
	"Other operations of loans":                                              "Otras operaciones de préstamos",
	"This till has been open since {date}, a day that is closed. Count and close it before you use it again.": "Esta caja sigue abierta desde el {date}, un día que ya se cerró. Haga el arqueo y ciérrela antes de usarla de nuevo.",
}

// kindsOfTeller are the cash moves that a teller registers.
var kindsOfTeller = []settlement.MoveKind{settlement.CashIn, settlement.CashOut}

// draft returns the form of a page that previews what was typed: its query has the values.
func (v *visit) draft() (*form, error) {
	f, err := v.form(nil)
	if err == nil && v.r.Method != "POST" && !f.Back {
		f.Values = v.r.URL.Query()
		if key := f.Get(keyInput); key != "" {
			f.Key = key
		}
	}
	return f, err
}

func (v *visit) till() error {
	f, err := v.draft()
	if err != nil {
		return err
	}
	return v.showTill(200, f)
}

// showTill answers with the page of the user's till.
func (v *visit) showTill(status int, f *form) error {
	page := tillPage{Form: f}
	var err error
	if page.Till, err = v.openTill(); err != nil {
		return err
	}
	if page.Till == nil {
		if page.Free, err = v.freeTills(); err != nil {
			return err
		}
		return tillScreen.answer(v, status, page)
	}
	r, err := v.View.TillSession(v.r.Context(), v.by(), page.Till.SessionID)
	if err != nil {
		return err
	}
	page.Since = v.instant(r.OpenedAt)
	if page.Till.OpenedOn.Before(v.today) {
		page.LeftOpen = text.Of(v.lang, page.Till.OpenedOn)
	}
	page.Concepts = v.concepts(r)
	for _, c := range page.Concepts {
		page.Received += c.Received
		page.Paid += c.Paid
	}
	if page.Lines, _, err = v.cashLines(page.Till.SessionID, view.Paging{Limit: 8}); err != nil {
		return err
	}
	page.Move = v.moving(f, *page.Till, kindsOfTeller)
	page.Move.Action, page.Move.Page = tillPath+"/moves", tillPath
	return tillScreen.answer(v, status, page)
}

// freeTills returns the tills of the user's branch that can be opened.
func (v *visit) freeTills() (free []option, err error) {
	all, err := v.View.Tills(v.r.Context(), v.by(), view.Paging{Limit: 1000})
	for _, t := range all.Items {
		if t.VaultOf.IsZero() && !t.Closed && t.SessionID.IsZero() && t.BranchID == v.who.User.BranchID {
			free = append(free, option{t.Code, t.Name})
		}
	}
	return free, err
}

// tillCoded returns the till with a code, as forms name it.
func (v *visit) tillCoded(code string) (view.TillState, error) {
	all, err := v.View.Tills(v.r.Context(), v.by(), view.Paging{Limit: 1000})
	if err != nil {
		return view.TillState{}, err
	}
	i := slices.IndexFunc(all.Items, func(t view.TillState) bool { return t.Code == code })
	if i < 0 {
		return view.TillState{}, fault.Refuse(settlement.TillNotFound)
	}
	return all.Items[i], nil
}

// concepts groups the cash of a session by reason.
func (v *visit) concepts(r view.SessionReport) (all []concept) {
	kinds := map[string]string{"payment_received": v.say("Payments received"), "loan_disbursed": v.say("Loans disbursed")}
	add := func(label string, count int64, received, paid money.Amount) {
		for i := range all {
			if all[i].Label == label {
				all[i].Count, all[i].Received, all[i].Paid = all[i].Count+count, all[i].Received+received, all[i].Paid+paid
				return
			}
		}
		all = append(all, concept{label, count, received, paid})
	}
	for _, m := range r.CashMoves {
		if received := m.Amount; m.Kind.Adds() {
			add(capital(text.Of(v.lang, m.Kind)), 1, received, 0)
		} else {
			add(capital(text.Of(v.lang, m.Kind)), 1, 0, m.Amount)
		}
	}
	for _, t := range r.Totals {
		label, known := kinds[t.Kind]
		switch {
		case t.Kind == "till_cash_moved":
			continue
		case !known:
			label = v.say("Other operations of loans")
		}
		add(label, t.Entries, t.Received, t.Paid)
	}
	return all
}

// cashLines returns a page of the lines of a session.
func (v *visit) cashLines(session id.ID, part view.Paging) (all []cashLine, next id.ID, err error) {
	page, err := v.View.TillLines(v.r.Context(), v.by(), session, part)
	for _, m := range page.Items {
		row := cashLine{When: v.clock(m.At), Detail: m.Client, Loan: m.Loan, Receipt: m.Receipt, Amount: m.Amount, Reversed: m.Reversed}
		switch {
		case m.Move != "":
			row.Label, row.Detail = capital(text.Of(v.lang, m.Move)), m.Reason
		case m.Operation != "":
			row.Label = capital(text.Of(v.lang, m.Operation))
			if slices.Contains(servicing.Payments, m.Operation) {
				row.Path = receiptPath(m.Loan, m.Receipt)
			}
		default:
			row.Label = v.say("Other operations of loans")
		}
		all = append(all, row)
	}
	return all, page.Next, err
}

// moving returns the form that moves cash, with what it would do.
func (v *visit) moving(f *form, t view.TillState, kinds []settlement.MoveKind) moveForm {
	m := moveForm{Form: f, Till: t.Code, Before: t.Balance}
	for _, k := range kinds {
		m.Kinds = append(m.Kinds, option{string(k), capital(text.Of(v.lang, k))})
	}
	var flaws fault.Flaws
	kind := settlement.MoveKind(f.Get("kind"))
	amount := f.amount("amount", &flaws)
	if err := flaws.Err(); err != nil {
		f.wrong(v, err, nil)
	}
	if amount <= 0 || !slices.Contains(kinds, kind) {
		return m
	}
	m.Amount, m.Label, m.After = amount, text.Of(v.lang, kind), t.Balance+amount
	if !kind.Adds() {
		m.After = t.Balance - amount
	}
	m.NotEnough = m.After < 0
	return m
}

// openingOfTill opens a till for the user.
func (v *visit) openingOfTill() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	var flaws fault.Flaws
	opening := f.amount("opening", &flaws)
	t, err := v.tillCoded(f.Get("till"))
	if err == nil {
		err = flaws.Err()
	}
	if err == nil {
		_, err = command(v, f, &tills.OpenTill{TillID: t.ID, Opening: opening})
	}
	if err == nil {
		return v.done(paymentPath, notice{Text: v.say("{name} is open now", "name", t.Name), Link: tillPath, Label: v.say("My till")})
	}
	status, shown := f.wrong(v, err, nil)
	if !shown {
		return err
	}
	return v.showTill(status, f)
}

// moveTillCash moves cash into or out of the user's till.
func (v *visit) moveTillCash() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	t, err := v.tillCoded(f.Get("till"))
	if err == nil {
		err = v.moveCash(f, t, kindsOfTeller)
	}
	if err == nil {
		return v.done(tillPath, v.moved(f))
	}
	status, shown := f.wrong(v, err, nil)
	if !shown {
		return err
	}
	return v.showTill(status, f)
}

// moveCash runs the command of a form that moves cash.
func (v *visit) moveCash(f *form, t view.TillState, kinds []settlement.MoveKind) error {
	var flaws fault.Flaws
	c := tills.MoveCash{TillID: t.ID, Kind: settlement.MoveKind(f.Get("kind")), Amount: f.amount("amount", &flaws), Reason: f.Get("reason")}
	if !slices.Contains(kinds, c.Kind) {
		flaws.Add(fault.At("kind", fault.Missing))
	}
	if err := flaws.Err(); err != nil {
		return err
	}
	_, err := command(v, f, c)
	return err
}

// moved says that cash was moved.
func (v *visit) moved(f *form) notice {
	var flaws fault.Flaws
	return notice{Text: v.say("{kind} of {amount} registered", "kind", text.Of(v.lang, settlement.MoveKind(f.Get("kind"))), "amount", f.amount("amount", &flaws))}
}

// transactionsPage lists what happened in the till, or the payments of the branch today.
type transactionsPage struct {
	Tabs     []tab
	Form     *form // the filter by method, of the branch
	Methods  []option
	OfBranch bool
	Closed   bool // the user has no open till
	Rows     []cashLine
	Pager    pager
	Heading  paperHeading
	Totals   moneyTotals // of the branch
	Roll     bool        // for paper of 80 mm
}

// paperHeading says on paper whose totals these are.
type paperHeading struct {
	Institution, Branch string
	Day                 civil.Date
	Printed             string
	Page, Roll          string // addresses of the same for a page and for paper of 80 mm
}

var transactionsScreen = declare[transactionsPage]("till_transactions")

var transactionsPhrases = phrases{
	"Today's transactions":          "Movimientos del día",
	"Cash of my till":               "Efectivo de mi caja",
	"Payments of my branch":         "Pagos de mi sucursal",
	"Time":                          "Hora",
	"What it was":                   "Concepto",
	"No payment was received today": "Hoy no se ha recibido ningún pago",
	"Your till has no transactions because it is closed": "Su caja no tiene movimientos porque está cerrada",
	"Print the receipt again":                            "Abra el recibo para imprimirlo de nuevo",
	"Totals by method":                                   "Totales por forma de pago",
	"Reversals and other operations":                     "Reversos y otras operaciones",
	"Moves of cash":                                      "Movimientos de efectivo",
	"account {account}":                                  "cuenta {account}",
	"Net":                                                "Neto",
	"80 mm paper":                                        "Rollo de 80 mm",
	"Whole page":                                         "Página completa",
	"Totals of {branch}":                                 "Totales de {branch}",
	"Printed {when}":                                     "Impreso {when}",
	"The figures are those of the control accounts.": "Las cifras son las de las cuentas de control.",
}

func (v *visit) transactions() error {
	page := transactionsPage{OfBranch: v.r.URL.Query().Get("of") == "branch", Form: &form{Values: v.r.URL.Query()}}
	page.Tabs = []tab{
		{Label: v.say("Cash of my till"), Path: transactionsPath, Current: !page.OfBranch},
		{Label: v.say("Payments of my branch"), Path: transactionsPath + "?of=branch", Current: page.OfBranch},
	}
	var err error
	if page.OfBranch {
		err = v.fillBranchPayments(&page)
	} else {
		err = v.fillTillLines(&page)
	}
	if err != nil {
		return err
	}
	return transactionsScreen.show(v, page)
}

func (v *visit) fillTillLines(page *transactionsPage) error {
	t, err := v.openTill()
	if err != nil {
		return err
	}
	if t == nil {
		page.Closed = true
		return nil
	}
	part, err := v.paging()
	if err != nil {
		return err
	}
	var next id.ID
	page.Rows, next, err = v.cashLines(t.SessionID, part)
	page.Pager = v.pagerTo(len(page.Rows), next)
	return err
}

func (v *visit) fillBranchPayments(page *transactionsPage) error {
	w, err := v.window()
	if err != nil {
		return err
	}
	page.Methods = []option{{"", v.say("All methods")}}
	for _, m := range totalled {
		page.Methods = append(page.Methods, option{string(m), capital(text.Of(v.lang, m))})
	}
	q := view.PaymentQuery{From: v.today, To: v.today, Branch: v.branch.ID, Order: view.Newest, Window: w}
	if m := settlement.Method(page.Form.Get("method")); slices.Contains(totalled, m) {
		q.Method = m
	}
	list, err := v.View.ListPayments(v.r.Context(), v.by(), q)
	for _, m := range list.Items {
		page.Rows = append(page.Rows, cashLine{
			When: v.clock(m.At), Label: capital(text.Of(v.lang, m.Kind)), Detail: m.ClientName, Loan: m.LoanNumber, Receipt: m.Folio, Path: receiptPath(m.LoanNumber, m.Folio),
			Means: v.means(m.Means), Amount: m.Amount, Reversed: !m.ReversedBy.IsZero(),
		})
	}
	page.Pager = v.pager(len(page.Rows), list.Next, list.Previous)
	if err != nil || !v.may(settlement.Read) {
		return err
	}
	all, err := v.View.MoneyOfBranch(v.r.Context(), v.by(), cmp.Or(v.branch.ID, staff.HeadOffice), v.today)
	page.Totals, page.Roll = v.totals(all, v.today, v.today), v.onRoll()
	page.Heading = v.paper(v.branchName(v.branch.ID), v.today)
	return err
}

// onRoll reports whether the page is for paper of 80 mm.
func (v *visit) onRoll() bool { return v.r.URL.Query().Get("paper") == "roll" }

// paper returns what stands above printed totals.
func (v *visit) paper(branch string, day civil.Date) paperHeading {
	h := paperHeading{Institution: v.letter.Name, Branch: branch, Day: day, Printed: fieldDate(civil.DateOf(v.now.In(v.Location))) + " " + v.clock(v.now)}
	q := v.r.URL.Query()
	q.Del("paper")
	h.Page = v.r.URL.Path + "?" + q.Encode()
	q.Set("paper", "roll")
	h.Roll = v.r.URL.Path + "?" + q.Encode()
	return h
}

// toDisbursePage finds an approved loan to deliver.
type toDisbursePage struct {
	Form  *form
	Till  *view.TillState
	Rows  []approvedRow
	Pager pager
}

// approvedRow is an approved loan that waits for its disbursement.
type approvedRow struct {
	Number  folio.Number
	Client  string
	Amount  money.Amount
	Applied civil.Date
	Path    string
}

var toDisburseScreen = declare[toDisbursePage]("till_disbursement")

var toDisbursePhrases = phrases{
	"Number of the loan":          "Número del préstamo",
	"Find":                        "Buscar préstamo",
	"Approved, to be disbursed":   "Autorizados, por entregar",
	"Applied for on":              "Solicitado",
	"Disburse":                    "Entregar",
	"No approved loan is waiting": "No hay préstamos autorizados por entregar",
	"They appear here when somebody approves them.":                  "Aparecen aquí cuando alguien los autoriza.",
	"This loan is {status}. Only an approved loan can be disbursed.": "Este préstamo está {status}. Solo se entrega uno autorizado.",
}

// disbursementOf returns the address where a loan is disbursed.
func disbursementOf(n folio.Number) string { return loansPath + folio.Loan.Print(n) + "/disbursement" }

// waitingLoans selects a page of the approved loans of the branch.
func (v *visit) waitingLoans(w view.Window) view.LoanQuery {
	return view.LoanQuery{Owned: view.Owned{Branch: v.branch.ID}, Status: servicing.Approved, Applications: true, Order: view.Oldest, Window: w}
}

// toDisburse goes to the disbursement of the loan whose number was typed, or lists the approved
// loans of the branch.
func (v *visit) toDisburse() error {
	page, status := toDisbursePage{Form: &form{Values: v.r.URL.Query()}}, 200
	if page.Form.Get("loan") != "" {
		file, err := v.loanNamed(page.Form.Get("loan"))
		if err == nil && file.Loan.Status == servicing.Approved {
			return v.goTo(disbursementOf(file.Loan.Number))
		}
		if err == nil {
			page.Form.Flaws = map[string]string{"loan": v.say("This loan is {status}. Only an approved loan can be disbursed.", "status", text.Of(v.lang, file.Loan.Status))}
			status = 422
		} else if status, _ = page.Form.wrong(v, err, nil); status == 0 {
			return err
		}
	}
	w, err := v.window()
	if err != nil {
		return err
	}
	if page.Till, err = v.openTill(); err != nil {
		return err
	}
	list, err := v.View.Loans(v.r.Context(), v.by(), v.waitingLoans(w))
	if err != nil {
		return err
	}
	for _, l := range list.Items {
		page.Rows = append(page.Rows, approvedRow{l.Number, l.ClientName, l.Amount, civil.DateOf(l.ID.Time().In(v.Location)), disbursementOf(l.Number)})
	}
	page.Pager = v.pager(len(page.Rows), list.Next, list.Previous)
	return toDisburseScreen.answer(v, status, page)
}
