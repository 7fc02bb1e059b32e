package view

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Collections is what is to be collected on a day, a page of it.
type Collections struct {
	Date  civil.Date       // the day
	Loans Page[Collection] // those that have something due, in the order of their ids
}

// Collection is what a loan has to pay on a day.
type Collection struct {
	Loan            id.ID        // the id of the loan
	Client          id.ID        // the id of the client
	Name            string       // the client's name
	RFC             string       // the client's RFC
	Product         string       // the code of the product
	Instalment      int          // the number of the oldest instalment that is to be paid
	OldestDue       civil.Date   // its due date
	DaysPastDue     int          // since the due date of the oldest instalment that is not fully paid; 0 if all are due on the day
	Due             money.Amount // of the instalment that is due on the day, pesos
	Overdue         money.Amount // of the instalments due before it, with what being late costs, pesos
	Principal       money.Amount // principal, pesos
	Interest        money.Amount // ordinary interest, pesos
	PenaltyInterest money.Amount // penalty interest, pesos
	Charges         money.Amount // fees and insurance, pesos
	IVA             money.Amount // IVA on interest, penalty interest and fees, pesos
	Total           money.Amount // to collect: due and overdue, which is also the sum of the components, pesos
}

// daysAhead is how far ahead it can be asked what is to be collected.
const daysAhead = 31

const (
	outlooks  = 10_000 // loans whose outlooks are read in one trip
	collected = 500    // loans whose accounts are looked at, in two trips at once
)

// Collections answers a page of what is to be collected on a day if nothing more is
// paid until then: the business date, which is that of the clock unless days were
// closed ahead of it, or one of the next 31 days. Days of the past are not answered:
// what was late on them is Delinquency. Refused with Invalid.
//
// Positions do not say what falls due, and every schedule would have to be looked at
// to know. But each loan that owes nothing has its outlook, a few bytes that tell
// until when nothing will be due. So the loans are passed in the order of their ids,
// outlooks only, and the engine is asked for those whose outlook has ended by the
// day, or who have none since they owe already. A page reads as many outlooks as it
// takes to fill it; each trip is a snapshot of its own, and each loan is of one.
func (v *View) Collections(ctx context.Context, by By, asked, clock civil.Date, part Paging) (out Collections, err error) {
	if err := by.may(risk.ReadReports); err != nil {
		return out, err
	}
	today, err := v.BusinessDate(ctx, clock, by.Need)
	if err != nil {
		return out, err
	}
	out.Date = today
	if !asked.IsZero() {
		out.Date = asked
		first := today
		if !part.After.IsZero() {
			first = today.AddDays(-1) // the day may turn between two pages
		}
		if err := between("date", asked, first, today.AddDays(daysAhead)); err != nil {
			return out, err
		}
	}
	products, err := v.allProducts(ctx)
	if err != nil {
		return out, asFault(err)
	}
	for last, more := part.After, true; more; {
		var candidates []id.ID
		if candidates, last, more, err = v.mayOwe(ctx, out.Date, last, by.Need); err != nil {
			return out, err
		}
		for len(candidates) > 0 {
			n := min(collected, len(candidates))
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

// mayOwe passes the next loans that are alive and gives those that may have
// something to pay on the day; the last loan that was passed, and whether there may
// be more.
func (v *View) mayOwe(ctx context.Context, day civil.Date, from id.ID, need uint64) (some []id.ID, last id.ID, more bool, err error) {
	var passed int
	batch := &db.Batch{}
	batch.Query("SELECT id, outlook FROM loans WHERE id > $1 AND status IN ('ACTIVE', 'RESTRUCTURED') ORDER BY id LIMIT $2", func(s db.Scanner) error {
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
	}, after(from), int64(outlooks))
	err = v.ask(ctx, need, batch, func() { some, last, passed = nil, from, 0 })
	return some, last, passed == outlooks, err
}

// productVersion names a version of a product.
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

// owingLoan is a loan that is being asked what it owes.
type owingLoan struct {
	Collection
	product     productVersion
	version     servicing.Version
	plan, state []byte
}

// inHalves is toCollect of two halves at once: the database works for one while the
// accounts of the other are looked at.
func (v *View) inHalves(ctx context.Context, day civil.Date, loans []id.ID, products map[productVersion]product.Product, need uint64) ([]Collection, error) {
	var due [2][]Collection
	var failures [2]error
	var group sync.WaitGroup
	half := (len(loans) + 1) / 2
	for i, some := range [][]id.ID{loans[:half], loans[half:]} {
		group.Go(func() {
			defer func() { // of this goroutine nobody else would catch it
				if p := recover(); p != nil {
					failures[i] = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
			}()
			due[i], failures[i] = v.toCollect(ctx, day, some, products, need)
		})
	}
	group.Wait()
	return append(due[0], due[1]...), errors.Join(failures[:]...)
}

// toCollect gives what the loans have to pay on the day, those that have to.
func (v *View) toCollect(ctx context.Context, day civil.Date, loans []id.ID, products map[productVersion]product.Product, need uint64) (due []Collection, err error) {
	var all []*owingLoan
	batch := &db.Batch{}
	batch.Query(`SELECT l.id, l.client_id, c.full_name, c.rfc, l.product, l.product_version, l.state, v.number, v.effective_from, v.reason, v.terms, v.level, v.plan
		FROM loans l JOIN clients c ON c.id = l.client_id JOIN loan_versions v ON v.loan_id = l.id AND v.serial = l.version WHERE l.id = ANY($1::uuid[]) ORDER BY l.id`,
		func(s db.Scanner) error {
			var l owingLoan
			var terms string
			err := s.Scan(&l.Loan, &l.Client, &l.Name, &l.RFC, &l.product.code, &l.product.version, &l.state,
				&l.version.Number, &l.version.From, &l.version.Reason, &terms, &l.version.Level, &l.plan)
			if err == nil {
				err = codec.ParseTerms(&l.version.Terms, terms)
			}
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
		if l.owe(servicing.Due(account, day), day); l.Total > 0 {
			due = append(due, l.Collection)
		}
	}
	return due, nil
}

// owe takes what a loan owes, of the instalments due by the day.
func (c *Collection) owe(o servicing.Owing, day civil.Date) {
	c.DaysPastDue = o.DaysPastDue
	for _, line := range o.Lines {
		if line.Due.After(day) {
			break // it may be paid already, but need not be
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
