package api

import (
	"cmp"
	"net/http"
	"time"

	"sofipo/api/seedform"
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
	"sofipo/core/wire"
	"sofipo/view"
	"sofipo/web"
)

var _ = mount(26, []operation{
	listing(operation{
		path: loansPath, id: "read_loans_api_v1_loans__get", tag: loansTag, summary: "List loans", permission: loan.Read,
		about:    "Lists loans in any state, newest first, within the scope of the user's role. `sort=days_past_due` and `sort=-days_past_due` list only overdue loans." + limitedPages,
		refusals: []fault.Code{accounting.NoDailyPositions},
	}, func(c *call, by view.By, in *loansInput) (view.Listed[LoanListed], error) {
		p, err := c.server.View.Loans(c.request.Context(), by, in.query(c.server.Location))
		return eachListed(p, loanListed), err
	}),
	listing(operation{
		path: "/api/v1/loans/applications", id: "read_applications_api_v1_loans_applications_get", tag: loansTag, summary: "List loan applications", permission: loan.Read,
		about: "Lists loans that are not disbursed, newest first, within the scope of the user's role." + limitedPages,
	}, func(c *call, by view.By, in *applicationsInput) (view.Listed[LoanListed], error) {
		p, err := c.server.View.Loans(c.request.Context(), by, in.query(c.server.Location))
		return eachListed(p, loanListed), err
	}),
	listing(operation{
		path: "/api/v1/payments", id: "read_payments_api_v1_payments_get", tag: loansTag, summary: "List payments", permission: loan.Read,
		about: "Lists the payments on all loans, newest first, within the scope of the user's role, including recoveries and reversed payments." + limitedPages,
	}, func(c *call, by view.By, in *paymentsInput) (view.Listed[PaymentListed], error) {
		q, err := in.query()
		if err != nil {
			return view.Listed[PaymentListed]{}, err
		}
		p, err := c.server.View.ListPayments(c.request.Context(), by, q)
		return eachListed(p, paymentListed), err
	}),
})

const (
	loansPath    = "/api/v1/loans/"
	limitedPages = " If few rows match, a page may have fewer results than `limit`, or none: it has examined a limited number of rows, and the next page goes on from there."
)

// listing makes an operation that reads a page of a list, with links to both neighbours.
func listing[Out, In any, P listInput[In]](o operation, ask func(*call, view.By, P) (view.Listed[Out], error)) operation {
	o.method, o.status, o.effect = http.MethodGet, http.StatusOK, lists
	return plain[[]Out](o, func(_ *server, c *call, in *In) error {
		by, err := c.viewer()
		if err == nil {
			err = P(in).Check()
		}
		if err != nil {
			return err
		}
		page, err := ask(c, by, in)
		if err != nil {
			return err
		}
		if page.Items == nil {
			page.Items = []Out{}
		}
		c.link(page.Next, page.Previous)
		c.answer(o.status, wire.JSON(nil, page.Items))
		return nil
	})
}

// listInput is a pointer to an input that can refuse impossible combinations.
type listInput[In any] interface {
	*In
	Check() error
}

// link sets the Link header with the neighbouring pages.
func (c *call) link(next, previous view.Place) {
	if links := web.Links(c.request.URL, placeText(next), placeText(previous)); links != "" {
		c.Header().Set("Link", links)
	}
}

func placeText(p view.Place) string {
	if p.ID.IsZero() {
		return ""
	}
	return p.String()
}

func eachListed[From, To any](p view.Listed[From], one func(From) To) view.Listed[To] {
	return view.Listed[To]{Items: each(p.Items, one), Next: p.Next, Previous: p.Previous}
}

// neighbours selects a page of a list after or before a row.
type neighbours struct {
	Limit  int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of results."`
	After  *id.ID `query:"after" doc:"Return results after the one with this id. The Link header has the URL of the next page."`
	Before *id.ID `query:"before" doc:"Return results before the one with this id, in the same order. The Link header has the URL of the previous page. Not together with after."`
	tableFormat
}

func (n *neighbours) window() view.Window {
	return view.Window{After: view.Place{ID: given(n.After)}, Before: view.Place{ID: given(n.Before)}, Limit: n.Limit}
}

// check refuses a page both after and before a row.
func (n *neighbours) check(f *fault.Flaws) {
	unless(f, n.After == nil || n.Before == nil, fault.At("before", seedform.NotTogether, "other", "after"))
}

// unless adds a flaw if the condition is false.
func unless(f *fault.Flaws, ok bool, flaw fault.Flaw) {
	if !ok {
		f.Add(flaw)
	}
}

