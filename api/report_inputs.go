package api

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/document"
	"sofipo/view"
)

type onClosedDay struct {
	Date *civil.Date `query:"date" doc:"Closed day of the report. Defaults to the last closed day."`
}

type portfolioInput struct {
	onClosedDay
	tableFormat
}

func portfolioAnswer(q reportRequest, in *portfolioInput) (Portfolio, id.ID, error) {
	p, err := q.View.Portfolio(q.ctx, q.by, given(in.Date))
	return portfolioOf(p), id.ID{}, err
}

func portfolioTable(q reportRequest, in *portfolioInput) (document.File, error) {
	p, err := q.View.Portfolio(q.ctx, q.by, given(in.Date))
	return q.issuer.Portfolio(p), err
}

// pageOfLoans selects a page of a list of loans.
type pageOfLoans struct {
	Limit int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of loans in the JSON format."`
	After *id.ID `query:"after" doc:"Return loans after the loan with this id. The Link header has the URL of the next page."`
}

func (p *pageOfLoans) page() view.Paging { return view.Paging{After: given(p.After), Limit: p.Limit} }

type delinquencyInput struct {
	onClosedDay
	Bucket  *string `query:"bucket" enum:"1-7,8-30,31-60,61-89,90-120,121-180,181+" doc:"Filter by range of days past due."`
	Product *string `query:"product" doc:"Filter by product code." example:"seed"`
	pageOfLoans
	tableFormat
}

func (in *delinquencyInput) which() view.Late {
	return view.Late{Bucket: given(in.Bucket), Product: given(in.Product)}
}

func delinquencyAnswer(q reportRequest, in *delinquencyInput) (Delinquency, id.ID, error) {
	d, err := q.View.Delinquency(q.ctx, q.by, given(in.Date), in.which(), in.page())
	return delinquencyOf(d), d.Loans.Next, err
}

func delinquencyTable(q reportRequest, in *delinquencyInput) (document.File, error) {
	day, err := q.View.ClosedDay(q.ctx, q.by, given(in.Date))
	return q.issuer.Delinquency(day, func(part view.Paging) (view.Page[view.DelinquentLoan], error) {
		d, err := q.View.Delinquency(q.ctx, q.by, day, in.which(), part)
		return d.Loans, err
	}), err
}

type collectionsInput struct {
	Date *civil.Date `query:"date" doc:"Date of collection: the business date, which is the default, or one of the next 31 days."`
	pageOfLoans
	tableFormat
}

func collectionsAnswer(q reportRequest, in *collectionsInput) (Collections, id.ID, error) {
	c, err := q.View.Collections(q.ctx, q.by, given(in.Date), q.today(), in.page())
	return collectionsOf(c), c.Loans.Next, err
}

func collectionsTable(q reportRequest, in *collectionsInput) (document.File, error) {
	first, err := q.View.Collections(q.ctx, q.by, given(in.Date), q.today(), view.Paging{Limit: 1})
	return q.issuer.Collections(first.Date, func(part view.Paging) (view.Page[view.Collection], error) {
		c, err := q.View.Collections(q.ctx, q.by, first.Date, q.today(), part)
		return c.Loans, err
	}), err
}

type moneyInput struct {
	booksRange
	tableFormat
}

// maxDays is the longest period of a report.
const maxDays = 366

// span is the first and the last day, which are at most so many.
func (in *moneyInput) span(today civil.Date) (from, to civil.Date, err error) {
	if from, to, err = in.days(today); err == nil && to.Since(from) >= maxDays {
		err = fault.Wrong(fault.At("from", fault.WithinDays, "days", maxDays, "earliest", to.AddDays(1-maxDays)))
	}
	return from, to, err
}

func (in *moneyInput) moved(q reportRequest) (view.MoneyMoved, error) {
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

func moneyAnswer(q reportRequest, in *moneyInput) (MoneyMoved, id.ID, error) {
	m, err := in.moved(q)
	return moneyMovedOf(m), id.ID{}, err
}

func moneyTable(q reportRequest, in *moneyInput) (document.File, error) {
	m, err := in.moved(q)
	return q.issuer.MoneyMoved(m), err
}

type positionsInput struct {
	loanByID
	booksRange
	tableFormat
}

func (in *positionsInput) positions(q reportRequest) (all []view.DailyPosition, err error) {
	err = q.onToday(q.ctx, q.by, func(today civil.Date) error {
		from, to, err := in.days(today)
		if err == nil {
			all, err = q.View.DailyPositions(q.ctx, q.by, in.LoanID, from, to)
		}
		return err
	})
	return all, err
}

func positionsAnswer(q reportRequest, in *positionsInput) ([]DailyPosition, id.ID, error) {
	all, err := in.positions(q)
	return each(all, func(p view.DailyPosition) DailyPosition { return DailyPosition(p) }), id.ID{}, err
}

func positionsTable(q reportRequest, in *positionsInput) (document.File, error) {
	all, err := in.positions(q)
	if err != nil {
		return document.File{}, err
	}
	number, err := q.View.LoanNumber(q.ctx, q.by, in.LoanID)
	return q.issuer.Positions(folio.Number(number), all), err
}
