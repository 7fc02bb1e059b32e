package api

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/document"
	"sofipo/view"
)

type onClosedDay struct {
	Date *civil.Date `query:"date" doc:"A closed day; the last one if left out."`
}

type portfolioInput struct {
	onClosedDay
	reportFormat
}

func portfolioAnswer(q inquiry, in *portfolioInput) (Portfolio, id.ID, error) {
	p, err := q.View.Portfolio(q.ctx, q.by, given(in.Date))
	return portfolioOf(p), id.ID{}, err
}

func portfolioTable(q inquiry, in *portfolioInput) (document.File, error) {
	p, err := q.View.Portfolio(q.ctx, q.by, given(in.Date))
	return q.issuer().Portfolio(p), err
}

// pageOfLoans says which part of a list of loans is wanted.
type pageOfLoans struct {
	Limit int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"The most loans to give, of json."`
	After *id.ID `query:"after" doc:"Begin behind the loan with this id; the Link header of each full page has the next."`
}

func (p *pageOfLoans) page() view.Paging { return view.Paging{After: given(p.After), Limit: p.Limit} }

type delinquencyInput struct {
	onClosedDay
	Bucket  *string `query:"bucket" enum:"1-7,8-30,31-60,61-89,90-120,121-180,181+" doc:"Only those with so many days past due."`
	Product *string `query:"product" doc:"Only those of the product with this code." example:"seed"`
	pageOfLoans
	reportFormat
}

func (in *delinquencyInput) which() view.Late {
	return view.Late{Bucket: given(in.Bucket), Product: given(in.Product)}
}

func delinquencyAnswer(q inquiry, in *delinquencyInput) (Delinquency, id.ID, error) {
	d, err := q.View.Delinquency(q.ctx, q.by, given(in.Date), in.which(), in.page())
	return delinquencyOf(d), d.Loans.Next, err
}

func delinquencyTable(q inquiry, in *delinquencyInput) (document.File, error) {
	day, err := q.View.ClosedDay(q.ctx, q.by, given(in.Date))
	return q.issuer().Delinquency(day, func(part view.Paging) (view.Page[view.DelinquentLoan], error) {
		d, err := q.View.Delinquency(q.ctx, q.by, day, in.which(), part)
		return d.Loans, err
	}), err
}

type collectionsInput struct {
	Date *civil.Date `query:"date" doc:"The day: the business date, which is the default, or one of the next 31 days."`
	pageOfLoans
	reportFormat
}

func collectionsAnswer(q inquiry, in *collectionsInput) (Collections, id.ID, error) {
	c, err := q.View.Collections(q.ctx, q.by, given(in.Date), q.today(), in.page())
	return collectionsOf(c), c.Loans.Next, err
}

func collectionsTable(q inquiry, in *collectionsInput) (document.File, error) {
	first, err := q.View.Collections(q.ctx, q.by, given(in.Date), q.today(), view.Paging{Limit: 1})
	return q.issuer().Collections(first.Date, func(part view.Paging) (view.Page[view.Collection], error) {
		c, err := q.View.Collections(q.ctx, q.by, first.Date, q.today(), part)
		return c.Loans, err
	}), err
}

type moneyInput struct {
	booksRange
	reportFormat
}

// mostDays is the longest range of days that a report is made of.
const mostDays = 366

// span is the first and the last day, which are at most so many.
func (in *moneyInput) span(today civil.Date) (from, to civil.Date, err error) {
	if from, to, err = in.days(today); err == nil && to.Since(from) >= mostDays {
		err = fault.Wrong(fault.At("from", fault.WithinDays, "days", mostDays, "earliest", to.AddDays(1-mostDays)))
	}
	return from, to, err
}

func (in *moneyInput) moved(q inquiry) (view.MoneyMoved, error) {
	today, err := q.View.BusinessDate(q.ctx, q.today(), q.by.Need)
	if err != nil {
		return view.MoneyMoved{}, err
	}
	from, to, err := in.span(today)
	if err != nil {
		return view.MoneyMoved{}, err
	}
	return q.View.MoneyMoved(q.ctx, q.by, from, to)
}

func moneyAnswer(q inquiry, in *moneyInput) (MoneyMoved, id.ID, error) {
	m, err := in.moved(q)
	return moneyMovedOf(m), id.ID{}, err
}

func moneyTable(q inquiry, in *moneyInput) (document.File, error) {
	m, err := in.moved(q)
	return q.issuer().MoneyMoved(m), err
}

type positionsInput struct {
	loanByID
	booksRange
	reportFormat
}

func (in *positionsInput) positions(q inquiry) (all []view.DailyPosition, err error) {
	err = q.onToday(q.ctx, q.by, func(today civil.Date) error {
		from, to, err := in.days(today)
		if err == nil {
			all, err = q.View.DailyPositions(q.ctx, q.by, in.LoanID, from, to)
		}
		return err
	})
	return all, err
}

func positionsAnswer(q inquiry, in *positionsInput) ([]DailyPosition, id.ID, error) {
	all, err := in.positions(q)
	return each(all, func(p view.DailyPosition) DailyPosition { return DailyPosition(p) }), id.ID{}, err
}

func positionsTable(q inquiry, in *positionsInput) (document.File, error) {
	all, err := in.positions(q)
	return q.issuer().Positions(in.LoanID, all), err
}
