package console

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

const paymentPath = Root + "till/payment"

var paymentRoutes = []route{
	{"GET " + paymentPath, loan.ReceivePayments, (*visit).payment},
	{"POST " + paymentPath, loan.ReceivePayments, (*visit).receive},
	{"GET " + loansPath + "{number}/payments/{folio}/receipt", loan.Read, (*visit).receipt},
	{"GET " + loansPath + "{number}/payments/{folio}/receipt.pdf", loan.Read, (*visit).receiptPDF},
}

// paymentPage is where a teller receives a payment. What the user typed is the query of the
// address, so that the preview is a GET; the button at its end sends the same form by POST.
type paymentPage struct {
	Form      *form
	Till      *view.TillState // the open till of the user; nil: none
	Loan      *foundLoan
	Choices   []foundLoan // to choose from, if several were found
	MayOpen   bool        // a till
	Shown     string      // what the preview is of; see previewed
	Methods   []methodChoice
	Method    settlement.Method // the chosen one
	Due       money.Amount      // what is due today, up to the next instalment, and to pay off
	Next      money.Amount
	Payoff    money.Amount
	Preview   *preview
	Excess    *excess
	Change    money.Amount // of the cash that the client hands over
	HasChange bool
	Missing   money.Amount // of the cash that the client hands over
}

// foundLoan is a loan that a payment may be for.
type foundLoan struct {
	Number  folio.Number
	Client  string
	Product string
	Due     money.Amount
	State   pill
}

// methodChoice is a method of payment, with its key.
type methodChoice struct {
	Method   settlement.Method
	Label    string
	Key      string
	Selected bool
}

// excess is the choice of what the money above the amounts due becomes. The first use is that
// of the product. A payment that pays the loan off has no uses.
type excess struct {
	Amount money.Amount
	Uses   []option
	Above  money.Amount // above the payoff amount; 0 if the product keeps it anyway
}

// uses returns what the money above the amounts due may become, first what the product does.
func (v *visit) uses(p product.Excess) []option {
	advance := v.say("Advance payment: kept as unapplied funds for the next payments")
	prepaid := v.say("Prepayment: lower principal and lower payments")
	switch p {
	case product.KeepUnapplied:
		return []option{{"", advance}, {string(servicing.Prepayment), prepaid}}
	case product.ReduceTerm:
		prepaid = v.say("Prepayment: lower principal and a shorter term")
	}
	return []option{{"", prepaid}, {string(servicing.AdvancePayment), advance}}
}

// fillExcess offers what the money above the amounts due may become, and adds the choice to the
// operation.
func (v *visit) fillExcess(page *paymentPage, p *product.Product, o *servicing.Operation) {
	f := page.Form
	switch {
	case o.Amount <= page.Due || page.Payoff == 0:
	case o.Amount < page.Payoff:
		page.Excess = &excess{Amount: o.Amount - page.Due, Uses: v.uses(p.Excess)}
		o.Kind = servicing.Kind(among(f, "kind", page.Excess.Uses))
	case o.Amount > page.Payoff && !p.KeepExcess:
		page.Excess = &excess{Above: o.Amount - page.Payoff}
		o.KeepExcess = f.Is("keep", "on")
	}
}

// preview is what a payment would do.
type preview struct {
	Rows        []previewRow
	Owed, Total money.Amount
	Amount      money.Amount
	Kept        money.Amount // as unapplied funds
	State       pill
	Before      money.Amount // outstanding principal
	Balance     money.Amount
	Next        civil.Date
	NextAmount  money.Amount
	Why         []whyGroup // of the payoff amount
}

// previewRow is a component with what is owed of it and what the payment pays.
type previewRow struct {
	Label         string
	Owed, Applied money.Amount
}

// Left returns what stays owed.
func (r previewRow) Left() money.Amount { return max(r.Owed-r.Applied, 0) }

var paymentScreen = declare[paymentPage]("payment")