// ownedInput selects rows by branch and officer.
type ownedInput struct {
	Branch  *id.ID  `query:"branch_id" doc:"Filter by branch."`
	Officer *string `query:"officer" doc:"Filter by loan officer. Empty for rows without an officer." example:"ana"`
}

func (o *ownedInput) owned() view.Owned {
	return view.Owned{Branch: given(o.Branch), Officer: o.Officer}
}

// periodInput selects rows by date.
type periodInput struct {
	From *civil.Date `query:"from" doc:"First date, in the institution's time zone." example:"2026-01-01"`
	To   *civil.Date `query:"to" doc:"Last date, inclusive." example:"2026-01-31"`
}

func (p *periodInput) check(f *fault.Flaws) {
	unless(f, p.From == nil || p.To == nil || !p.To.Before(*p.From), fault.At("to", seedform.NotBelow, "other", "from"))
}

// times returns the period of the dates in a time zone.
func (p *periodInput) times(zone *time.Location) (t view.Times) {
	start := func(d civil.Date) time.Time {
		return time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, zone).UTC()
	}
	if p.From != nil {
		t.From = start(*p.From)
	}
	if p.To != nil {
		t.To = start(p.To.AddDays(1))
	}
	return t
}

// amountsInput selects rows by amount.
type amountsInput struct {
	AmountFrom *money.Amount `query:"amount_from" doc:"Lowest amount in pesos." example:"1000.00"`
	AmountTo   *money.Amount `query:"amount_to" doc:"Highest amount in pesos." example:"50000.00"`
}

func (a *amountsInput) check(f *fault.Flaws) {
	unless(f, a.AmountFrom == nil || a.AmountTo == nil || *a.AmountFrom <= *a.AmountTo, fault.At("amount_to", seedform.NotBelow, "other", "amount_from"))
}

func (a *amountsInput) span() view.Span[money.Amount] {
	return view.Span[money.Amount]{From: a.AmountFrom, To: a.AmountTo}
}

// loansInput selects loans.
type loansInput struct {
	ClientID *id.ID  `query:"client_id" doc:"Filter by client."`
	Status   *string `query:"status" enum:"APPLIED,RETURNED,APPROVED,REJECTED,ACTIVE,RESTRUCTURED,PAID_OFF,WRITTEN_OFF,CANCELLED" doc:"Filter by status." example:"APPLIED"`
	Product  *string `query:"product" doc:"Filter by product code." example:"seed"`
	ownedInput
	periodInput
	amountsInput
	DaysFrom *int64 `query:"days_past_due_from" minimum:"0" maximum:"100000" doc:"Lowest number of days past due at the end of the last closed day." example:"30"`
	DaysTo   *int64 `query:"days_past_due_to" minimum:"0" maximum:"100000" doc:"Highest number of days past due at the end of the last closed day." example:"90"`
	Sort     string `query:"sort" default:"-date" enum:"date,-date,amount,-amount,days_past_due,-days_past_due" doc:"Order: by date of the disbursement (of the application before it), principal, or days past due. A hyphen means descending."`
	neighbours
}

// Check refuses impossible combinations.
func (in *loansInput) Check() error {
	var f fault.Flaws
	in.periodInput.check(&f)
	in.amountsInput.check(&f)
	unless(&f, in.DaysFrom == nil || in.DaysTo == nil || *in.DaysFrom <= *in.DaysTo, fault.At("days_past_due_to", seedform.NotBelow, "other", "days_past_due_from"))
	in.neighbours.check(&f)
	return f.Err()
}

func (in *loansInput) query(zone *time.Location) view.LoanQuery {
	return view.LoanQuery{
		Owned: in.owned(), Client: given(in.ClientID), Status: loan.Status(given(in.Status)), Product: given(in.Product), Granted: in.times(zone), Amount: in.span(),
		DaysPastDue: view.Span[int64]{From: in.DaysFrom, To: in.DaysTo}, Order: view.Order(in.Sort), Window: in.window(),
	}
}

// applicationsInput selects loans that are not disbursed.
type applicationsInput struct {
	ClientID *id.ID  `query:"client_id" doc:"Filter by client."`
	Status   *string `query:"status" enum:"APPLIED,RETURNED,APPROVED,REJECTED,CANCELLED" doc:"Filter by status." example:"APPLIED"`
	Product  *string `query:"product" doc:"Filter by product code." example:"seed"`
	ownedInput
	periodInput
	amountsInput
	Sort string `query:"sort" default:"-date" enum:"date,-date" doc:"Order: by date of the application. A hyphen means descending."`
	neighbours
}

