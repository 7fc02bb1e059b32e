package view

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Collections is a page of the loans with something to collect on a day.
type Collections struct {
	Date  civil.Date       // the day
	Loans Page[Collection] // in id order
}

// Collection is what a loan must pay on a day.
type Collection struct {
	Loan            id.ID        // loan id
	Number          string       // number of the loan, as people write it
	Client          id.ID        // client id
	Name            string       // client's name
	RFC             string       // client's RFC
	Product         string       // product code
	Instalment      int          // number of the oldest unpaid instalment
	OldestDue       civil.Date   // due date of that instalment
	DaysPastDue     int          // days since OldestDue; 0 if nothing is overdue
	Due             money.Amount // due on the day, pesos
	Overdue         money.Amount // due earlier, with late charges, pesos
	Principal       money.Amount // principal, pesos
	Interest        money.Amount // ordinary interest, pesos
	PenaltyInterest money.Amount // penalty interest, pesos
	Charges         money.Amount // fees and insurance, pesos
	IVA             money.Amount // IVA on interest, penalty interest and fees, pesos
	Total           money.Amount // Due plus Overdue; also the sum of the components, pesos
}

// daysAhead is the maximum number of days ahead for which collections are computed.
const daysAhead = 31

const (
	outlooksAtOnce = 10_000 // outlooks read in one query
	accountsAtOnce = 500    // accounts read in one batch, as two concurrent queries
)

// Collections returns a page of what is to be collected on a day if nothing more is paid
// until then. The day must be the business date or one of the next 31 days; a zero requested
// date means the business date. For past days use Delinquency. Refused with Invalid or
// access.Forbidden.
//
// Daily positions do not say what falls due, and computing every schedule would be slow. But
// each loan that owes nothing has a stored outlook of a few bytes with the date until which
// nothing falls due. So Collections reads only the outlooks, in id order, and computes the
// accounts of the loans with no outlook or an expired one. It reads as many outlooks as the
// page needs. Each query reads its own snapshot; each loan is read in one snapshot.
func (v *View) Collections(ctx context.Context, by By, requested, clock civil.Date, part Paging) (out Collections, err error) {
	if err := by.may(risk.ReadReports); err != nil {
		return out, err
	}
	today, err := v.BusinessDate(ctx, clock, by.Need)
	if err != nil {
		return out, err
	}
	out.Date = today
	if !requested.IsZero() {
		out.Date = requested
		first := today
		if !part.After.IsZero() {
			first = today.AddDays(-1) // the business date may change between two pages
		}
		if err := between("date", requested, first, today.AddDays(daysAhead)); err != nil {
			return out, err
		}
	}
	products, err := v.allProducts(ctx)
	if err != nil {
		return out, asFault(err)
	}
	few, err := v.fewLoans(ctx, by.Need, by.owner(risk.ReadReports))
	if err != nil {
		return out, err
	}
	for last, more := part.After, true; more; {
		var candidates []id.ID
		if candidates, last, more, err = v.mayOwe(ctx, by, few, out.Date, last); err != nil {
			return out, err
		}
		for len(candidates) > 0 {
			n := min(accountsAtOnce, len(candidates))
			loans, err := v.inHalves(ctx, out.Date, candidates[:n], products, by.Need)
			if err != nil {
				return out, err
			}
			out.Loans.Items = append(out.Loans.Items, loans...)
			if int64(len(out.Loans.Items)) >= part.Limit {
				out.Loans = pageOf(out.Loans.Items[:part.Limit], part.Limit, func(c Collection) id.ID { return c.Loan })
				return out, nil
			}
			candidates = candidates[n:]
		}
	}
	return out, nil
}