var paymentPhrases = phrases{
	"Loan, client or reference": "Préstamo, cliente o referencia",
	"Amount received":           "Importe que recibe",
	"Amount handed over":        "Entrega el cliente",
	"Change":                    "Cambio",
	"What to do with the {amount} above what is due":                 "Qué hacer con los {amount} que exceden lo exigible",
	"Advance payment: kept as unapplied funds for the next payments": "Pago adelantado: queda como saldo a favor para los próximos pagos",
	"For an advance payment, the client must ask in writing.":        "Para un pago adelantado, el cliente debe solicitarlo por escrito.",
	"Prepayment: lower principal and lower payments":                 "Pago anticipado: baja el capital y se reducen los pagos",
	"Prepayment: lower principal and a shorter term":                 "Pago anticipado: baja el capital y se reduce el plazo",
	"Keep the {amount} above the payoff amount as unapplied funds":   "Guardar como saldo a favor los {amount} que exceden la liquidación",
	"Payment method":           "Forma de pago",
	"Reference of the payment": "Referencia del pago",
	"Number of the cheque, authorization of the card or tracking key": "Número del cheque, autorización de la tarjeta o clave de rastreo",
	"How it will be applied":             "Así se aplicará",
	"Nothing is saved until you collect": "Nada se guarda hasta que cobre",
	"Concept":                            "Concepto",
	"Owed":                               "Debe",
	"Applied":                            "Se aplica",
	"After this payment":                 "Después de este pago",
	"today {amount}":                     "hoy {amount}",
	"{amount} on {date}":                 "{amount} el {date}",
	"Collect {amount}":                   "Cobrar {amount}",
	"If you send it twice, it is collected once.":                                   "Si lo envía dos veces, se cobra una sola vez.",
	"See how it is applied":                                                         "Ver cómo se aplica",
	"Write the number of the loan and the amount":                                   "Escriba el número del préstamo y el importe",
	"The split, the state after the payment and the button to collect appear here.": "Aquí aparecen la aplicación, el estado después del pago y el botón para cobrar.",
	"Your till is closed":                                                           "Su caja está cerrada",
	"Without an open till you can receive everything but cash.":                     "Sin una caja abierta puede recibir todo menos efectivo.",
	"{name} open":               "{name} abierta",
	"Cash {amount}":             "Efectivo {amount}",
	"next field":                "siguiente",
	"collect":                   "cobrar",
	"Kept for the next payment": "Guardado para el próximo pago",
	"what is due, up to the next one, pay off": "lo que debe, hasta el siguiente, liquidar",
	"Collected {amount}":                       "Cobrado {amount}",
	"Print":                                    "Imprimir",
	"Receive the next payment":                 "Siguiente pago",
	"Served by":                                "Atendió",
	"PAID":                                     "PAGADO",
	"Keep this receipt.":                       "Conserve este recibo.",
	"Questions or complaints, UNE: {phone}":    "Dudas o quejas, UNE: {phone}",
	"Next payment, {date}":                     "Próximo pago, {date}",
	"See the loan":                             "Ver el préstamo",
	"This receipt was reversed":                "Este recibo se revirtió",
	"Give {amount} of change.":                 "Entregue {amount} de cambio.",
	"What you wrote changed after the preview. Check it and confirm again.":      "Lo que escribió cambió después de la vista previa. Revíselo y confirme de nuevo.",
	"No loan with a debt was found. Write its number or the name of the client.": "No se encontró un préstamo con adeudo. Escriba su número o el nombre del cliente.",
	"{n} {n|loan was|loans were} found; choose one":                              "Se {n|encontró|encontraron} {n} {n|préstamo|préstamos}; elija uno",
	"Up to the next one": "Hasta el siguiente",
	"Pay off":            "Liquidar",
}

// methods are the methods in the order of their keys.
var methods = []settlement.Method{settlement.Cash, settlement.Transfer, settlement.Card, settlement.Cheque}