// Check refuses impossible combinations.
func (in *applicationsInput) Check() error {
	var f fault.Flaws
	in.periodInput.check(&f)
	in.amountsInput.check(&f)
	in.neighbours.check(&f)
	return f.Err()
}

func (in *applicationsInput) query(zone *time.Location) view.LoanQuery {
	return view.LoanQuery{
		Owned: in.owned(), Client: given(in.ClientID), Status: loan.Status(given(in.Status)), Product: given(in.Product), Granted: in.times(zone), Amount: in.span(),
		Applications: true, Order: view.Order(in.Sort), Window: in.window(),
	}
}

// LoanListed is a loan or an application in a list.
type LoanListed struct {
	ID          id.ID        `json:"id" doc:"Loan id."`
	Number      string       `json:"number" doc:"Number with its check digit." example:"P-100-014"`
	ClientID    id.ID        `json:"client_id" doc:"Client id."`
	ClientName  string       `json:"client_name" doc:"Full name of the client."`
	Product     string       `json:"product" doc:"Product code."`
	Status      loan.Status  `json:"status" doc:"Status."`
	Amount      money.Amount `json:"amount" doc:"Principal in pesos."`
	Balance     money.Amount `json:"current_balance" doc:"Outstanding principal in pesos."`
	DaysPastDue int64        `json:"days_past_due" doc:"Days past due at the end of the last closed day."`
	GrantedAt   time.Time    `json:"granted_at" doc:"Time of the disbursement; before it, of the application."`
	Opened      civil.Date   `json:"disbursed_on,omitzero" doc:"Business date of the disbursement. Absent before it."`
	BranchID    id.ID        `json:"branch_id" doc:"Branch of the loan."`
	Officer     string       `json:"officer,omitempty" doc:"User name of the loan officer. Absent without one."`
}

func loanListed(r view.LoanRow) LoanListed {
	return LoanListed{r.ID, folio.Loan.Print(r.Number), r.ClientID, r.ClientName, r.Product, r.Status, r.Amount, r.Balance, r.DaysPastDue, r.GrantedAt, r.Opened, r.BranchID, r.Officer}
}

// paymentsInput selects payments.
type paymentsInput struct {
	ClientID *id.ID             `query:"client_id" doc:"Filter by client."`
	LoanID   *id.ID             `query:"loan_id" doc:"Filter by loan."`
	Status   *string            `query:"status" enum:"APPLIED,REVERSED" doc:"Filter by status." example:"APPLIED"`
	Product  *string            `query:"product" doc:"Filter by product code." example:"seed"`
	Branch   *id.ID             `query:"branch_id" doc:"Filter by the branch where the payment was received."`
	Officer  *string            `query:"officer" doc:"Filter by officer of the loan. Empty for loans without an officer." example:"ana"`
	Method   *settlement.Method `query:"method" enum:"cash,transfer,cheque,card,payroll_deduction,shop" doc:"Filter by payment method."`
	Till     *id.ID             `query:"till" doc:"Filter by till."`
	periodInput
	amountsInput
	Sort   string  `query:"sort" default:"-date" enum:"date,-date" doc:"Order: by business date. A hyphen means descending."`
	Limit  int64   `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of results."`
	After  *string `query:"after" doc:"Return results after this place. The Link header has the URL of the next page."`
	Before *string `query:"before" doc:"Return results before this place, in the same order. The Link header has the URL of the previous page. Not together with after."`
	tableFormat
}

// Check refuses impossible combinations.
func (in *paymentsInput) Check() error {
	var f fault.Flaws
	in.periodInput.check(&f)
	in.amountsInput.check(&f)
	unless(&f, in.After == nil || in.Before == nil, fault.At("before", seedform.NotTogether, "other", "after"))
	return f.Err()
}

func (in *paymentsInput) query() (q view.PaymentQuery, err error) {
	q = view.PaymentQuery{
		Officer: in.Officer, Branch: given(in.Branch), Client: given(in.ClientID), Loan: given(in.LoanID), Product: given(in.Product), Method: given(in.Method), Till: given(in.Till),
		From: given(in.From), To: given(in.To), Amount: in.span(), Order: view.Order(in.Sort), Window: view.Window{Limit: in.Limit},
	}
	if in.Status != nil {
		reversed := *in.Status == string(servicing.Reversed)
		q.Reversed = &reversed
	}
	if q.After, err = view.ParsePlace(given(in.After)); err != nil {
		return q, fault.Wrong(fault.At("after", fault.PageStart))
	}
	if q.Before, err = view.ParsePlace(given(in.Before)); err != nil {
		return q, fault.Wrong(fault.At("before", fault.PageStart))
	}
	return q, nil
}

