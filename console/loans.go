package console

import (
	"errors"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/text"
	"sofipo/view"
)

const (
	loanListPath     = Root + "loans"
	applicationsPath = Root + "applications"
	paymentListPath  = Root + "payments"
)

var loanListRoutes = []route{
	{"GET " + loanListPath, loan.Read, (*visit).loans},
	{"GET " + applicationsPath, loan.Read, (*visit).applications},
	{"GET " + paymentListPath, loan.Read, (*visit).payments},
}

// loanList is the list of loans, or that of applications.
type loanList struct {
	Applications     bool
	Tabs             []tab
	Filters          *form
	Statuses         []option
	Products         []option
	Branches         []option
	Officers         []option
	Clear            string
	ByDate, ByAmount heading
	ByDays           heading
	Rows             []loanRow
	Pager            pager
	NoDays           bool // no day was closed yet, so that nothing is known about days past due
}

// loanRow is a loan or an application in a list.
type loanRow struct {
	Number          folio.Number
	Client, Product string
	Branch, Officer string
	Date            civil.Date
	Amount, Balance money.Amount
	Running         bool
	State           pill
	Path            string
}

// paymentList is the list of payments.
type paymentList struct {
	Tabs     []tab
	Filters  *form
	Methods  []option
	Branches []option
	Tills    []option
	Clear    string
	ByDate   heading
	Rows     []receivedRow
	Pager    pager
}

// receivedRow is a payment in a list.
type receivedRow struct {
	Folio    folio.Number
	Date     civil.Date
	Client   string
	Loan     folio.Number
	Means    string
	Branch   string
	Amount   money.Amount
	Reversed bool
	Path     string
}

var (
	loanListScreen    = declare[loanList]("loans")
	paymentListScreen = declare[paymentList]("payments")
)

var loanListPhrases = phrases{
	"All states":                         "Todos",
	"All tills":                          "Todas",
	"Disbursed from":                     "Entregados desde",
	"Disbursed until":                    "Entregados hasta",
	"Filed from":                         "Presentadas desde",
	"Filed until":                        "Presentadas hasta",
	"Amount from":                        "Importe desde",
	"Amount up to":                       "Importe hasta",
	"Days late, at least":                "Días de atraso, como mínimo",
	"Days late, at most":                 "Días de atraso, como máximo",
	"More filters":                       "Más filtros",
	"In the portfolio at the last close": "En cartera al último cierre",
	"No loan is in this list":            "No hay préstamos en esta lista",
	"No application is in this list":     "No hay solicitudes en esta lista",
	"No payment is in this list":         "No hay pagos en esta lista",
	"Remove a filter to see more.":       "Quite algún filtro para ver más.",
	"No day was closed yet, so the days late are not known.": "Aún no se cierra ningún día, por lo que no se conocen los días de atraso.",
	"Received from":  "Recibidos desde",
	"Received until": "Recibidos hasta",
}

// listTabs returns the links between the lists of loans.
func (v *visit) listTabs(path string) []tab {
	all := []tab{{Label: v.say("Loans"), Path: loanListPath}, {Label: v.say("Applications"), Path: applicationsPath}, {Label: v.say("Payments"), Path: paymentListPath}}
	for i := range all {
		all[i].Current = all[i].Path == path
	}
	return all
}

// optionsOf returns the options of a filter: the first one for all, then constants with their texts.
func optionsOf[T ~string](v *visit, all string, values ...T) []option {
	list := []option{{"", all}}
	for _, value := range values {
		list = append(list, option{string(value), capital(text.Of(v.lang, value))})
	}
	return list
}

// among returns the value of a filter if it is one of its options.
func among(f *form, name string, options []option) string {
	for _, o := range options {
		if o.Value == f.Get(name) {
			return o.Value
		}
	}
	return ""
}

// givenDays reads the filters by date, as times at the institution. The last day counts.
func (v *visit) givenDays(f *form, flaws *fault.Flaws) view.Times {
	times, from, to := view.Times{}, f.date("from", flaws), f.date("to", flaws)
	at := func(d civil.Date) time.Time {
		return time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, v.Location)
	}
	if !from.IsZero() {
		times.From = at(from)
	}
	if !to.IsZero() {
		times.To = at(to.AddDays(1))
	}
	return times
}

// amounts reads the filters by amount.
func amounts(f *form, flaws *fault.Flaws) (s view.Span[money.Amount]) {
	for name, end := range map[string]**money.Amount{"least": &s.From, "most": &s.To} {
		if f.Get(name) != "" {
			a := f.amount(name, flaws)
			*end = &a
		}
	}
	return s
}