func (v *visit) payment() error {
	f, err := v.draft()
	if err != nil {
		return err
	}
	if fill := f.Get("fill"); fill != "" {
		f.Values.Set("amount", fill)
		f.Values.Del("fill")
	}
	page, _, err := v.payIn(f)
	if err != nil {
		return err
	}
	return paymentScreen.show(v, page)
}

// payIn returns the page for what was typed, and the command if it is complete.
func (v *visit) payIn(f *form) (page paymentPage, c *lending.ReceivePayment, err error) {
	page.Form = f
	if page.Till, err = v.openTill(); err != nil {
		return page, nil, err
	}
	page.MayOpen = v.may(settlement.Operate)
	v.fillMethods(&page)
	typedLoan, typedAmount := f.Get("loan"), f.Get("amount")
	if typedLoan == "" {
		return page, nil, nil
	}
	seen := f.previewed()
	file, err := v.loanToPay(&page, seen)
	if err != nil || page.Loan == nil && file == nil {
		return page, nil, err
	}
	if err := v.fillOwed(&page, file); err != nil {
		return page, nil, err
	}
	flaws, handed, amount := fault.Flaws{}, money.Amount(0), seen.amount
	if seen.number == 0 {
		amount = v.typedAmount(&page)
	}
	if amount == 0 && typedAmount != "" {
		amount = f.amount("amount", &flaws)
	}
	handed = f.amount("handed", &flaws)
	if err := flaws.Err(); err != nil {
		f.wrong(v, err, nil)
		return page, nil, nil
	}
	if amount == 0 {
		return page, nil, nil
	}
	if handed > 0 {
		page.Change, page.Missing, page.HasChange = max(handed-amount, 0), max(amount-handed, 0), true
	}
	c = &lending.ReceivePayment{LoanID: file.Loan.ID, Operation: servicing.Operation{Amount: amount, Means: v.chosenMeans(&page)}}
	v.fillExcess(&page, &file.Product, &c.Operation)
	page.Shown = url.Values{"kind": {string(c.Kind)}, "keep": {onIf(c.KeepExcess)}, "number": {strconv.FormatInt(int64(file.Loan.Number), 10)}, "paid": {amount.String()}, "method": {string(c.Method)}, "loan": {typedLoan}, "amount": {typedAmount}}.Encode()
	return page, c, v.fillPreview(&page, file, *c)
}

// seenPayment is the payment whose preview was on the page when the user confirmed it. It is
// zero if what was typed has changed since.
type seenPayment struct {
	number folio.Number
	amount money.Amount
}

// previewed returns the payment that the user confirmed. The letters of the amount stand for
// what the preview showed, so the same form sent twice is the same payment.
func (f *form) previewed() (p seenPayment) {
	seen, err := url.ParseQuery(f.Get("shown"))
	if err != nil || seen.Get("number") == "" || seen.Get("loan") != f.Get("loan") || seen.Get("method") != f.Get("method") ||
		seen.Get("kind") != f.Get("kind") || seen.Get("keep") != f.Get("keep") {
		return p
	}
	number, err := strconv.ParseInt(seen.Get("number"), 10, 64)
	paid, flaw := money.Parse(seen.Get("paid"))
	var flaws fault.Flaws
	if err != nil || flaw != nil || seen.Get("amount") != f.Get("amount") && f.amount("amount", &flaws) != paid {
		return p
	}
	return seenPayment{folio.Number(number), paid}
}

// loanToPay returns the file of the loan that was typed: its number, or what finds its client.
// Without one loan the page says why, or lists those to choose from.
func (v *visit) loanToPay(page *paymentPage, seen seenPayment) (*view.LoanFile, error) {
	typed, f := page.Form.Get("loan"), page.Form
	if seen.number != 0 {
		typed = folio.Loan.Print(seen.number)
	}
	number, flaw := folio.Loan.Parse(typed)
	if flaw != "" {
		found, err := v.loansFound(typed)
		if err != nil {
			return nil, err
		}
		switch {
		case len(found) == 1:
			number = found[0].Number
		case len(found) > 1:
			page.Choices = found
			return nil, nil
		case flaw == folio.WrongDigit:
			f.wrong(v, fault.Wrong(fault.At("loan", flaw)), nil)
			return nil, nil
		default:
			f.Flaws = map[string]string{"loan": v.say("No loan with a debt was found. Write its number or the name of the client.")}
			return nil, nil
		}
	}
	file, err := v.loanNamed(folio.Loan.Print(number))
	if err == nil {
		return &file, nil
	}
	if _, shown := f.wrong(v, err, nil); !shown {
		return nil, err
	}
	if f.Problem != "" {
		f.Flaws["loan"], f.Problem = f.Problem, ""
	}
	return nil, nil
}