// PaymentListed is a payment in a list.
type PaymentListed struct {
	ID           id.ID             `json:"id" doc:"Transaction id."`
	Folio        string            `json:"folio,omitempty" doc:"Folio of the receipt, with its check digit." example:"R-100-014"`
	LoanID       id.ID             `json:"loan_id" doc:"Loan id."`
	LoanNumber   string            `json:"loan_number" doc:"Number of the loan." example:"P-100-014"`
	ClientID     id.ID             `json:"client_id" doc:"Client id."`
	ClientName   string            `json:"client_name" doc:"Full name of the client."`
	Kind         servicing.Kind    `json:"kind" doc:"Kind of payment: payment, prepayment, advance or recovery."`
	Amount       money.Amount      `json:"amount" doc:"Amount in pesos."`
	BusinessDate civil.Date        `json:"business_date" doc:"Business date on which it was registered."`
	ValueDate    civil.Date        `json:"value_date" doc:"Date from which it is effective."`
	At           time.Time         `json:"payment_date" doc:"Time of the registration."`
	Status       string            `json:"status" doc:"APPLIED or REVERSED."`
	Method       settlement.Method `json:"method" doc:"Payment method."`
	Reference    string            `json:"reference,omitempty" doc:"Reference of the payment, such as a tracking key."`
	Till         id.ID             `json:"till,omitzero" doc:"Till of a cash payment."`
	BranchID     id.ID             `json:"branch_id" doc:"Branch where it was received."`
}

func paymentListed(r view.PaymentRow) PaymentListed {
	out := PaymentListed{
		ID: r.ID, LoanID: r.LoanID, LoanNumber: folio.Loan.Print(r.LoanNumber), ClientID: r.ClientID, ClientName: r.ClientName, Kind: r.Kind, Amount: r.Amount,
		BusinessDate: r.BusinessDate, ValueDate: r.ValueDate, At: r.At, Status: string(r.Status), Method: cmp.Or(r.Method, settlement.Transfer), Reference: r.Reference,
		Till: r.TillID, BranchID: cmp.Or(r.BranchID, staff.HeadOffice),
	}
	if r.Folio != 0 {
		out.Folio = folio.Receipt.Print(r.Folio)
	}
	return out
}

// clientsInput selects clients. Without the fields of our own, the list is the seed's.
type clientsInput struct {
	pageInput
	Before *id.ID `query:"before" doc:"Return results before the one with this id, in the same order. The Link header has the URL of the previous page. Not together with after."`
	ownedInput
	periodInput
	Sort *string `query:"sort" enum:"registered,-registered,name,-name" doc:"Order: by time of registration, the default, or by name. A hyphen means descending."`
}

// Check refuses impossible combinations.
func (in *clientsInput) Check() error {
	var f fault.Flaws
	in.check(&f)
	unless(&f, in.After == nil || in.Before == nil, fault.At("before", seedform.NotTogether, "other", "after"))
	unless(&f, in.Skip == 0 || !in.own(), fault.At("skip", seedform.NotTogether, "other", "before, branch_id, officer, from, to, sort"))
	return f.Err()
}

// own reports whether the list is filtered, sorted or read backwards.
func (in *clientsInput) own() bool {
	return in.Before != nil || in.Branch != nil || in.Officer != nil || in.From != nil || in.To != nil || in.Sort != nil
}

// listClients answers with the list of the seed, or with a filtered one.
func listClients(s *server, c *call, in *clientsInput) error {
	by, err := c.viewer()
	if err == nil {
		err = in.Check()
	}
	if err != nil {
		return err
	}
	if !in.own() {
		page, err := s.View.Clients(c.request.Context(), by, in.page())
		if err != nil {
			return err
		}
		c.linkNext(page.Next)
		c.answer(http.StatusOK, appendAll(nil, page.Items))
		return nil
	}
	page, err := s.View.ListClients(c.request.Context(), by, view.ClientQuery{
		Owned: in.owned(), Registered: in.times(s.Location), Order: view.Order(or(in.Sort, string(view.FirstClient))),
		Window: view.Window{After: view.Place{ID: given(in.After)}, Before: view.Place{ID: given(in.Before)}, Limit: in.Limit},
	})
	if err != nil {
		return err
	}
	c.link(page.Next, page.Previous)
	c.answer(http.StatusOK, appendAll(nil, page.Items))
	return nil
}