// late reads the filters by days past due.
func late(f *form, flaws *fault.Flaws) (s view.Span[int64]) {
	for name, end := range map[string]**int64{"late_from": &s.From, "late_to": &s.To} {
		if f.Get(name) == "" {
			continue
		}
		n := int64(f.whole(name, flaws))
		*end = &n
	}
	return s
}

// loans is the list of loans that are or were disbursed.
func (v *visit) loans() error {
	return v.listLoans(loanList{}, []loan.Status{servicing.Active, servicing.Restructured, servicing.PaidOff, servicing.WrittenOff, servicing.Applied, servicing.Returned, servicing.Approved, servicing.Rejected, servicing.Cancelled})
}

// applications is the list of loans that are not disbursed.
func (v *visit) applications() error {
	return v.listLoans(loanList{Applications: true}, []loan.Status{servicing.Applied, servicing.Returned, servicing.Approved, servicing.Rejected, servicing.Cancelled})
}

func (v *visit) listLoans(page loanList, statuses []loan.Status) error {
	if err := v.people(); err != nil {
		return err
	}
	names, err := v.productNames()
	if err != nil {
		return err
	}
	page.Filters, page.Clear = v.filters("status", "product", "branch", "officer", "from", "to", "least", "most", "late_from", "late_to", "portfolio")
	f := page.Filters
	page.Tabs = v.listTabs(v.r.URL.Path)
	page.Branches, page.Officers = v.owners()
	page.Statuses = optionsOf(v, v.say("All states"), statuses...)
	page.Products = names.options(v.say("All products"))
	q := view.LoanQuery{Applications: page.Applications, Status: loan.Status(among(f, "status", page.Statuses)), Product: among(f, "product", page.Products)}
	accepted := []view.Order{view.Newest, view.Oldest, view.Largest, view.Smallest}
	if !page.Applications {
		accepted = append(accepted, view.MostOverdue, view.LeastOverdue)
	}
	q.InPortfolio = !page.Applications && f.Is("portfolio", "on")
	q.Order = order(f, accepted...)
	page.ByDate = v.heading(v.say("Date"), view.Oldest, view.Newest, view.Newest, q.Order)
	page.ByAmount = v.heading(v.say("Amount"), view.Smallest, view.Largest, view.Largest, q.Order)
	page.ByDays = v.heading(v.say("State"), view.LeastOverdue, view.MostOverdue, view.MostOverdue, q.Order)
	var flaws fault.Flaws
	q.Owned, q.Granted, q.Amount, q.DaysPastDue = v.owned(f, &flaws), v.givenDays(f, &flaws), amounts(f, &flaws), late(f, &flaws)
	found, status, err := listed(v, f, flaws, func() (out view.Listed[view.LoanRow], err error) {
		if q.Window, err = v.window(); err != nil {
			return out, err
		}
		return v.View.Loans(v.r.Context(), v.by(), q)
	})
	if fault.Is(err, accounting.NoDailyPositions) {
		page.NoDays, err = true, nil
	}
	if err != nil {
		return err
	}
	for _, l := range found.Items {
		name, err := names.of(v, l.Loan)
		if err != nil {
			return err
		}
		page.Rows = append(page.Rows, v.loanRow(l, name))
	}
	page.Pager = v.pager(len(page.Rows), found.Next, found.Previous)
	return loanListScreen.answer(v, status, page)
}

// listed asks for a page of a list, unless the filters have flaws. These are shown at the filters.
func listed[T any](v *visit, f *form, flaws fault.Flaws, ask func() (view.Listed[T], error)) (out view.Listed[T], status int, err error) {
	if err = flaws.Err(); err == nil {
		out, err = ask()
	}
	var refusal *fault.Error
	if errors.As(err, &refusal) && len(refusal.Flaws) > 0 {
		status, _ = f.wrong(v, err, nil)
		return out, status, nil
	}
	return out, 200, err
}

func (v *visit) loanRow(l view.LoanRow, productName string) loanRow {
	row := loanRow{
		Number: l.Number, Client: l.ClientName, Product: productName, Branch: v.branchName(l.BranchID), Officer: v.person(l.Officer),
		Date: v.dayOf(l.GrantedAt), Amount: l.Amount, Balance: l.Balance, Running: servicing.Alive(l.Status),
		State: v.stateOf(l.Status), Path: loansPath + folio.Loan.Print(l.Number),
	}
	if !l.Opened.IsZero() {
		row.Date = l.Opened
	}
	if row.Running {
		row.State = v.lateness(l.Status, int(l.DaysPastDue))
	}
	return row
}

