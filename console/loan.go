package console

import (
	"fmt"

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
}

// pill is a state with its mark: good, warn, bad, next, off or none.
type pill struct{ Kind, Text string }

// loanPage is a loan at a glance: what it owes, its schedule, its payments and its payoff.
type loanPage struct {
	Number       folio.Number
	Client       string
	ClientNumber folio.Number
	Product      string
	State        pill
	Officer      string
	Running      bool // it owes or will owe something
	DueToday     money.Amount
	Late         string // how many instalments are late, since when
	Next         civil.Date
	NextAmount   money.Amount
	NextDays     int
	Outstanding  money.Amount
	Amount       money.Amount
	PaidShare    rate.Annual // share of the principal that is paid
	Payoff       servicing.Payoff
	PayoffForm   *form
	PayoffParts  []part
	Instalments  []instalmentRow
	Total        money.Amount
	Payments     []paymentRow
	PaidTotal    money.Amount
	Terms        []fact
	Chart        chart
	MayReceive   bool
	Documents    []action
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
	Owed                            []part // with late charges
	OwedTotal                       money.Amount
}

// paymentRow is a payment with its split.
type paymentRow struct {
	Folio                    folio.Number
	Date                     civil.Date
	Means                    string
	Principal, Interest, IVA money.Amount
	Amount                   money.Amount
	Reversed                 bool
	Path                     string
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
	"What is owed of {n}":                   "Lo que debe de la {n}",
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
	"Unapplied funds":                       "Fondos por aplicar",
	"Not disbursed yet":                     "Aún no se entrega",
	"Principal and interest":                "Capital e interés",
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
	page := loanPage{
		Number: f.Loan.Number, Client: f.Client.FullName, ClientNumber: f.Client.Number, Product: f.Product.Name, Officer: f.Loan.Officer,
		Amount: f.Loan.Amount, State: pill{Text: capital(text.Of(v.lang, f.Loan.Status))}, MayReceive: v.may(loan.ReceivePayments),
	}
	if f.Disbursed() == nil {
		if err := v.fillLoan(&page, &f); err != nil {
			return err
		}
	}
	return loanScreen.show(v, page)
}

// fillLoan fills in what a disbursed loan has.
func (v *visit) fillLoan(page *loanPage, f *view.LoanFile) error {
	day, err := f.Day(civil.Date{}, v.today)
	if err != nil {
		return err
	}
	account, err := f.At(day)
	if err != nil {
		return err
	}
	status, err := f.ScheduleStatus(v.today)
	if err != nil {
		return err
	}
	p := layout.PositionOf(account, account, day, day)
	page.Running = servicing.Alive(p.Status)
	page.DueToday, page.Outstanding = p.Owing.Due.Sum(), p.Closing
	page.Next, page.NextAmount = p.Next, p.NextAmount
	if !p.Next.IsZero() {
		page.NextDays = p.Next.Since(day)
	}
	if page.Amount > 0 {
		page.PaidShare = rate.Annual(int64(page.Amount-p.Closing) * 1_000_000 / int64(page.Amount))
	}
	v.fillSchedule(page, status)
	v.fillPayments(page, f)
	v.fillTerms(page, f, status)
	if err := v.fillPayoff(page, f); err != nil {
		return err
	}
	page.Documents = v.loanDocuments(page.Number, p.Status, fieldDate(page.Payoff.Date))
	return nil
}

func (v *visit) fillSchedule(page *loanPage, s view.ScheduleStatus) {
	late, since, worst, next := 0, civil.Date{}, 0, true
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
			days := s.Date.Since(in.Due)
			row.State, row.Row = pill{"bad", v.say("{n} {n|day|days} late", "n", days)}, "is-late"
			if late++; since.IsZero() {
				since, worst = in.Due, days
			}
			row.Owed = v.parts(in.Owed)
		case view.InstalmentDue:
			row.State, row.Row = pill{"next", v.say("Due today")}, "is-next"
			row.Owed, next = v.parts(in.Owed), false
		default:
			row.State = pill{"off", v.say("To come")}
			if next {
				row.State, row.Row, next = pill{"next", v.say("Next")}, "is-next", false
			}
		}
		page.Total += in.Total
		page.Instalments = append(page.Instalments, row)
	}
	switch {
	case late > 0:
		page.State = pill{"bad", v.say("{n} {n|day|days} late", "n", worst)}
		page.Late = v.say("{n} {n|instalment is|instalments are} late since {date}", "n", late, "date", since)
	case page.Running:
		page.State = pill{"good", v.say("Up to date")}
	default:
		page.State = pill{"off", capital(text.Of(v.lang, s.Status))}
	}
	page.Chart = v.scheduleChart(s)
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
			Path: receiptPath(f.Loan.Number, m.Folio),
		}
		if !row.Reversed {
			page.PaidTotal += m.Amount
		}
		page.Payments = append(page.Payments, row)
	}
}

// means says how money came in.
func (v *visit) means(m settlement.Means) string {
	s := capital(text.Of(v.lang, m.Normal().Method))
	if m.Reference != "" {
		s += ", " + m.Reference
	}
	return s
}

func (v *visit) fillTerms(page *loanPage, f *view.LoanFile, s view.ScheduleStatus) {
	t := s.Contract.Terms
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
	page.PayoffParts = v.parts(page.Payoff.Amounts)
	return err
}

// receiptPath returns the address of a receipt.
func receiptPath(number, receipt folio.Number) string {
	return fmt.Sprintf("%s%s/payments/%s/receipt", loansPath, folio.Loan.Print(number), folio.Receipt.Print(receipt))
}
