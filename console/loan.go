package console

import (
	"fmt"
	"strings"

	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/settlement"
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

const loansPath = Root + "loans/"

var loanRoutes = []route{
	{"GET " + loansPath + "{number}", loan.Read, (*visit).loan},
	{"GET " + loansPath + "{number}/documents", loan.Read, (*visit).loanDocuments},
	{"GET " + loansPath + "{number}/documents/{document}", loan.Read, (*visit).loanDocument},
	{"GET " + loansPath + "{number}/timeline", loan.Read, (*visit).loanTimeline},
}

// pill is a state with its mark: good, warn, bad, next, off or none.
type pill struct{ Kind, Text string }

// loanHead is what every part of a loan shows first: what it owes and what can be done with it.
type loanHead struct {
	Number       folio.Number
	Client       string
	ClientNumber folio.Number
	Product      string
	State        pill
	Officer      string
	Collector    string
	Disbursed    bool
	Elsewhere    bool // it was paid off in another system
	Running      bool // it owes or will owe something
	DueToday     money.Amount
	Late         string // how many instalments are late, since when
	Next         civil.Date
	NextAmount   money.Amount
	NextDays     int
	Outstanding  money.Amount
	Amount       money.Amount
	PaidShare    rate.Annual // share of the principal that is paid
	PayoffToday  money.Amount
	MayReceive   bool
	Actions      []entry // other operations that the user may do
	Main         *entry  // of a loan that is not disbursed: what comes next
	Tabs         []tab
	Returned     *returnedNote
}

// loanPage is a loan at a glance: its schedule, its payments and its payoff.
type loanPage struct {
	loanHead
	Payoff      servicing.Payoff
	PayoffForm  *form
	PayoffParts []part
	PayoffWhy   []whyGroup
	Provision   *provisionPart // nil before the first close after the disbursement
	Instalments []instalmentRow
	Total       money.Amount
	Payments    []paymentRow
	PaidTotal   money.Amount
	Terms       []fact
	Figures     []formula // of the contract
	Chart       chart
	MayReverse  bool
}

// provisionPart is the provision of the last close.
type provisionPart struct {
	Date    civil.Date
	Facts   []fact
	Total   money.Amount
	Figures []formula
}

// part is a component of an amount.
type part struct {
	Label  string
	Amount money.Amount
}

// fact is a labelled value.
type fact struct{ Label, Value string }

// instalmentRow is a row of the schedule. Row is the class of the row.
type instalmentRow struct {
	Number                          int
	Due                             civil.Date
	Principal, Interest, IVA, Total money.Amount
	Balance                         money.Amount
	State                           pill
	Row                             string
	Owed                            []formula // with late charges
	OwedTotal                       money.Amount
	Ask                             string    // address that unfolds or folds the formulas; empty if the schedule has none
	Formulas                        []formula // only of the row that is asked for
}

// paymentRow is a payment with its split.
type paymentRow struct {
	Folio                    folio.Number
	Date                     civil.Date
	Means                    string
	Principal, Interest, IVA money.Amount
	Amount                   money.Amount
	Reversed                 bool
	Path, Payment            string // addresses of the receipt and of the payment
}

var loanScreen = declare[loanPage]("loan")

var loanPhrases = phrases{
	"{product} of {name}": "{product} de {name}",
	"See client {number}": "Ver cliente {number}",
	"Due today":           "Debe hoy",
	"Nothing is late":     "Sin atraso",
	"{n} {n|instalment is|instalments are} late since {date}": "{n} {n|amortización vencida|amortizaciones vencidas} desde el {date}",
	"Next payment":                          "Próximo pago",
	"in {n} {n|day|days}":                   "en {n} {n|día|días}",
	"of {amount}; paid {percent}":           "de {amount}; pagado {percent}",
	"To pay off today":                      "Para liquidar hoy",
	"Another date, and its parts":           "Otra fecha y desglose",
	"Schedule":                              "Tabla de amortización",
	"No.":                                   "N.º",
	"Paid":                                  "Pagada",
	"Next":                                  "Próxima",
	"To come":                               "Por vencer",
	"Owed on instalment {n}":                "Adeudo de la amortización {n}",
	"Payments and how they were applied":    "Pagos y cómo se aplicaron",
	"{n} {n|payment|payments}":              "{n} {n|pago|pagos}",
	"No payment was received yet":           "Aún no se recibe ningún pago",
	"Payoff":                                "Liquidación",
	"Pay off on":                            "Liquidar el",
	"Calculate":                             "Calcular",
	"Terms":                                 "Condiciones",
	"{rate} fixed, without IVA":             "{rate} fija, sin IVA",
	"{cat} without IVA":                     "{cat} sin IVA",
	"CAT":                                   "CAT",
	"Term":                                  "Plazo",
	"{n} {n|payment|payments}, {frequency}": "{n} {n|pago|pagos}, {frequency}",
	"Disbursed":                             "Entregado",
	"Unapplied funds":                       "Saldo a favor",
	"Not disbursed yet":                     "Aún no se entrega",
	"Paid off in the previous system":       "Liquidado en el sistema anterior",
	"Principal and interest":                "Capital e interés",
	"Decide the application":                "Decidir la solicitud",
	"Change the terms":                      "Cambiar las condiciones",
	"Correct and send again":                "Corregir y enviar de nuevo",
	"Returned for correction by {who}, {when}": "Devuelta para corregir por {who}, {when}",
	"Reverse": "Revertir",
	"Move":    "Mover",
	"Principal, interest and IVA of each payment": "Capital, interés e IVA de cada pago",
}

// loanFile returns the file of the loan whose number is in the address.
func (v *visit) loanFile() (view.LoanFile, error) {
	n, flaw := folio.Loan.Parse(v.r.PathValue("number"))
	if flaw != "" {
		return view.LoanFile{}, fault.Refuse(loan.NotFound)
	}
	loanID, err := v.View.LoanNumbered(v.r.Context(), v.by(), n)
	if err != nil {
		return view.LoanFile{}, err
	}
	return v.View.LoanFile(v.r.Context(), v.by(), loanID)
}

func (v *visit) loan() error {
	f, err := v.loanFile()
	if err != nil {
		return err
	}
	page := loanPage{MayReverse: v.may(loan.Reverse)}
	if page.loanHead, err = v.loanHead(&f, "schedule"); err != nil {
		return err
	}
	if page.Disbursed {
		if err := v.fillLoan(&page, &f); err != nil {
			return err
		}
	}
	return loanScreen.show(v, page)
}

// loanHead returns the head of a part of a loan.
func (v *visit) loanHead(f *view.LoanFile, part string) (h loanHead, err error) {
	h = loanHead{
		Number: f.Loan.Number, Client: f.Client.FullName, ClientNumber: f.Client.Number, Product: f.Product.Name, Officer: v.person(f.Loan.Officer), Collector: v.person(f.Collector),
		Amount: f.Loan.Amount, State: v.stateOf(f.Loan.Status), MayReceive: v.may(loan.ReceivePayments), Returned: v.returnedNote(f), Tabs: v.loanTabs(f, part),
		Disbursed: f.Disbursed() == nil, Elsewhere: f.Disbursed() != nil && f.Loan.Status == servicing.PaidOff,
	}
	v.fillActions(&h, f)
	if !h.Disbursed {
		return h, nil
	}
	day, err := f.Day(civil.Date{}, v.today)
	if err != nil {
		return h, err
	}
	account, err := f.At(day)
	if err != nil {
		return h, err
	}
	status, err := f.ScheduleStatus(v.today)
	if err != nil {
		return h, err
	}
	payoff, err := f.Payoff(civil.Date{}, v.today)
	if err != nil {
		return h, err
	}
	p := layout.PositionOf(account, account, day, day)
	h.Running = servicing.Alive(p.Status)
	h.DueToday, h.Outstanding, h.PayoffToday = p.Owing.Due.Sum(), p.Closing, payoff.Total
	h.Next, h.NextAmount = p.Next, p.NextAmount
	if !p.Next.IsZero() {
		h.NextDays = p.Next.Since(day)
	}
	if h.Amount > 0 {
		h.PaidShare = rate.Annual(int64(h.Amount-p.Closing) * 1_000 / int64(h.Amount) * 1_000)
	}
	v.fillState(&h, status)
	return h, nil
}

// fillState says how late the loan is.
func (v *visit) fillState(h *loanHead, s view.ScheduleStatus) {
	late, since := 0, civil.Date{}
	for _, in := range s.Instalments {
		if in.Status == view.InstalmentOverdue {
			if late++; since.IsZero() {
				since = in.Due
			}
		}
	}
	switch {
	case late > 0:
		h.State = pill{"bad", v.say("{n} {n|day|days} late", "n", s.Date.Since(since))}
		h.Late = v.say("{n} {n|instalment is|instalments are} late since {date}", "n", late, "date", since)
	case h.Running:
		h.State = pill{"good", v.say("Up to date")}
	default:
		h.State = pill{"off", capital(text.Of(v.lang, s.Status))}
	}
}

// fillActions offers what the user may do with the loan.
func (v *visit) fillActions(page *loanHead, f *view.LoanFile) {
	number := folio.Loan.Print(f.Loan.Number)
	path := loansPath + number
	add := func(label, to string, p access.Permission) {
		if v.may(p) {
			page.Actions = append(page.Actions, entry{Label: label, Path: to})
		}
	}
	main := func(label, to string, p access.Permission) {
		if v.may(p) {
			page.Main = &entry{Label: label, Path: to}
		}
	}
	switch status := f.Loan.Status; {
	case status == servicing.Applied:
		main(v.say("Decide the application"), approvalsPath+"/"+number, loan.Approve)
		add(v.say("Change the terms"), Root+"applications/"+number+"/terms", loan.Apply)
	case status == servicing.Returned:
		main(v.say("Correct and send again"), Root+"applications/"+number+"/terms", loan.Apply)
		add(v.say("Reject"), approvalsPath+"/"+number, loan.Approve)
	case status == servicing.Approved:
		add(v.say("Return for correction"), approvalsPath+"/"+number, loan.Approve)
		main(v.say("Disburse {amount}", "amount", f.Loan.Amount), path+"/disbursement", loan.Disburse)
		add(v.say("Change the terms"), Root+"applications/"+number+"/terms", loan.Apply)
	case servicing.Alive(status):
		add(v.say("Prepayment"), path+"/prepayment", loan.ReceivePayments)
		add(v.say("Restructure"), path+"/restructure", loan.Service)
		add(v.say("Write-off"), path+"/write-off", loan.Service)
	}
}

// returnedNote says who returned an application for correction, when and why.
type returnedNote struct{ By, Reason string }

// returnedNote returns the note on an application that waits for its correction, or nil.
func (v *visit) returnedNote(f *view.LoanFile) *returnedNote {
	s := f.Returned()
	if s == nil {
		return nil
	}
	return &returnedNote{v.say("Returned for correction by {who}, {when}", "who", v.person(s.MadeBy), "when", v.at(s.MadeAt)), s.Reason}
}

// loanTabs are the parts of a loan.
func (v *visit) loanTabs(f *view.LoanFile, current string) (tabs []tab) {
	path := loansPath + folio.Loan.Print(f.Loan.Number)
	for _, t := range []struct{ name, label string }{{"schedule", v.say("Schedule")}, {"documents", v.say("Documents")}, {"timeline", v.say("Timeline")}} {
		if t.name == "documents" && f.Disbursed() != nil {
			continue
		}
		one := tab{Label: t.label, Path: path + "/" + t.name, Current: t.name == current}
		if t.name == "schedule" {
			one.Path = path
		}
		tabs = append(tabs, one)
	}
	return tabs
}

// fillLoan fills in what a disbursed loan has.
func (v *visit) fillLoan(page *loanPage, f *view.LoanFile) error {
	status, err := f.ScheduleStatus(v.today)
	if err != nil {
		return err
	}
	owed, err := f.ExplainPayoff(civil.Date{}, v.today)
	if err != nil {
		return err
	}
	v.fillSchedule(page, status, owed)
	v.explain(page, f)
	v.fillPayments(page, f)
	v.fillTerms(page, f, status)
	if page.Provision, err = v.provision(f); err != nil {
		return err
	}
	return v.fillPayoff(page, f)
}

func (v *visit) fillSchedule(page *loanPage, s view.ScheduleStatus, owed []servicing.Owed) {
	next := true
	for _, in := range s.Instalments {
		a := in.Asked
		row := instalmentRow{
			Number: in.Number, Due: in.Due, Principal: a.Principal, Interest: a.Interest, IVA: a.InterestIVA + a.FeeIVA, Total: in.Total, Balance: in.Balance,
			OwedTotal: in.Owed.Sum(),
		}
		switch in.Status {
		case view.InstalmentPaid:
			row.State, row.Row = pill{"good", v.say("Paid")}, "is-done"
		case view.InstalmentOverdue:
			row.State, row.Row = pill{"bad", v.say("{n} {n|day|days} late", "n", s.Date.Since(in.Due))}, "is-late"
			row.Owed = v.whyOwed(owed, in, s.Date)
		case view.InstalmentDue:
			row.State, row.Row = pill{"next", v.say("Due today")}, "is-next"
			row.Owed, next = v.whyOwed(owed, in, s.Date), false
		default:
			row.State = pill{"off", v.say("To come")}
			if next {
				row.State, row.Row, next = pill{"next", v.say("Next")}, "is-next", false
			}
		}
		page.Total += in.Total
		page.Instalments = append(page.Instalments, row)
	}
	page.Chart = v.scheduleChart(s)
}

// explain unfolds the row that the address asks for, as long as the contract's schedule is in
// force.
func (v *visit) explain(page *loanPage, f *view.LoanFile) {
	if len(f.Versions) != 1 || len(page.Instalments) != len(f.Contract.Rows) {
		return
	}
	asked := v.r.URL.Query().Get("why")
	for i := range page.Instalments {
		row := &page.Instalments[i]
		if number := fmt.Sprint(row.Number); number == asked {
			row.Ask, row.Formulas = v.with("why", ""), v.rowFormulas(f.Contract.Explain().Rows[i], f.Contract.Rows[i])
		} else {
			row.Ask = v.with("why", number)
		}
	}
}

// parts lists the components of an amount that are not zero.
func (v *visit) parts(a servicing.Amounts) (all []part) {
	for _, c := range product.Components {
		if amount := a.Of(c); amount != 0 {
			all = append(all, part{capital(text.Of(v.lang, c)), amount})
		}
	}
	return all
}

func (v *visit) fillPayments(page *loanPage, f *view.LoanFile) {
	for i := len(f.Transactions) - 1; i >= 0; i-- {
		m := f.Transactions[i]
		if !m.IsPayment() {
			continue
		}
		a := m.Split.Amounts()
		row := paymentRow{
			Folio: m.Folio, Date: m.ValueDate, Means: v.means(m.Means), Principal: a.Principal, Interest: a.Interest + a.PenaltyInterest,
			IVA: a.InterestIVA + a.PenaltyInterestIVA + a.FeeIVA, Amount: m.Amount, Reversed: !m.ReversedBy.IsZero(),
			Path: receiptPath(f.Loan.Number, m.Folio), Payment: strings.TrimSuffix(receiptPath(f.Loan.Number, m.Folio), "/receipt"),
		}
		if !row.Reversed {
			page.PaidTotal += m.Amount
		}
		page.Payments = append(page.Payments, row)
	}
}

// means returns the text of how money came in.
func (v *visit) means(m settlement.Means) string {
	s := capital(text.Of(v.lang, m.Normal().Method))
	if m.Reference != "" {
		s += ", " + m.Reference
	}
	return s
}

func (v *visit) fillTerms(page *loanPage, f *view.LoanFile, s view.ScheduleStatus) {
	t := s.Contract.Terms
	page.Figures = v.figures(f.Contract)
	page.Terms = []fact{
		{v.say("Product"), f.Product.Name},
		{v.say("Annual rate"), v.say("{rate} fixed, without IVA", "rate", t.AnnualRate)},
		{v.say("CAT"), v.say("{cat} without IVA", "cat", s.Contract.CAT.Percent()+"\u00a0%")},
		{v.say("Term"), v.say("{n} {n|payment|payments}, {frequency}", "n", len(f.Contract.Rows), "frequency", t.Frequency)},
		{v.say("Penalty interest"), text.Of(v.lang, f.Product.PenaltyInterest.Rate)},
		{v.say("Disbursed"), text.Of(v.lang, f.Account.Opened)},
	}
}

func (v *visit) fillPayoff(page *loanPage, f *view.LoanFile) (err error) {
	page.PayoffForm, err = v.form(nil)
	if err != nil {
		return err
	}
	page.PayoffForm.Values = v.r.URL.Query()
	var flaws fault.Flaws
	on := page.PayoffForm.date("payoff_on", &flaws)
	if page.PayoffForm.Get("payoff_on") == "" {
		page.PayoffForm.Values.Set("payoff_on", fieldDate(v.today))
	}
	err = flaws.Err()
	if err == nil {
		page.Payoff, err = f.Payoff(on, v.today)
	}
	if err != nil {
		if _, shown := page.PayoffForm.wrong(v, err, map[string]string{"date": "payoff_on"}); !shown {
			return err
		}
		page.Payoff, err = f.Payoff(civil.Date{}, v.today)
	}
	if err == nil {
		page.PayoffParts = v.parts(page.Payoff.Amounts)
		page.PayoffWhy, err = v.whyPayoff(f, page.Payoff)
	}
	return err
}

// receiptPath returns the address of a receipt.
func receiptPath(number, receipt folio.Number) string {
	return fmt.Sprintf("%s%s/payments/%s/receipt", loansPath, folio.Loan.Print(number), folio.Receipt.Print(receipt))
}
