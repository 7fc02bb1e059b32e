package lending

import (
	"fmt"
	"strings"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/imports"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/mx"
)

// ImportLoans takes a chunk of loans from another system. The balance becomes the principal from
// today on, with a schedule over the remaining periods; what was overdue keeps its due date. Loans
// with the ids of stored ones change nothing. Refused with imports.OtherKind.
type ImportLoans struct {
	imports.Chunk
	Product    string // of the rows that name none
	NoInterest bool   // the loans bear no interest from today on
	Rows       []core.Loan
}

// Name returns the operation's name.
func (*ImportLoans) Name() string { return "import_loans" }

// Check accepts every command: the rows were checked when they were read.
func (*ImportLoans) Check(bank.Rules) error { return nil }

// Needs requests the import, the loans with the ids, the clients and the products.
func (c *ImportLoans) Needs(n *bank.Needs) {
	c.Need(n)
	codes := map[string]bool{}
	for _, row := range c.Rows {
		loanByID.Need(n, row.ID)
		if row.ClientID.IsZero() {
			clients.ByClaim.Need(n, mx.NormalizeRFC(row.ClientRFC))
		} else {
			clients.ByID.Need(n, row.ClientID)
		}
		if code := c.product(row); !codes[code] {
			codes[code] = true
			productByCode.Need(n, code)
		}
	}
}

// product returns the code of the product of a row.
func (c *ImportLoans) product(row core.Loan) string {
	if row.Product == "" {
		return c.Product
	}
	return strings.ToLower(row.Product)
}

// Decide stages the loans.
func (c *ImportLoans) Decide(b *bank.Book) (imports.Answer, error) {
	w, err := c.Begin(b)
	if err != nil || w.Again() {
		return w.End(b, nil), err
	}
	byRFC := map[string]id.ID{}
	for o := range clients.Clients.All(b) {
		if !mx.RFC(o.RFC).IsGeneric() { // which many clients share
			byRFC[o.RFC] = o.ID
		}
	}
	var stale []string
	for _, row := range c.Rows {
		if Loans.At(b, row.ID) != nil {
			w.Known++
			continue
		}
		if row.ClientID.IsZero() {
			row.ClientID = byRFC[mx.NormalizeRFC(row.ClientRFC)]
		}
		opening, flaw, err := c.take(b, row)
		switch {
		case err != nil:
			return imports.Answer{}, err
		case flaw.Rule != "":
			w.Reject(b, row.Line, flaw, "")
		default:
			w.Take(b, opening.Principal, opening.Findings)
			stale = append(stale, client.StatementCacheKey(row.ClientID), client.LoansCacheKey(row.ClientID))
		}
	}
	return w.End(b, stale), nil
}

