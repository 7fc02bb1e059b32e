package lending

import (
	"cmp"
	"errors"
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
			w.Reject(b, core.FindingOf(row.Line, row.ID, flaw, core.Rejected))
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
	row.GrantedAt = b.Local(row.GrantedAt) // its day of the month is that of the institution
	o = row.Open(p, b.Today())
	if o.Flaw.Rule != "" {
		return o, o.Flaw, nil
	}
	l := Loan{Stored: Stored{Loan: loan.Loan{
		ID: row.ID, ClientID: row.ClientID, Amount: row.Amount, Rate: row.Rate, TermMonths: int32(row.Term), Status: o.Status, GrantedAt: row.GrantedAt,
		Product: p.Code, ProductVersion: int32(p.Version), Periods: 1, AppliedBy: b.Actor(), ApprovedBy: b.Actor(),
		BranchID: borrower.BranchID, Officer: borrower.Officer,
	}}}
	l.Opened = civil.DateOf(row.GrantedAt)
	var first opened
	if o.Status == loan.Active {
		if first, err = c.open(p, row, o, b.Today()); err != nil {
			flaw, err = flawOf(err)
			return o, flaw, err
		}
		l.Periods = int32(first.plan.Terms.Periods)
	}
	l.Number = b.Folio(folio.Loan, l.BranchID)
	borrower.Loans++
	clients.Clients.Change(b, borrower)
	Loans.Add(b, l)
	if o.Status == loan.Active {
		if err := takeOver(b, l, first); err != nil {
			return o, fault.Flaw{}, err
		}
	}
	TakenLoans.Add(b, TakenLoan{
		LoanID: row.ID, ClientID: row.ClientID, ImportID: c.Import, Line: row.Line, Number: row.Number, Status: row.Status,
		Balance: row.Balance, Principal: o.Principal, DaysPastDue: row.DaysPastDue, Owed: row.Interest + row.IVA + row.PenaltyInterest,
	})
	return o, fault.Flaw{}, nil
}

// opened is a loan on the day of its import: its schedule, its account with what was overdue, and
// the split of its first transaction.
type opened struct {
	plan    schedule.Schedule
	account servicing.Account
	split   servicing.Split
	owed    servicing.Amounts
}

// open returns how a loan goes on from today. If the principal is too small for the remaining
// periods, it is due in one.
func (c *ImportLoans) open(p product.Product, row core.Loan, o core.Opening, today civil.Date) (first opened, err error) {
	annual := row.Rate
	if c.NoInterest {
		annual = 0
	}
	brought := servicing.Brought{Due: today.AddDays(-int(row.DaysPastDue)), Owed: servicing.Amounts{
		Principal: row.OverduePrincipal, Interest: row.Interest, InterestIVA: row.IVA, PenaltyInterest: row.PenaltyInterest,
	}}
	first.owed = brought.Owed
	for _, periods := range []int{o.Periods, 1} {
		if first.plan, err = schedule.Plan(p.Imported(o.Principal, annual, periods, today, o.FirstDue)); err != nil {
			continue
		}
		if first.account, first.split, err = servicing.Import(servicing.Open(p, first.plan), brought); err == nil {
			break
		}
	}
	return first, err
}

// columns has the columns of the fields of a schedule and an account.
var columns = map[string]core.Field{
	"amount": core.Principal, "annual_rate": core.InterestRate, "first_due_date": core.NextDue, "days_past_due": core.DaysPastDue, "overdue_principal": core.OverduePrincipal,
}

// flawOf returns the flaw of the row whose loan cannot go on, or an error that is not about the
// row.
func flawOf(err error) (fault.Flaw, error) {
	var refused *fault.Error
	if !errors.As(err, &refused) || len(refused.Flaws) == 0 {
		return fault.Flaw{}, err
	}
	flaw := refused.Flaws[0]
	flaw.Path = []any{string(cmp.Or(columns[flaw.Name()], core.TermMonths))}
	return flaw, nil
}

// takeOver stages the account of a loan, its schedule, its first transaction and its entry.
func takeOver(b *bank.Book, l Loan, first opened) error {
	terms := first.plan.Terms
	first.split.Operation = 0
	m := servicing.Transaction{
		ID: b.NewID(), At: b.Now(), Kind: servicing.ImportKind, ValueDate: first.split.Date, BusinessDate: b.Today(), Status: servicing.InForce, Split: first.split,
		LoanID: l.ID, ClientID: l.ClientID, Actor: b.Actor(),
	}
	entry := entries.Imported(booking(b, l, m), terms.Amount, first.owed)
	m.Entry = entry.ID
	l.Stage, l.Account, l.Opened, l.FirstDue = risk.Stage1, first.account, terms.Disbursement, terms.FirstDue
	storeLoan(b, &l, true)
	Transactions.Add(b, Transaction{Transaction: m, ClientID: l.ClientID})
	return b.Post(entry)
}