// mostFound is the number of clients whose loans a payment offers.
const mostFound = 8

// loansFound returns the loans that owe money of the clients whom a text finds, and the loans
// that it finds.
func (v *visit) loansFound(typed string) (all []foundLoan, err error) {
	found, err := v.View.Search(v.r.Context(), v.by(), typed)
	var refusal *fault.Error
	if errors.As(err, &refusal) && len(refusal.Flaws) > 0 {
		return nil, nil
	}
	add := func(l foundLoan) {
		if !slices.ContainsFunc(all, func(o foundLoan) bool { return o.Number == l.Number }) {
			all = append(all, l)
		}
	}
	for i, of := range found {
		switch {
		case i >= mostFound || err != nil:
			return all, err
		case of.Kind == view.FoundLoan && servicing.Alive(of.Status):
			add(foundLoan{Number: of.Loan, Client: of.Name})
		case of.Kind == view.FoundClient:
			var loans view.Listed[view.LoanRow]
			loans, err = v.View.Loans(v.r.Context(), v.by(), view.LoanQuery{Client: of.ID, Order: view.Newest, Window: view.Window{Limit: mostFound}})
			for _, l := range loans.Items {
				if servicing.Alive(l.Status) {
					add(foundLoan{Number: l.Number, Client: l.ClientName})
				}
			}
		}
	}
	return all, err
}

// openTill returns the till that the user has open, or nil.
func (v *visit) openTill() (*view.TillState, error) {
	if !v.may(settlement.Read) {
		return nil, nil
	}
	return v.View.TillOf(v.r.Context(), v.by(), v.who.User.Username)
}

func (v *visit) fillMethods(page *paymentPage) {
	page.Method = settlement.Method(page.Form.Get("method"))
	if page.Method == "" {
		page.Method = settlement.Transfer
		if page.Till != nil {
			page.Method = settlement.Cash
		}
	}
	for i, m := range methods {
		page.Methods = append(page.Methods, methodChoice{m, capital(text.Of(v.lang, m)), string(rune('1' + i)), m == page.Method})
	}
}

// chosenMeans returns the means that the page has chosen.
func (v *visit) chosenMeans(page *paymentPage) settlement.Means {
	m := settlement.Means{Method: page.Method, Reference: page.Form.Get("reference"), BranchID: v.who.User.BranchID}
	if m.Method == settlement.Cash {
		m.Reference = ""
		if page.Till != nil {
			m.TillID = page.Till.ID
		}
	}
	return m
}

// loanNamed returns the file of the loan with a number, as people write it.
func (v *visit) loanNamed(typed string) (view.LoanFile, error) {
	n, flaw := folio.Loan.Parse(typed)
	if flaw != "" {
		return view.LoanFile{}, fault.Wrong(fault.At("loan", flaw))
	}
	loanID, err := v.View.LoanNumbered(v.r.Context(), v.by(), n)
	if err != nil {
		return view.LoanFile{}, err
	}
	return v.View.LoanFile(v.r.Context(), v.by(), loanID)
}

