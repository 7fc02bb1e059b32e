package console

import (
	"net/http"
	"net/url"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

// A deed is an operation on a loan with a page of its own: GET previews it with what the address
// has, POST does it, or files it as a request where it exceeds the authority of the user.

var deedRoutes = []route{
	{"GET " + loansPath + "{number}/disbursement", loan.Disburse, (*visit).disbursement},
	{"POST " + loansPath + "{number}/disbursement", loan.Disburse, (*visit).disbursement},
	{"GET " + loansPath + "{number}/prepayment", loan.ReceivePayments, (*visit).prepayment},
	{"POST " + loansPath + "{number}/prepayment", loan.ReceivePayments, (*visit).prepayment},
	{"GET " + loansPath + "{number}/restructure", loan.Service, (*visit).restructure},
	{"POST " + loansPath + "{number}/restructure", loan.Service, (*visit).restructure},
	{"GET " + loansPath + "{number}/write-off", loan.Service, (*visit).writeOff},
	{"POST " + loansPath + "{number}/write-off", loan.Service, (*visit).writeOff},
	{"GET " + loansPath + "{number}/payments/{folio}/reversal", loan.Reverse, (*visit).reversal},
	{"POST " + loansPath + "{number}/payments/{folio}/reversal", loan.Reverse, (*visit).reversal},
	{"GET " + loansPath + "{number}/payments/{folio}/move", loan.Reverse, (*visit).movePayment},
	{"POST " + loansPath + "{number}/payments/{folio}/move", loan.Reverse, (*visit).movePayment},
}

// deedPage previews an operation on a loan.
type deedPage struct {
	Form         *form
	Number       folio.Number
	Client       string
	ClientNumber folio.Number
	Title        string
	Path         string
	Inputs       []inputPart
	Button       string // empty as long as something is missing or the user may not do it
	Danger       bool   // it cannot be undone
	Checks       []check
	Quote        *quoted // of a disbursement
	Compared     []comparedRow
	Before       []instalmentRow
	After        []instalmentRow
	Changed      []changedRow
	MayFile      bool // the user may ask somebody with more authority
	Payoff       servicing.Payoff
	Why          []whyGroup // of the payoff amount
}

// comparedRow is a figure before and after.
type comparedRow struct{ Label, Before, After string }

// changedRow is a payment that the operation recomputes.
type changedRow struct {
	Folio                           folio.Number
	Date                            civil.Date
	PrincipalBefore, PrincipalAfter money.Amount
	InterestBefore, InterestAfter   money.Amount
}

var deedScreen = declare[deedPage]("deed")

var deedPhrases = phrases{
	"Disbursement":                         "Entrega del crédito",
	"Prepayment":                           "Pago anticipado",
	"Restructure":                          "Reestructura",
	"Write-off":                            "Castigo",
	"Reversal of {receipt}":                "Reverso de {receipt}",
	"Move payment {receipt}":               "Mover el pago {receipt}",
	"Disburse {amount}":                    "Entregar {amount}",
	"Receive {amount} and reduce the debt": "Recibir {amount} y reducir la deuda",
	"Restructure the loan":                 "Reestructurar el préstamo",
	"Write off {amount}":                   "Castigar {amount}",
	"Reverse {amount}":                     "Revertir {amount}",
	"Move {amount} to {number}":            "Mover {amount} a {number}",
	"Main account":                         "Cuenta principal",
	"Interest owed":                        "Interés que se debe",
	"remains owed":                         "se sigue debiendo",
	"is added to the principal":            "se suma al capital",
	"To loan":                              "Al préstamo",
	"See what changes":                     "Ver qué cambia",
	"It cannot be undone":                  "No se puede deshacer",
	"Nothing is done until you press the button.": "No se hace nada hasta que oprima el botón.",
	"What changes":                     "Qué cambia",
	"Figure":                           "Dato",
	"Now":                              "Ahora",
	"Remaining payments":               "Pagos por hacer",
	"Last due date":                    "Último vencimiento",
	"Remaining to pay by the schedule": "Por pagar según la tabla",
	"Schedule now":                     "Tabla actual",
	"Schedule afterwards":              "Tabla después",
	"Payments that are recomputed":     "Pagos que se recalculan",
	"Principal now":                    "Capital ahora",
	"Principal afterwards":             "Capital después",
	"Interest now":                     "Interés ahora",
	"Interest afterwards":              "Interés después",
	"This exceeds your authority: ask for approval": "Esto rebasa sus facultades: pida autorización",
	"Reason for the request":                        "Motivo de la solicitud de autorización",
	"The person who decides will read it.":          "Lo leerá quien decida.",
	"Ask for approval":                              "Pedir autorización",
	"Done: {title}":                                 "Hecho: {title}",
	"Filed for approval: {title}":                   "Se pidió autorización: {title}",
	"See the request":                               "Ver la solicitud de autorización",
	"The loan is {status}":                          "El préstamo está {status}",
	"No remaining payments":                         "Sin pagos por hacer",
}

// act is a command on a loan, with the loan as it is afterwards.
type act[A any] struct {
	command bank.Command[A]
	after   func(f *view.LoanFile, answer A) // nil: no schedule changes
}

// deed is an act with any type of answer.
type deed interface {
	preview(v *visit, f view.LoanFile) (view.LoanFile, error)
	do(v *visit, f *form) error
	file(v *visit, f *form, reason string) (id.ID, error)
}

func (a act[A]) preview(v *visit, f view.LoanFile) (view.LoanFile, error) {
	done, err := bank.Preview(v.r.Context(), v.Bank, bank.By{Actor: v.who.User.Username}, []bank.Command[A]{a.command})
	if err == nil {
		err = done[0].Err
	}
	if err == nil && a.after != nil {
		f.Transactions = append([]servicing.Transaction{}, f.Transactions...)
		a.after(&f, done[0].Answer)
	}
	return f, err
}

func (a act[A]) do(v *visit, f *form) error {
	_, err := command(v, f, a.command)
	return err
}

func (a act[A]) file(v *visit, f *form, reason string) (id.ID, error) {
	order, can := bank.OrderOf(a.command)
	if !can {
		return id.ID{}, fault.Refuse(access.Forbidden, "permission", a.command.Permission())
	}
	r, err := command(v, f, deciding.FileRequest{Order: order, Reason: reason})
	return r.ID, err
}

// adds appends the new transaction of an operation to a loan.
func adds(f *view.LoanFile, m servicing.Transaction) {
	m.Number = len(f.Transactions)
	f.Transactions = append(f.Transactions, m)
}

// takesBack returns the function that marks a transaction of a loan as reversed.
func takesBack(taken id.ID) func(*view.LoanFile, servicing.Transaction) {
	return func(f *view.LoanFile, m servicing.Transaction) {
		for i := range f.Transactions {
			if f.Transactions[i].ID == taken {
				f.Transactions[i].ReversedBy = m.ID
			}
		}
	}
}

// deedForm returns the page of a deed with its form, and the file of its loan. The values come
// from the address or, to do it, from the form.
func (v *visit) deedForm(initial url.Values) (page deedPage, file view.LoanFile, err error) {
	if file, err = v.loanFile(); err != nil {
		return page, file, err
	}
	f, err := v.form(initial)
	if err != nil {
		return page, file, err
	}
	if v.r.Method != http.MethodPost && !f.Back {
		for name, values := range v.r.URL.Query() {
			f.Values[name] = values
		}
	}
	return deedPage{Form: f, Number: file.Loan.Number, Client: file.Client.FullName, ClientNumber: file.Client.Number, Path: v.r.URL.Path}, file, nil
}

// fillWhy adds how the payoff amount of a loan that is alive was calculated.
func (v *visit) fillWhy(page *deedPage, f *view.LoanFile) (err error) {
	if !servicing.Alive(f.Loan.Status) {
		return nil
	}
	if page.Payoff, err = f.Payoff(civil.Date{}, v.today); err == nil {
		page.Why, err = v.whyPayoff(f, page.Payoff)
	}
	return err
}

// deedNames has the inputs of fields with another name.
var deedNames = map[string]string{"annual_rate": "rate", "first_due_date": "first", "till": "method", "bank_account": "account", "to_loan_id": "to", "request_reason": "request_reason"}

// finish previews a deed, or does it if the form was sent. The deed is nil as long as something
// is missing; flaws says what is wrong with the form.
func (v *visit) finish(page deedPage, file *view.LoanFile, d deed, flaws error) error {
	f, status := page.Form, http.StatusOK
	button := page.Button
	page.Button = ""
	if flaws != nil {
		if status, _ = f.wrong(v, flaws, deedNames); status == 0 {
			return flaws
		}
		d = nil
	}
	if d != nil && v.r.Method == http.MethodPost {
		done, err := v.perform(&page, d)
		if done || err != nil && refusalOf(err) == nil {
			return err
		}
		shown := false
		if status, shown = f.wrong(v, err, deedNames); !shown {
			return err
		}
	}
	if v.r.Method != http.MethodPost {
		status = http.StatusOK
	} else if status == http.StatusOK {
		status = http.StatusUnprocessableEntity
	}
	if d != nil {
		after, err := d.preview(v, *file)
		switch refusal := refusalOf(err); {
		case err == nil:
			page.Button = button
			if err := v.compare(&page, file, &after); err != nil {
				return err
			}
		case refusal != nil && fault.Is(err, authority.Exceeded):
			page.MayFile = v.may(authority.File)
			page.Checks = append(page.Checks, check{Kind: "bad", Text: web.Title(v.lang, refusal)})
		case v.r.Method != http.MethodPost:
			if _, shown := f.wrong(v, err, deedNames); !shown {
				return err
			}
		}
	}
	return deedScreen.answer(v, status, page)
}

// perform does a deed or files it as a request, and answers. It returns false for a refusal.
func (v *visit) perform(page *deedPage, d deed) (bool, error) {
	back := loansPath + folio.Loan.Print(page.Number)
	if page.Form.Get("decision") != "file" {
		if err := d.do(v, page.Form); err != nil {
			return false, err
		}
		return true, v.done(back, notice{Text: v.say("Done: {title}", "title", page.Title)})
	}
	requestID, err := d.file(v, page.Form, page.Form.Get("request_reason"))
	if err != nil {
		return false, err
	}
	return true, v.done(back, notice{v.say("Filed for approval: {title}", "title", page.Title), approvalsPath + "/" + requestID.String(), v.say("See the request")})
}

// compare fills in the loan before and after.
func (v *visit) compare(page *deedPage, before, after *view.LoanFile) error {
	if before.Disbursed() != nil {
		return nil
	}
	was, err := before.ScheduleStatus(v.today)
	if err != nil {
		return err
	}
	is, err := after.ScheduleStatus(v.today)
	if err != nil {
		return err
	}
	page.Before, page.After = left(was), left(is)
	now, days, err := v.position(before)
	if err != nil {
		return err
	}
	then, later, err := v.position(after)
	if err != nil {
		return err
	}
	add := func(label string, a, b any) {
		page.Compared = append(page.Compared, comparedRow{label, text.Of(v.lang, a), text.Of(v.lang, b)})
	}
	page.Compared = append(page.Compared, comparedRow{v.say("State"), v.lateness(now.Status, days).Text, v.lateness(then.Status, later).Text})
	add(v.say("Outstanding principal"), now.Closing, then.Closing)
	add(v.say("Due today"), now.Owing.Due.Sum(), then.Owing.Due.Sum())
	add(v.say("Next payment"), now.NextAmount, then.NextAmount)
	add(v.say("Remaining payments"), len(page.Before), len(page.After))
	add(v.say("Remaining to pay by the schedule"), sumOf(page.Before), sumOf(page.After))
	page.Compared = append(page.Compared, comparedRow{v.say("Last due date"), v.lastDue(page.Before), v.lastDue(page.After)})
	return v.fillChanged(page, before, after)
}

// left returns the instalments that are not paid.
func left(s view.ScheduleStatus) (rows []instalmentRow) {
	for _, in := range s.Instalments {
		if open := in.Total - in.Paid.Sum(); in.Status != view.InstalmentPaid && open > 0 && servicing.Alive(s.Status) {
			rows = append(rows, instalmentRow{Number: in.Number, Due: in.Due, Total: open, Balance: in.Balance})
		}
	}
	return rows
}

func sumOf(rows []instalmentRow) (sum money.Amount) {
	for _, r := range rows {
		sum += r.Total
	}
	return sum
}

func (v *visit) lastDue(rows []instalmentRow) string {
	if len(rows) == 0 {
		return "—"
	}
	return text.Of(v.lang, rows[len(rows)-1].Due)
}

// fillChanged lists the payments whose split is another one afterwards.
func (v *visit) fillChanged(page *deedPage, before, after *view.LoanFile) error {
	was, err := before.Splits(v.today)
	if err != nil {
		return err
	}
	is, err := after.Splits(v.today)
	if err != nil {
		return err
	}
	for _, m := range before.Transactions {
		a, had := was[m.Number]
		b, has := is[m.Number]
		if !m.IsPayment() || !had || !has || a.Amounts() == b.Amounts() {
			continue
		}
		x, y := a.Amounts(), b.Amounts()
		page.Changed = append(page.Changed, changedRow{m.Folio, m.ValueDate, x.Principal, y.Principal, x.Interest + x.PenaltyInterest, y.Interest + y.PenaltyInterest})
	}
	return nil
}

// means reads how money goes out or comes in, from the inputs of meansInputs.
func (v *visit) typedMeans(f *form) (settlement.Means, error) {
	m := settlement.Means{Method: settlement.Method(f.Get("method")), Reference: f.Get("reference"), BranchID: v.who.User.BranchID}
	if m.Method == settlement.Cash {
		till, err := v.openTill()
		if err == nil && till != nil {
			m.TillID = till.ID
		}
		return m, err
	}
	if given := f.Get("account"); given != "" {
		accountID, err := id.Parse(given)
		if err != nil {
			return m, fault.Wrong(fault.At("account", fault.Blank))
		}
		m.AccountID = accountID
	}
	return m, nil
}

// meansInputs are the inputs of typedMeans, with some methods.
func (v *visit) meansInputs(f *form, accepted ...settlement.Method) ([]inputPart, error) {
	options := []option{}
	for _, m := range accepted {
		options = append(options, option{string(m), capital(text.Of(v.lang, m))})
	}
	inputs := []inputPart{v.input(f, "method", v.say("Method"), options)}
	if v.may(settlement.Read) {
		accounts, err := v.View.BankAccounts(v.r.Context(), v.by())
		if err != nil {
			return nil, err
		}
		choices := []option{{"", v.say("Main account")}}
		for _, a := range accounts {
			if !a.Closed && a.ID != settlement.MainAccount {
				choices = append(choices, option{a.ID.String(), a.Name})
			}
		}
		if len(choices) > 1 {
			inputs = append(inputs, v.input(f, "account", v.say("Bank account"), choices))
		}
	}
	return append(inputs, v.input(f, "reference", v.say("Reference of the payment"), nil)), nil
}

// input returns an input of a deed, with options if there are any.
func (v *visit) input(f *form, name, label string, options []option) inputPart {
	return inputPart{Form: f, Name: name, Label: label, Type: "text", Options: options}
}

// numeric returns an input of a number with a hint.
func (v *visit) numeric(f *form, name, label, hint string) inputPart {
	return inputPart{Form: f, Name: name, Label: label, Type: "text", Class: "num-in", Mode: "decimal", Hint: capital(hint)}
}

func (v *visit) disbursement() error {
	page, file, err := v.deedForm(url.Values{"method": {string(settlement.Transfer)}})
	if err != nil {
		return err
	}
	f := page.Form
	page.Title, page.Button = v.say("Disbursement"), v.say("Disburse {amount}", "amount", file.Loan.Amount)
	if page.Inputs, err = v.meansInputs(f, settlement.Cash, settlement.Transfer, settlement.Cheque); err != nil {
		return err
	}
	page.Inputs = append(page.Inputs, inputPart{Form: f, Name: "first", Label: v.say("First due date"), Type: "text", Mode: "numeric", Hint: v.say("one period after the disbursement if empty")})
	if v.r.Method != http.MethodPost && f.Get("first") == "" {
		f.Values.Set("first", fieldDate(file.Loan.FirstDue))
	}
	kind := "ok"
	if file.Loan.Status != servicing.Approved {
		kind = "bad"
	}
	page.Checks = append(page.Checks, check{Kind: kind, Text: v.say("The loan is {status}", "status", file.Loan.Status)})
	var review decision
	if err := v.fillFileCheck(&review, file.Client, nil); err != nil {
		return err
	}
	page.Checks = append(page.Checks, review.Checks...)
	var flaws fault.Flaws
	first := f.date("first", &flaws)
	if asked := (askedTerms{file.Product, file.Loan.Amount, file.Loan.Rate, int(file.Loan.Periods), first}); flaws.Err() == nil {
		if s, err := asked.plan(v.today); err == nil {
			page.Quote = v.quoted(*s)
		}
	}
	means, err := v.typedMeans(f)
	if err == nil {
		err = flaws.Err()
	}
	return v.finish(page, &file, act[loan.Loan]{command: lending.DisburseLoan{LoanID: file.Loan.ID, FirstDue: first, Means: means}}, err)
}

func (v *visit) prepayment() error {
	page, file, err := v.deedForm(url.Values{"method": {string(settlement.Transfer)}})
	if err != nil {
		return err
	}
	f := page.Form
	page.Title = v.say("Prepayment")
	if err := v.fillWhy(&page, &file); err != nil {
		return err
	}
	means, err := v.meansInputs(f, methods...)
	if err != nil {
		return err
	}
	page.Inputs = append([]inputPart{v.numeric(f, "amount", v.say("Amount received"), "")}, means...)
	var flaws fault.Flaws
	o := servicing.Operation{Kind: servicing.Prepayment, Amount: f.amount("amount", &flaws)}
	page.Button = v.say("Receive {amount} and reduce the debt", "amount", o.Amount)
	if o.Means, err = v.typedMeans(f); err == nil {
		err = flaws.Err()
	}
	if o.Amount == 0 {
		return v.finish(page, &file, nil, err)
	}
	return v.finish(page, &file, act[servicing.Transaction]{lending.ReceivePayment{LoanID: file.Loan.ID, Operation: o}, adds}, err)
}

func (v *visit) restructure() error {
	page, file, err := v.deedForm(nil)
	if err != nil {
		return err
	}
	f := page.Form
	page.Title, page.Button = v.say("Restructure"), v.say("Restructure the loan")
	if err := v.fillWhy(&page, &file); err != nil {
		return err
	}
	page.Inputs = []inputPart{
		v.numeric(f, "rate", v.say("Annual rate, %"), v.between(file.Product.Limits.MinRate, file.Product.Limits.MaxRate)),
		v.numeric(f, "periods", v.say("Payments"), v.say("{least} to {most}, {frequency}", "least", file.Product.Limits.MinPeriods, "most", file.Product.Limits.MaxPeriods, "frequency", file.Product.Frequency)),
		{Form: f, Name: "first", Label: v.say("First due date"), Type: "text", Mode: "numeric"},
		v.input(f, "interest", v.say("Interest owed"), []option{{"", v.say("remains owed")}, {"capitalise", v.say("is added to the principal")}}),
	}
	if f.Get("rate") == "" && v.r.Method != http.MethodPost {
		f.Values.Set("rate", percentInput(file.Loan.Rate))
	}
	var flaws fault.Flaws
	c := lending.RestructureLoan{LoanID: file.Loan.ID, Rate: f.percent("rate", &flaws), Periods: f.whole("periods", &flaws), FirstDue: f.date("first", &flaws), Capitalise: f.Get("interest") != ""}
	if c.Periods == 0 {
		return v.finish(page, &file, nil, flaws.Err())
	}
	return v.finish(page, &file, act[servicing.Transaction]{c, adds}, flaws.Err())
}

func (v *visit) writeOff() error {
	page, file, err := v.deedForm(nil)
	if err != nil {
		return err
	}
	page.Title, page.Danger = v.say("Write-off"), true
	if err := v.fillWhy(&page, &file); err != nil {
		return err
	}
	page.Button = v.say("Write off {amount}", "amount", page.Payoff.Total)
	return v.finish(page, &file, act[servicing.Transaction]{lending.WriteOffLoan{LoanID: file.Loan.ID}, adds}, nil)
}

// receiptOf returns the transaction whose folio is in the address.
func (v *visit) receiptOf(file *view.LoanFile) (servicing.Transaction, error) {
	n, flaw := folio.Receipt.Parse(v.r.PathValue("folio"))
	for _, m := range file.Transactions {
		if flaw == "" && m.Folio == n && m.Kind != servicing.Reversal {
			return m, nil
		}
	}
	return servicing.Transaction{}, errNoPage
}

func (v *visit) reversal() error {
	page, file, err := v.deedForm(nil)
	if err != nil {
		return err
	}
	m, err := v.receiptOf(&file)
	if err != nil {
		return err
	}
	page.Title, page.Button, page.Danger = v.say("Reversal of {receipt}", "receipt", folio.Receipt.Print(m.Folio)), v.say("Reverse {amount}", "amount", m.Amount), true
	page.Inputs = []inputPart{v.input(page.Form, "reason", v.say("Reason"), nil)}
	c := lending.ReverseTransaction{LoanID: file.Loan.ID, TransactionID: m.ID, Reason: page.Form.Get("reason")}
	return v.finish(page, &file, act[servicing.Transaction]{c, takesBack(m.ID)}, nil)
}

func (v *visit) movePayment() error {
	page, file, err := v.deedForm(nil)
	if err != nil {
		return err
	}
	m, err := v.receiptOf(&file)
	if err != nil {
		return err
	}
	f := page.Form
	page.Title = v.say("Move payment {receipt}", "receipt", folio.Receipt.Print(m.Folio))
	page.Inputs = []inputPart{v.input(f, "to", v.say("To loan"), nil), v.input(f, "reason", v.say("Reason"), nil)}
	if f.Get("to") == "" {
		return v.finish(page, &file, nil, nil)
	}
	to, err := v.loanNamed(f.Get("to"))
	if refusal := refusalOf(err); refusal != nil {
		f.Flaws = map[string]string{"to": web.Title(v.lang, refusal)}
		for _, flaw := range refusal.Flaws {
			f.Flaws["to"] = web.Message(v.lang, flaw)
		}
		return v.finish(page, &file, nil, nil)
	}
	if err != nil {
		return err
	}
	page.Button = v.say("Move {amount} to {number}", "amount", m.Amount, "number", folio.Loan.Print(to.Loan.Number))
	page.Checks = append(page.Checks, check{Kind: "now", Text: to.Client.FullName, Sub: to.Product.Name, Path: loansPath + folio.Loan.Print(to.Loan.Number), Link: v.say("See the loan")})
	c := lending.MovePayment{LoanID: file.Loan.ID, TransactionID: m.ID, ToLoanID: to.Loan.ID, Reason: f.Get("reason")}
	return v.finish(page, &file, act[servicing.Transaction]{c, takesBack(m.ID)}, nil)
}