// take stages a loan. The rule of the flaw is empty if the loan is taken.
func (c *ImportLoans) take(b *bank.Book, row core.Loan) (o core.Opening, flaw fault.Flaw, err error) {
	borrower, err := clients.Find(b, row.ClientID)
	if err != nil {
		return o, fault.At(string(core.ClientNumber), core.ClientKnown), nil
	}
	p, found := product.InForce(productVersions(b, c.product(row)), b.Today())
	if !found {
		return o, fault.At(string(core.ProductCode), core.ProductKnown), nil
	}
	if row.GrantedAt.IsZero() {
		row.GrantedAt = b.Now()
	}
	row.GrantedAt = b.Local(row.GrantedAt) // its day of the month is that of the institution
	o = row.Open(p, b.Today())
	if len(o.Flaws) > 0 {
		return o, o.Flaws[0], nil
	}
	l := Loan{Stored: Stored{Loan: loan.Loan{
		ID: row.ID, ClientID: row.ClientID, Amount: row.Amount, Rate: row.Rate, TermMonths: int32(row.Term), Status: o.Status, GrantedAt: row.GrantedAt,
		Product: p.Code, ProductVersion: int32(p.Version), Periods: int32(max(1, o.Periods)), AppliedBy: b.Actor(), ApprovedBy: b.Actor(),
		BranchID: borrower.BranchID, Officer: borrower.Officer,
	}}}
	terms := schedule.Terms{}
	if o.Status == loan.Active {
		if terms, err = c.terms(p, row, o, b.Today()); err != nil {
			return o, fault.At(string(core.TermMonths), core.RowForm), nil
		}
	}
	l.Number = b.Folio(folio.Loan, l.BranchID)
	borrower.Loans++
	clients.Clients.Change(b, borrower)
	if o.Status != loan.Active {
		l.Opened = civil.DateOf(b.Local(row.GrantedAt))
	}
	Loans.Add(b, l)
	if o.Status == loan.Active {
		if err := takeOver(b, l, p, terms, brought(row, b.Today())); err != nil {
			return o, fault.Flaw{}, err
		}
	}
	imports.TakenLoans.Add(b, imports.Taken{
		LoanID: row.ID, ClientID: row.ClientID, ImportID: c.Import, Line: row.Line, Number: row.Number, Status: row.Status,
		Balance: row.Balance, Principal: o.Principal, DaysPastDue: row.DaysPastDue, Owed: row.Interest + row.IVA + row.PenaltyInterest,
	})
	return o, fault.Flaw{}, nil
}

// terms returns the terms of the schedule from today on. If the principal is too small for the
// remaining periods, it is due in one.
func (c *ImportLoans) terms(p product.Product, row core.Loan, o core.Opening, today civil.Date) (t schedule.Terms, err error) {
	annual := row.Rate
	if c.NoInterest {
		annual = 0
	}
	for _, periods := range []int{o.Periods, 1} {
		t = p.Imported(o.Principal, annual, periods, today, o.FirstDue)
		if _, _, err = servicing.Import(accountOf(p, t), brought(row, today)); err == nil {
			return t, nil
		}
	}
	return t, err
}

// accountOf returns the account of new terms, or one without instalments if they have no schedule.
func accountOf(p product.Product, t schedule.Terms) servicing.Account {
	plan, err := schedule.Plan(t)
	if err != nil {
		return servicing.Account{}
	}
	return servicing.Open(p, plan)
}

// brought returns what a loan owes, due and unpaid.
func brought(row core.Loan, today civil.Date) servicing.Brought {
	return servicing.Brought{Due: today.AddDays(-int(row.DaysPastDue)), Owed: servicing.Amounts{
		Principal: row.OverduePrincipal, Interest: row.Interest, InterestIVA: row.IVA, PenaltyInterest: row.PenaltyInterest,
	}}
}

// takeOver stages the account of a loan, its schedule, its first transaction and its entry.
func takeOver(b *bank.Book, l Loan, p product.Product, t schedule.Terms, owed servicing.Brought) error {
	plan, err := schedule.Plan(t)
	if err != nil {
		return fmt.Errorf("loan %s: %w", l.ID, err)
	}
	after, split, err := servicing.Import(servicing.Open(p, plan), owed)
	if err != nil {
		return fmt.Errorf("loan %s: %w", l.ID, err)
	}
	split.Operation = 0
	m := servicing.Transaction{
		ID: b.NewID(), At: b.Now(), Kind: servicing.ImportKind, ValueDate: split.Date, BusinessDate: b.Today(), Status: servicing.InForce, Split: split,
		LoanID: l.ID, ClientID: l.ClientID, Actor: b.Actor(),
	}
	entry := entries.Imported(booking(b, l, m), t.Amount, owed.Owed)
	m.Entry = entry.ID
	l.Stage, l.Account, l.Opened, l.FirstDue = risk.Stage1, after, t.Disbursement, plan.Terms.FirstDue
	storeLoan(b, &l, true)
	Transactions.Add(b, Transaction{Transaction: m, ClientID: l.ClientID})
	return b.Post(entry)
}