// fillOwed fills in the loan and what can be paid today.
func (v *visit) fillOwed(page *paymentPage, f *view.LoanFile) error {
	found := &foundLoan{Number: f.Loan.Number, Client: f.Client.FullName, Product: f.Product.Name, State: pill{"off", capital(text.Of(v.lang, f.Loan.Status))}}
	page.Loan = found
	if f.Disbursed() != nil {
		return nil
	}
	p, days, err := v.position(f)
	if err != nil {
		return err
	}
	page.Due, page.Next, page.Payoff, found.Due = p.Owing.Due.Sum(), p.NextAmount, p.Payoff.Total, p.Owing.Due.Sum()
	found.State = v.lateness(p.Status, days)
	return nil
}

// position returns what a disbursed loan owes today, and for how many days it has been late.
func (v *visit) position(f *view.LoanFile) (layout.Position, int, error) {
	day, err := f.Day(civil.Date{}, v.today)
	if err != nil {
		return layout.Position{}, 0, err
	}
	account, err := f.At(day)
	if err != nil {
		return layout.Position{}, 0, err
	}
	p, days := layout.PositionOf(account, account, day, day), 0
	for _, l := range p.Owing.Lines {
		days = max(days, l.DaysLate)
	}
	return p, days, nil
}

// lateness returns the state of a loan by the days that it is late.
func (v *visit) lateness(status servicing.Status, days int) pill {
	switch {
	case !servicing.Alive(status):
		return pill{"off", capital(text.Of(v.lang, status))}
	case days > 0:
		return pill{"bad", v.say("{n} {n|day|days} late", "n", days)}
	}
	return pill{"good", v.say("Up to date")}
}

// typedAmount returns the amount for the letters D (what is due), S (up to the next instalment)
// and L (payoff); 0 for anything else.
func (v *visit) typedAmount(page *paymentPage) money.Amount {
	amount := map[string]money.Amount{"d": page.Due, "s": page.Next, "l": page.Payoff}[strings.ToLower(page.Form.Get("amount"))]
	if amount > 0 {
		page.Form.Values.Set("amount", strings.TrimPrefix(text.Of(text.EN, amount), "$"))
	}
	return amount
}

// fillPreview decides the payment without saving it.
func (v *visit) fillPreview(page *paymentPage, f *view.LoanFile, c lending.ReceivePayment) error {
	done, err := bank.Preview(v.r.Context(), v.Bank, bank.By{Actor: v.who.User.Username}, []bank.Command[servicing.Transaction]{c})
	if err == nil {
		err = done[0].Err
	}
	if err != nil {
		if _, shown := page.Form.wrong(v, err, map[string]string{"till": "method"}); !shown {
			return err
		}
		return nil
	}
	m := done[0].Answer
	before, _, err := v.position(f)
	if err != nil {
		return err
	}
	after := *f
	m.Number = len(f.Transactions)
	after.Transactions = append(append([]servicing.Transaction{}, f.Transactions...), m)
	page.Preview = &preview{Amount: c.Amount, Owed: before.Owing.Due.Sum(), Kept: m.Split.ToUnapplied, Before: before.Closing, Balance: m.Split.Balance}
	owed, applied := before.Owing.Due, m.Split.Amounts()
	for _, part := range product.Components {
		if o, a := owed.Of(part), applied.Of(part); o != 0 || a != 0 {
			page.Preview.Rows = append(page.Preview.Rows, previewRow{capital(text.Of(v.lang, part)), o, a})
		}
	}
	next, days, err := v.position(&after)
	if err != nil {
		return err
	}
	page.Preview.State = v.lateness(next.Status, days)
	page.Preview.Next, page.Preview.NextAmount = next.Next, next.NextAmount
	page.Preview.Why, err = v.whyPayoff(f, before.Payoff)
	return err
}