// mayOwe reads the outlooks of the next active loans in the reader's scope. It returns the loans that may have
// something to pay on the day, the last loan read, and whether there may be more.
func (v *View) mayOwe(ctx context.Context, by By, few fewLoans, day civil.Date, from id.ID) (some []id.ID, last id.ID, more bool, err error) {
	var passed int
	batch := &db.Batch{}
	args := []any{after(from), int64(outlooksAtOnce)}
	inScope := by.within(risk.ReadReports, "l", &args) + few.among("l.id", &args)
	batch.Query("SELECT l.id, l.outlook FROM loans l WHERE l.id > $1 AND l.status IN ('ACTIVE', 'RESTRUCTURED')"+inScope+" ORDER BY l.id LIMIT $2", func(s db.Scanner) error {
		var stored []byte
		if err := s.Scan(&last, &stored); err != nil {
			return err
		}
		passed++
		if stored != nil {
			outlook, err := codec.ParseOutlook(stored)
			if err != nil {
				return fmt.Errorf("loan %s: %w", last, err)
			}
			if day.Before(outlook.Until) {
				return nil
			}
		}
		some = append(some, last)
		return nil
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { some, last, passed = nil, from, 0 })
	return some, last, passed == outlooksAtOnce, err
}

// productVersion is the key of a product version.
type productVersion struct {
	code    string
	version int
}

func (v *View) allProducts(ctx context.Context) (map[productVersion]product.Product, error) {
	all := map[productVersion]product.Product{}
	batch := &db.Batch{}
	batch.Query(selectProduct, func(s db.Scanner) error {
		p, err := scanProduct(s)
		all[productVersion{p.Code, p.Version}] = p
		return err
	})
	return all, v.db.ReadPrimary(ctx, batch)
}

// owingLoan is a loan with what is needed to compute the amount due.
type owingLoan struct {
	Collection
	product     productVersion
	version     servicing.Version
	plan, state []byte

	overdueInstalments int
	late               risk.DaysPastDue
}

// inHalves runs toCollect for two halves concurrently: the database works on one half while
// the accounts of the other are computed.
func (v *View) inHalves(ctx context.Context, day civil.Date, loans []id.ID, products map[productVersion]product.Product, need uint64) ([]Collection, error) {
	var due [2][]Collection
	var failures [2]error
	var group sync.WaitGroup
	half := (len(loans) + 1) / 2
	for i, some := range [][]id.ID{loans[:half], loans[half:]} {
		group.Go(func() {
			failures[i] = fault.Guarded(func() (err error) {
				due[i], err = v.toCollect(ctx, day, some, products, need)
				return err
			})
		})
	}
	group.Wait()
	return append(due[0], due[1]...), errors.Join(failures[:]...)
}

// toCollect returns what the loans must pay on the day, without loans that owe nothing.
func (v *View) toCollect(ctx context.Context, day civil.Date, loans []id.ID, products map[productVersion]product.Product, need uint64) (due []Collection, err error) {
	all, err := v.owing(ctx, day, loans, products, need)
	for _, l := range all {
		due = append(due, l.Collection)
	}
	return due, err
}

// owing is toCollect with the number of overdue instalments.
func (v *View) owing(ctx context.Context, day civil.Date, loans []id.ID, products map[productVersion]product.Product, need uint64) (due []*owingLoan, err error) {
	var all []*owingLoan
	batch := &db.Batch{}
	batch.Query(`SELECT l.id, l.number, l.client_id, c.full_name, c.rfc, l.product, l.product_version, l.state, v.number, v.effective_from, v.reason, v.terms, v.level, v.plan
		FROM loans l JOIN clients c ON c.id = l.client_id JOIN loan_versions v ON v.loan_id = l.id AND v.serial = l.version WHERE l.id = ANY($1::uuid[]) ORDER BY l.id`,
		func(s db.Scanner) error {
			var l owingLoan
			var terms string
			var number folio.Number
			err := s.Scan(&l.Loan, &number, &l.Client, &l.Name, &l.RFC, &l.product.code, &l.product.version, &l.state,
				&l.version.Number, &l.version.From, &l.version.Reason, &terms, &l.version.Level, &l.plan)
			if err == nil {
				err = codec.ParseTerms(&l.version.Terms, terms)
			}
			l.Number = folio.Loan.Print(number)
			all = append(all, &l)
			return err
		}, loans)
	if err = v.ask(ctx, need, batch, func() { all = nil }); err != nil {
		return nil, err
	}
	for _, l := range all {
		account, err := codec.RestoreNear(products[l.product], l.version, l.plan, l.state, day)
		if err != nil {
			return nil, fmt.Errorf("loan %s: %w", l.Loan, err)
		}
		l.Product = l.product.code
		o := servicing.Due(account, day)
		if l.add(o, day); l.Total > 0 {
			l.late.Instalment = o.DaysPastDue
			for _, line := range o.Lines {
				if !line.Due.Before(day) {
					continue
				}
				l.overdueInstalments++
				if line.Amounts.Principal > 0 {
					l.late.Principal = max(l.late.Principal, line.DaysLate)
				}
				if line.Amounts.Interest+line.Amounts.InterestIVA > 0 {
					l.late.Interest = max(l.late.Interest, line.DaysLate)
				}
			}
			due = append(due, l)
		}
	}
	return due, nil
}

// add adds what the loan owes for instalments due up to the day.
func (c *Collection) add(o servicing.Owing, day civil.Date) {
	c.DaysPastDue = o.DaysPastDue
	for _, line := range o.Lines {
		if line.Due.After(day) {
			break // it may be paid early but is not due
		}
		if c.Instalment == 0 {
			c.Instalment, c.OldestDue = line.Instalment, line.Due
		}
		a := line.Amounts
		if line.Due == day {
			c.Due += a.Sum()
		} else {
			c.Overdue += a.Sum()
		}
		c.Principal += a.Principal
		c.Interest += a.Interest
		c.PenaltyInterest += a.PenaltyInterest
		c.Charges += a.Fee + a.Insurance
		c.IVA += a.InterestIVA + a.PenaltyInterestIVA + a.FeeIVA
		c.Total += a.Sum()
	}
}
