package view

import (
	"context"
	"maps"
	"slices"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Reports are not cached. Reports of a closed day never change and could be, but the
// portfolio takes only milliseconds from a small table, and few people request the lists.

// ClosedDay returns the day of a report: the requested one, or the last closed day if
// requested is zero. Refused with accounting.NoDailyPositions for a day that is not closed,
// and with access.Forbidden.
func (v *View) ClosedDay(ctx context.Context, by By, requested civil.Date) (civil.Date, error) {
	if err := by.may(risk.ReadReports); err != nil {
		return civil.Date{}, err
	}
	day, _, err := v.closedDay(ctx, requested, by.Need)
	return day, err
}

// closedDay is ClosedDay with the number of daily positions written for the day.
func (v *View) closedDay(ctx context.Context, requested civil.Date, need uint64) (day civil.Date, loans int64, err error) {
	var last civil.Date
	batch := &db.Batch{}
	batch.Query("SELECT max(day) FROM business_days WHERE status = 'CLOSED'", func(s db.Scanner) error { return s.Scan(&last) })
	batch.Query("SELECT day, positions FROM business_days WHERE status = 'CLOSED' AND day = coalesce($1::date, (SELECT max(day) FROM business_days WHERE status = 'CLOSED'))",
		func(s db.Scanner) error { return s.Scan(&day, &loans) }, requested)
	if err = v.ask(ctx, need, batch, func() { last, day, loans = civil.Date{}, civil.Date{}, 0 }); err == nil && day.IsZero() {
		err = noDailyPositions(requested, last)
	}
	return day, loans, err
}

// noDailyPositions returns the refusal for a day that is not closed.
func noDailyPositions(requested, last civil.Date) error {
	if last.IsZero() {
		return fault.Refuse(accounting.NoDailyPositions)
	}
	return fault.Refuse(accounting.NoDailyPositions, "date", requested, "last_closed_day", last).Because(accounting.NotClosedYet)
}

// Portfolio is the loan portfolio of a day, by product and in total.
type Portfolio struct {
	Date     civil.Date      // the day; figures are of its end
	Products []PortfolioPart // products with loans or recent write-offs, in the order of the codes
	Total    PortfolioPart   // all products
}

// PortfolioPart is the portfolio of a product, or of all products, with its indicators.
type PortfolioPart struct {
	Product string            // product code; empty for the total
	Name    string            // product name
	Buckets []PortfolioBucket // by days past due, all buckets, least overdue first
	Sums    PortfolioSums     // totals of all buckets

	Overdue    money.Amount // cartera vencida: principal and interest in the books of the loans in stage 3, pesos
	WrittenOff money.Amount // principal and interest written off in the twelve months to the day, pesos
	IMOR       risk.Ratio   // overdue to total portfolio, per cent; null for an empty portfolio
	IMORA      risk.Ratio   // IMOR with write-offs added to both sides, per cent
	ICOR       risk.Ratio   // provision and reserve to overdue, per cent; null if nothing is overdue
	PAR1       risk.Ratio   // principal of loans at least 1 day overdue to total principal, per cent
	PAR30      risk.Ratio   // the same for more than 30 days, per cent
	PAR90      risk.Ratio   // the same for more than 90 days, per cent
}

// PortfolioBucket has the loans in a bucket of days past due.
type PortfolioBucket struct {
	Bucket string // name of the bucket
	PortfolioSums
}

// PortfolioSums are totals of daily positions.
type PortfolioSums struct {
	Loans            int64        // number of loans
	Balance          money.Amount // outstanding principal, pesos
	OverduePrincipal money.Amount // principal past its due date, pesos
	Interest         money.Amount // accrued and uncollected interest in the books, pesos
	Suspended        money.Amount // suspended interest (memorandum), income only when collected, pesos
	IVA              money.Amount // uncollected IVA on interest that fell due, pesos
	Provision        money.Amount // provision (EPRC) for the principal and interest, pesos
	Reserve          money.Amount // reserve for the interest of stage 3, pesos
}

func (s PortfolioSums) plus(o PortfolioSums) PortfolioSums {
	return PortfolioSums{
		s.Loans + o.Loans, s.Balance + o.Balance, s.OverduePrincipal + o.OverduePrincipal, s.Interest + o.Interest,
		s.Suspended + o.Suspended, s.IVA + o.IVA, s.Provision + o.Provision, s.Reserve + o.Reserve,
	}
}

// Portfolio returns the portfolio of a closed day, from the totals that its close wrote.
// Refused with accounting.NoDailyPositions or JournalDetached, or access.Forbidden.
func (v *View) Portfolio(ctx context.Context, by By, requested civil.Date) (Portfolio, error) {
	day, err := v.ClosedDay(ctx, by, requested)
	if err != nil {
		return Portfolio{}, err
	}
	year := day.AddMonths(-12, int(day.Day)) // write-offs after it count
	g := newPortfolioBuilder()
	batch := &db.Batch{}
	batch.Query(`SELECT product, days_past_due, stage, loans, balance, overdue_principal, interest, suspended, iva, provision, reserve FROM portfolio WHERE day = $1`,
		func(s db.Scanner) error {
			var x risk.Position
			var sums PortfolioSums
			if err := s.Scan(&x.Product, &x.Days, &x.Stage, &sums.Loans, &sums.Balance, &sums.OverduePrincipal, &sums.Interest, &sums.Suspended, &sums.IVA, &sums.Provision, &sums.Reserve); err != nil {
				return err
			}
			x.Sums = risk.Sums{Count: sums.Loans, Balance: sums.Balance, Interest: sums.Interest, Provision: sums.Provision + sums.Reserve}
			return g.add(x, sums)
		}, day)
	batch.Query(writtenOff, func(s db.Scanner) error {
		var product string
		var amount money.Amount
		err := s.Scan(&product, &amount)
		g.of(product).WrittenOff = amount
		return err
	}, year, day)
	batch.Query(selectProduct+"ORDER BY code, version", func(s db.Scanner) error {
		p, err := scanProduct(s)
		g.names[p.Code] = p.Name
		return err
	})
	begins := v.detached(batch)
	if err := v.ask(ctx, by.Need, batch, func() { g = newPortfolioBuilder() }); err != nil {
		return Portfolio{}, err
	}
	return g.portfolio(day), begins.from(year.AddDays(1))
}

// writtenOff selects the principal and interest written off after day $1 and up to day $2, by
// product: what write-offs charged to provisions, less what reversals gave back. The entries
// are found by the memorandum account of written-off loans, which few other entries use. The
// cross joins make SQLite read the tables in this order.
const writtenOff = `SELECT l.product, sum(c.debit - c.credit)::bigint
	FROM journal_accounts w CROSS JOIN posted c CROSS JOIN loans l
	WHERE w.account = '7102' AND w.business_date > $1 AND w.business_date <= $2
		AND c.entry_id = w.entry_id AND c.kind IN ('loan_written_off', 'loan_written_off_reversed') AND c.account = '6201' AND l.id = c.subject
	GROUP BY l.product`

// portfolioBuilder adds up the rows of a portfolio.
type portfolioBuilder struct {
	risk  risk.Portfolio
	parts map[string]*PortfolioPart
	names map[string]string
}

func newPortfolioBuilder() *portfolioBuilder {
	return &portfolioBuilder{parts: map[string]*PortfolioPart{}, names: map[string]string{}}
}

// of returns the part of a product and creates it if necessary.
func (g *portfolioBuilder) of(product string) *PortfolioPart {
	p := g.parts[product]
	if p == nil {
		p = newPart()
		p.Product = product
		g.parts[product] = p
	}
	return p
}

func newPart() *PortfolioPart {
	p := &PortfolioPart{}
	for _, b := range risk.Buckets() {
		p.Buckets = append(p.Buckets, PortfolioBucket{Bucket: b.String()})
	}
	return p
}

func (g *portfolioBuilder) add(x risk.Position, sums PortfolioSums) error {
	p := g.of(x.Product)
	b := &p.Buckets[risk.BucketOf(x.Days)]
	b.PortfolioSums = b.plus(sums)
	p.Sums = p.Sums.plus(sums)
	return g.risk.Add(x)
}

// portfolio computes the indicators and the total.
func (g *portfolioBuilder) portfolio(day civil.Date) Portfolio {
	total := newPart()
	out := Portfolio{Date: day}
	for _, code := range slices.Sorted(maps.Keys(g.parts)) {
		p := g.parts[code]
		p.Name = g.names[code]
		p.indicate(g.risk.Of(code))
		out.Products = append(out.Products, *p)
		for i := range p.Buckets {
			total.Buckets[i].PortfolioSums = total.Buckets[i].plus(p.Buckets[i].PortfolioSums)
		}
		total.Sums = total.Sums.plus(p.Sums)
		total.WrittenOff += p.WrittenOff
	}
	total.indicate(g.risk)
	out.Total = *total
	return out
}

// indicate sets the indicators.
func (p *PortfolioPart) indicate(of risk.Portfolio) {
	p.Overdue = of.Overdue().Total()
	p.IMOR, p.IMORA, p.ICOR = of.IMOR(), of.IMORA(p.WrittenOff), of.ICOR()
	p.PAR1, p.PAR30, p.PAR90 = of.PAR(risk.PAR1), of.PAR(risk.PAR30), of.PAR(risk.PAR90)
}