// receive registers the payment, and goes to its receipt.
func (v *visit) receive() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	changed := f.Get("shown") != "" && f.previewed() == (seenPayment{})
	page, c, err := v.payIn(f)
	if err != nil {
		return err
	}
	status := 422
	if c != nil && changed {
		f.Problem = v.say("What you wrote changed after the preview. Check it and confirm again.")
		return paymentScreen.answer(v, 409, page)
	}
	if c != nil {
		m, err := command(v, f, *c)
		var refusal *fault.Error
		switch {
		case err == nil:
			path := receiptPath(page.Loan.Number, m.Folio)
			if page.Change > 0 {
				path += "?" + url.Values{"change": {page.Change.String()}}.Encode()
			}
			return v.goTo(path)
		case !errors.As(err, &refusal):
			return err
		}
		f.Flaws, f.Problem, page.Preview = nil, "", nil
		shown := false
		if status, shown = f.wrong(v, err, map[string]string{"till": "method"}); !shown {
			return err
		}
	}
	return paymentScreen.answer(v, status, page)
}

// receiptPage is a receipt on screen and for a printer of 80 mm.
type receiptPage struct {
	Institution, RFC, Address, UNE string
	Loan, Folio                    folio.Number
	When                           string
	Branch, Till, Attended         string
	PDF                            string
	InWords                        string // the amount; empty where it has no words
	MayReceive                     bool
	Client, Product                string
	Parts                          []part
	Kept, Amount                   money.Amount
	Means                          string
	Change                         money.Amount
	Balance                        money.Amount
	Next                           civil.Date
	NextAmount                     money.Amount
	Reversed                       bool
	Fresh                          bool // the payment has just been received
}

var receiptScreen = declare[receiptPage]("receipt")

func (v *visit) receipt() error {
	f, m, err := v.paymentNamed()
	if err != nil {
		return err
	}
	return v.showReceipt(&f, m)
}

// receiptPDF answers with the receipt as a document.
func (v *visit) receiptPDF() error {
	f, m, err := v.paymentNamed()
	if err != nil {
		return err
	}
	document, err := v.issuer().Receipt(&f, m.ID)
	if err != nil {
		return err
	}
	v.viewed(f.Client.ID, client.ViewedStatement)
	return v.sendPDF(document)
}

// paymentNamed returns the payment of the address with the file of its loan.
func (v *visit) paymentNamed() (f view.LoanFile, m servicing.Transaction, err error) {
	if f, err = v.loanFile(); err != nil {
		return f, m, err
	}
	n, flaw := folio.Receipt.Parse(v.r.PathValue("folio"))
	for _, m := range f.Transactions {
		if flaw == "" && m.Folio == n && m.IsPayment() {
			return f, m, nil
		}
	}
	return f, m, fault.Refuse(web.NoSuchPath)
}

func (v *visit) showReceipt(f *view.LoanFile, m servicing.Transaction) error {
	page := receiptPage{
		Institution: v.letter.Name, RFC: v.letter.RFC, Address: v.letter.Address, UNE: v.letter.UNE.Phone, Loan: f.Loan.Number, Folio: m.Folio,
		When: fieldDate(civil.DateOf(m.At.In(v.Location))) + " " + v.clock(m.At), Branch: v.branchName(m.BranchID), Attended: v.person(m.Actor), Till: f.Places[m.TillID], Client: f.Client.FullName,
		Product: f.Product.Name, Parts: v.parts(m.Split.Amounts()), Kept: m.Split.ToUnapplied, Amount: m.Amount, Means: v.means(m.Means),
		Balance: m.Split.Balance, Reversed: !m.ReversedBy.IsZero(), Fresh: v.now.Sub(m.At).Minutes() < 10 && m.Actor == v.who.User.Username,
	}
	if v.lang == text.ES {
		page.InWords = capital(layout.InWords(m.Amount))
	}
	var flaws fault.Flaws
	page.Change = (&form{Values: v.r.URL.Query()}).amount("change", &flaws)
	page.PDF, page.MayReceive = receiptPath(f.Loan.Number, m.Folio)+".pdf", v.may(loan.ReceivePayments)
	account, err := f.At(m.ValueDate)
	if err != nil {
		return err
	}
	if p := layout.PositionOf(account, account, m.ValueDate, m.ValueDate); servicing.Alive(p.Status) {
		page.Next, page.NextAmount = p.Next, p.NextAmount
	}
	return receiptScreen.show(v, page)
}
