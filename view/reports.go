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

// No report is cached. Those of a closed day never change and could be, but the
// portfolio is read from a small table in a few milliseconds, few people ask for
// the lists, and what is asked for once fills a cache for nothing.

// ClosedDay is the day for which a report is made: the one asked for, or the last
// that was closed if none is. A day that is not closed is refused with NoDailyPositions.
func (v *View) ClosedDay(ctx context.Context, by By, asked civil.Date) (civil.Date, error) {
	if err := by.may(risk.ReadReports); err != nil {
		return civil.Date{}, err
	}
	day, _, err := v.closedDay(ctx, asked, by.Need)
	return day, err
}

// closedDay is ClosedDay with how many positions were written for the day.
func (v *View) closedDay(ctx context.Context, asked civil.Date, need uint64) (day civil.Date, loans int64, err error) {
	var last civil.Date
	batch := &db.Batch{}
	batch.Query("SELECT max(day) FROM business_days WHERE status = 'CLOSED'", func(s db.Scanner) error { return s.Scan(&last) })
	batch.Query("SELECT day, loans FROM business_days WHERE status = 'CLOSED' AND day = coalesce($1::date, (SELECT max(day) FROM business_days WHERE status = 'CLOSED'))",
		func(s db.Scanner) error { return s.Scan(&day, &loans) }, asked)
	if err = v.ask(ctx, need, batch, func() { last, day, loans = civil.Date{}, civil.Date{}, 0 }); err == nil && day.IsZero() {
		err = noDailyPositions(asked, last)
	}
	return day, loans, err
}

// noPositions says which day has some.
func noDailyPositions(asked, last civil.Date) error {
	if last.IsZero() {
		return fault.Refuse(accounting.NoDailyPositions)
	}
	return fault.Refuse(accounting.NoDailyPositions, "date", asked, "last_closed_day", last).Because(accounting.NotClosedYet)
}

// Portfolio is the loans of a day, by product and in all.
type Portfolio struct {
	Date     civil.Date      // the day, at whose end the figures stand
	Products []PortfolioPart // the products that have loans, or had some written off, in the order of their codes
	Total    PortfolioPart   // all products
}

// PortfolioPart is the loans of a product, or of all, with their indicators.
type PortfolioPart struct {
	Product string            // the code of the product; absent of the total
	Name    string            // the name of the product
	Buckets []PortfolioBucket // the loans by days past due, every bucket, the least late first
	Sums    PortfolioSums     // all buckets

	Overdue    money.Amount // cartera vencida: principal and interest in the books of the loans in stage 3, pesos
	WrittenOff money.Amount // principal and interest that left the books by write-offs in the twelve months to the day, pesos
	IMOR       risk.Ratio   // overdue against all, per cent; null of an empty portfolio
	IMORA      risk.Ratio   // the same with what was written off on both sides, per cent
	ICOR       risk.Ratio   // provision and reserve against overdue, per cent; null if nothing is overdue
	PAR1       risk.Ratio   // principal of the loans one day late or more against that of all, per cent
	PAR30      risk.Ratio   // more than 30 days late, per cent
	PAR90      risk.Ratio   // more than 90 days late, per cent
}

// PortfolioBucket is the loans of a bucket.
type PortfolioBucket struct {
	Bucket string // the days past due
	PortfolioSums
}

// PortfolioSums are sums of positions.
type PortfolioSums struct {
	Loans            int64        // how many
	Balance          money.Amount // principal outstanding, pesos
	OverduePrincipal money.Amount // principal whose due date has passed, pesos
	Interest         money.Amount // interest accrued and not collected, in the books, pesos
	Suspended        money.Amount // interest that is no income until it is collected: memorandum, pesos
	IVA              money.Amount // IVA on interest that fell due and is not collected, pesos
	Provision        money.Amount // provided on the balance and the interest in the base (EPRC), pesos
	Reserve          money.Amount // reserved for the interest of stage 3, pesos
}

func (s PortfolioSums) plus(o PortfolioSums) PortfolioSums {
	return PortfolioSums{
		s.Loans + o.Loans, s.Balance + o.Balance, s.OverduePrincipal + o.OverduePrincipal, s.Interest + o.Interest,
		s.Suspended + o.Suspended, s.IVA + o.IVA, s.Provision + o.Provision, s.Reserve + o.Reserve,
	}
}

// Portfolio answers the portfolio of a closed day, from the sums that its close
// wrote. Refused with NoDailyPositions.
func (v *View) Portfolio(ctx context.Context, by By, asked civil.Date) (Portfolio, error) {
	day, err := v.ClosedDay(ctx, by, asked)
	if err != nil {
		return Portfolio{}, err
	}
	g := newGathering()
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
	}, day.AddMonths(-12, int(day.Day)), day)
	batch.Query(selectProduct+"ORDER BY code, version", func(s db.Scanner) error {
		p, err := scanProduct(s)
		g.names[p.Code] = p.Name
		return err
	})
	if err := v.ask(ctx, by.Need, batch, func() { g = newGathering() }); err != nil {
		return Portfolio{}, err
	}
	return g.portfolio(day), nil
}

// writtenOff is the principal and interest that write-offs took out of the books
// after a day and up to another, by product: what they charged to provisions, less
// what reversals gave back. The entries are found by the memorandum account of what
// is written off, which few others touch; read in this order, SQLite keeps to it.
const writtenOff = `SELECT l.product, sum(c.debit - c.credit)::bigint
	FROM journal_accounts w CROSS JOIN posted c CROSS JOIN loans l
	WHERE w.account = '7102' AND w.business_date > $1 AND w.business_date <= $2
		AND c.entry_id = w.entry_id AND c.kind IN ('loan_written_off', 'loan_written_off_reversed') AND c.account = '6201' AND l.id = c.subject
	GROUP BY l.product`

// gathering adds the rows of a portfolio up.
type gathering struct {
	risk  risk.Portfolio
	parts map[string]*PortfolioPart
	names map[string]string
}

func newGathering() *gathering {
	return &gathering{parts: map[string]*PortfolioPart{}, names: map[string]string{}}
}

// of is the part of a product, begun if need be.
func (g *gathering) of(product string) *PortfolioPart {
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

func (g *gathering) add(x risk.Position, sums PortfolioSums) error {
	p := g.of(x.Product)
	b := &p.Buckets[risk.BucketOf(x.Days)]
	b.PortfolioSums = b.plus(sums)
	p.Sums = p.Sums.plus(sums)
	return g.risk.Add(x)
}

// portfolio finishes the parts and sums them.
func (g *gathering) portfolio(day civil.Date) Portfolio {
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

// indicate computes the indicators.
func (p *PortfolioPart) indicate(of risk.Portfolio) {
	p.Overdue = of.Overdue().Total()
	p.IMOR, p.IMORA, p.ICOR = of.IMOR(), of.IMORA(p.WrittenOff), of.ICOR()
	p.PAR1, p.PAR30, p.PAR90 = of.PAR(risk.PAR1), of.PAR(risk.PAR30), of.PAR(risk.PAR90)
}