// stateOf returns the state of a loan that owes nothing yet or any more.
func (v *visit) stateOf(s loan.Status) pill {
	kind := map[loan.Status]string{servicing.Applied: "next", servicing.Returned: "warn", servicing.Approved: "good", servicing.Rejected: "off", servicing.Cancelled: "off", servicing.PaidOff: "off", servicing.WrittenOff: "bad"}[s]
	return pill{kind, capital(text.Of(v.lang, s))}
}

// productNames has the names of products by code, in the order of the codes.
type productNames struct {
	codes []string
	names map[string]string
}

// productNames returns the names of the products in force.
func (v *visit) productNames() (p productNames, err error) {
	p.names = map[string]string{}
	if !v.may(product.Read) {
		return p, nil
	}
	return p, p.add(v, v.today)
}

func (p *productNames) add(v *visit, on civil.Date) error {
	all, err := v.View.Products(v.r.Context(), v.by(), on)
	for _, x := range all {
		if _, known := p.names[x.Code]; !known {
			p.codes, p.names[x.Code] = append(p.codes, x.Code), x.Name
		}
	}
	return err
}

// of returns the name of a loan's product, which may no longer be in force.
func (p *productNames) of(v *visit, l loan.Loan) (string, error) {
	if _, known := p.names[l.Product]; !known && v.may(product.Read) {
		if err := p.add(v, v.dayOf(l.GrantedAt)); err != nil {
			return "", err
		}
	}
	return p.names[l.Product], nil
}

func (p *productNames) options(all string) []option {
	list := []option{{"", all}}
	for _, code := range p.codes {
		list = append(list, option{code, p.names[code]})
	}
	return list
}

// payments is the list of payments.
func (v *visit) payments() error {
	if err := v.people(); err != nil {
		return err
	}
	page := paymentList{Tabs: v.listTabs(paymentListPath)}
	page.Filters, page.Clear = v.filters("method", "branch", "till", "from", "to")
	f := page.Filters
	page.Branches, _ = v.owners()
	page.Methods = optionsOf(v, v.say("All methods"), settlement.Cash, settlement.Transfer, settlement.Cheque, settlement.Card, settlement.PayrollDeduction, settlement.Shop)
	if err := v.tillOptions(&page); err != nil {
		return err
	}
	q := view.PaymentQuery{Method: settlement.Method(among(f, "method", page.Methods)), Order: order(f, view.Newest, view.Oldest)}
	page.ByDate = v.heading(v.say("Date"), view.Oldest, view.Newest, view.Newest, q.Order)
	var flaws fault.Flaws
	q.From, q.To, q.Branch = f.date("from", &flaws), f.date("to", &flaws), v.owned(f, &flaws).Branch
	if till := among(f, "till", page.Tills); till != "" {
		var err error
		if q.Till, err = id.Parse(till); err != nil {
			return err
		}
	}
	found, status, err := listed(v, f, flaws, func() (out view.Listed[view.PaymentRow], err error) {
		if q.Window, err = v.window(); err != nil {
			return out, err
		}
		return v.View.ListPayments(v.r.Context(), v.by(), q)
	})
	if err != nil {
		return err
	}
	for _, m := range found.Items {
		page.Rows = append(page.Rows, receivedRow{
			Folio: m.Folio, Date: m.BusinessDate, Client: m.ClientName, Loan: m.LoanNumber, Means: v.means(m.Means), Branch: v.branchName(m.BranchID),
			Amount: m.Amount, Reversed: !m.ReversedBy.IsZero(), Path: receiptPath(m.LoanNumber, m.Folio),
		})
	}
	page.Pager = v.pager(len(page.Rows), found.Next, found.Previous)
	return paymentListScreen.answer(v, status, page)
}

// tillOptions fills in the filter by till, for those who may see tills.
func (v *visit) tillOptions(page *paymentList) error {
	if !v.may(settlement.Read) {
		return nil
	}
	tills, err := v.View.Tills(v.r.Context(), v.by(), view.Paging{Limit: 500})
	page.Tills = []option{{"", v.say("All tills")}}
	for _, t := range tills.Items {
		if t.VaultOf.IsZero() {
			page.Tills = append(page.Tills, option{t.ID.String(), t.Name + ", " + v.branchName(t.BranchID)})
		}
	}
	return err
}
