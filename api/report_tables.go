package api

import (
	"fmt"
	"iter"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
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

func portfolioAnswer(q inquiry, in *portfolioInput) (view.Portfolio, id.ID, error) {
	p, err := q.View.Portfolio(q.ctx, given(in.Date), q.need)
	return p, id.ID{}, err
}

func portfolioTable(q inquiry, in *portfolioInput) (sheet, error) {
	p, err := q.View.Portfolio(q.ctx, given(in.Date), q.need)
	var all []document.Row
	for _, part := range p.Products {
		all = append(all, partRows(part)...)
	}
	p.Total.Product = "Total"
	return sheet{document.Report{
		Title: "Cartera por atraso", About: q.of("cartera al " + p.Date.String()),
		Headings: []document.Heading{
			{Name: "Producto"}, {Name: "Nombre"}, {Name: "Días de atraso"}, {Name: "Créditos", Kind: document.Count},
			{Name: "Saldo de capital", Kind: document.Money}, {Name: "Capital exigible vencido", Kind: document.Money}, {Name: "Intereses devengados", Kind: document.Money},
			{Name: "Intereses suspendidos", Kind: document.Money}, {Name: "IVA por cobrar", Kind: document.Money}, {Name: "Estimación preventiva", Kind: document.Money},
			{Name: "Estimación por intereses", Kind: document.Money}, {Name: "Cartera vencida", Kind: document.Money}, {Name: "Castigos de 12 meses", Kind: document.Money},
			{Name: "IMOR", Kind: document.Percent}, {Name: "IMORA", Kind: document.Percent}, {Name: "ICOR", Kind: document.Percent},
			{Name: "PAR 1", Kind: document.Percent}, {Name: "PAR 30", Kind: document.Percent}, {Name: "PAR 90", Kind: document.Percent},
		},
		Rows: rows(append(all, partRows(p.Total)...)),
	}, "cartera-" + p.Date.String()}, err
}

// partRows are the buckets of a part and their sums, with the indicators.
func partRows(p view.PortfolioPart) (all []document.Row) {
	line := func(bucket string, s view.PortfolioSums) []any {
		return cells(p.Product, p.Name, bucket, s.Loans, s.Balance, s.OverduePrincipal, s.Interest, s.Suspended, s.IVA, s.Provision, s.Reserve)
	}
	for _, b := range p.Buckets {
		all = append(all, document.Row{Cells: append(line(bucketInSpanish(b.Bucket), b.PortfolioSums), make([]any, 8)...)})
	}
	sums := append(line("Total", p.Sums), p.Overdue, p.WrittenOff, p.IMOR, p.IMORA, p.ICOR, p.PAR1, p.PAR30, p.PAR90)
	return append(all, document.Row{Cells: sums, Total: true})
}

// pageOfLoans says which part of a list of loans is wanted.
type pageOfLoans struct {
	Limit int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"The most loans to give, of json."`
	After *id.ID `query:"after" doc:"Begin behind the loan with this id; the Link header of each full page has the next."`
}

func (p *pageOfLoans) page() view.Page { return view.Page{After: given(p.After), Limit: p.Limit} }

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

func delinquencyAnswer(q inquiry, in *delinquencyInput) (view.Delinquency, id.ID, error) {
	return q.View.Delinquency(q.ctx, given(in.Date), in.which(), in.page(), q.need)
}

func delinquencyTable(q inquiry, in *delinquencyInput) (sheet, error) {
	day, err := q.View.ClosedDay(q.ctx, given(in.Date), q.need)
	var n int64
	var overdue, interest, suspended, moratorium, balance money.Amount
	return sheet{document.Report{
		Title: "Créditos en mora", About: q.of("créditos en mora al " + day.String()),
		Headings: []document.Heading{
			{Name: "Crédito"}, {Name: "Cliente"}, {Name: "RFC"}, {Name: "Producto"}, {Name: "Días de atraso", Kind: document.Count}, {Name: "Rango"}, {Name: "Etapa", Kind: document.Count},
			{Name: "Capital exigible vencido", Kind: document.Money}, {Name: "Intereses devengados", Kind: document.Money}, {Name: "Intereses suspendidos", Kind: document.Money},
			{Name: "Moratorios con IVA", Kind: document.Money}, {Name: "Saldo de capital", Kind: document.Money},
		},
		Rows: pagesOf(func(page view.Page) ([]view.DelinquentLoan, id.ID, error) {
			d, next, err := q.View.Delinquency(q.ctx, day, in.which(), page, q.need)
			return d.Loans, next, err
		}, func(l view.DelinquentLoan) document.Row {
			n++
			overdue, interest, suspended, moratorium, balance = overdue+l.OverduePrincipal, interest+l.Interest, suspended+l.Suspended, moratorium+l.Moratorium, balance+l.Balance
			return document.Row{Cells: cells(l.Loan.String(), l.Name, l.RFC, l.Product, l.DaysPastDue, bucketInSpanish(l.Bucket), int64(l.Stage), l.OverduePrincipal, l.Interest, l.Suspended, l.Moratorium, l.Balance)}
		}, func() document.Row {
			return document.Row{Cells: cells("Total", fmt.Sprintf("%d créditos", n), nil, nil, nil, nil, nil, overdue, interest, suspended, moratorium, balance), Total: true}
		}),
	}, "mora-" + day.String()}, err
}

type collectionsInput struct {
	Date *civil.Date `query:"date" doc:"The day: the business date, which is the default, or one of the next 31 days."`
	pageOfLoans
	reportFormat
}

func collectionsAnswer(q inquiry, in *collectionsInput) (view.Collections, id.ID, error) {
	return q.View.Collections(q.ctx, given(in.Date), q.today(), in.page(), q.need)
}

func collectionsTable(q inquiry, in *collectionsInput) (sheet, error) {
	first, _, err := q.View.Collections(q.ctx, given(in.Date), q.today(), view.Page{Limit: 1}, q.need)
	var n int64
	var sum view.Collection
	return sheet{document.Report{
		Title: "Cobranza del día", About: q.of("por cobrar el " + first.Date.String()),
		Headings: []document.Heading{
			{Name: "Crédito"}, {Name: "Cliente"}, {Name: "RFC"}, {Name: "Producto"}, {Name: "Amortización", Kind: document.Count}, {Name: "Vencimiento", Kind: document.Day},
			{Name: "Días de atraso", Kind: document.Count}, {Name: "Vence en el día", Kind: document.Money}, {Name: "Vencido", Kind: document.Money}, {Name: "Capital", Kind: document.Money},
			{Name: "Intereses", Kind: document.Money}, {Name: "Moratorios", Kind: document.Money}, {Name: "Comisiones y seguros", Kind: document.Money}, {Name: "IVA", Kind: document.Money},
			{Name: "Total por cobrar", Kind: document.Money},
		},
		Rows: pagesOf(func(page view.Page) ([]view.Collection, id.ID, error) {
			page.Limit /= 4
			out, next, err := q.View.Collections(q.ctx, first.Date, q.today(), page, q.need)
			return out.Loans, next, err
		}, func(l view.Collection) document.Row {
			n++
			sum.Due, sum.Overdue, sum.Total, sum.IVA = sum.Due+l.Due, sum.Overdue+l.Overdue, sum.Total+l.Total, sum.IVA+l.IVA
			sum.Principal, sum.Interest, sum.Moratorium, sum.Charges = sum.Principal+l.Principal, sum.Interest+l.Interest, sum.Moratorium+l.Moratorium, sum.Charges+l.Charges
			return document.Row{Cells: append(cells(l.Loan.String(), l.Name, l.RFC, l.Product, l.Instalment, l.OldestDue, l.DaysPastDue), amountsOf(l)...)}
		}, func() document.Row {
			return document.Row{Cells: append(cells("Total", fmt.Sprintf("%d créditos", n), nil, nil, nil, nil, nil), amountsOf(sum)...), Total: true}
		}),
	}, "cobranza-" + first.Date.String()}, err
}

func amountsOf(l view.Collection) []any {
	return []any{l.Due, l.Overdue, l.Principal, l.Interest, l.Moratorium, l.Charges, l.IVA, l.Total}
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

func moneyAnswer(q inquiry, in *moneyInput) (view.MoneyMoved, id.ID, error) {
	today, err := q.View.BusinessDate(q.ctx, q.today(), q.need)
	if err != nil {
		return view.MoneyMoved{}, id.ID{}, err
	}
	from, to, err := in.span(today)
	if err != nil {
		return view.MoneyMoved{}, id.ID{}, err
	}
	out, err := q.View.MoneyMoved(q.ctx, from, to, q.need)
	return out, id.ID{}, err
}

// moneyKinds are the kinds of movement in Spanish.
var moneyKinds = map[servicing.Kind]string{
	servicing.Ordinary: "Pago", servicing.Prepayment: "Pago anticipado", servicing.AdvancePayment: "Pago adelantado", servicing.RecoveryKind: "Recuperación",
	servicing.Cancellation: "Cancelación", servicing.Disbursement: "Disposición", servicing.Reversal: "Reverso",
}

func moneyTable(q inquiry, in *moneyInput) (sheet, error) {
	m, _, err := moneyAnswer(q, in)
	var all []document.Row
	var n int64
	for _, r := range m.Rows {
		n += r.Count
		all = append(all, document.Row{Cells: cells(r.Date, r.Product, moneyKinds[r.Kind], r.Count, r.In, r.Out)})
	}
	return sheet{document.Report{
		Title: "Movimientos de dinero", About: q.of(fmt.Sprintf("movimientos del %s al %s", m.From, m.To)),
		Headings: []document.Heading{
			{Name: "Fecha", Kind: document.Day}, {Name: "Producto"}, {Name: "Movimiento"}, {Name: "Número", Kind: document.Count},
			{Name: "Entradas", Kind: document.Money}, {Name: "Salidas", Kind: document.Money},
		},
		Rows: rows(append(all, document.Row{Cells: cells(nil, nil, "Total", n, m.In, m.Out), Total: true})),
	}, fmt.Sprintf("movimientos-%s-%s", m.From, m.To)}, err
}

type positionsInput struct {
	loanByID
	booksRange
	reportFormat
}

func positionsAnswer(q inquiry, in *positionsInput) (all []view.LoanPosition, _ id.ID, err error) {
	err = q.onToday(q.ctx, q.need, func(today civil.Date) error {
		from, to, err := in.days(today)
		if err == nil {
			all, err = q.View.Positions(q.ctx, in.LoanID, from, to, q.need)
		}
		return err
	})
	return all, id.ID{}, err
}

// loanStates are the states of a loan that has a position, in Spanish.
var loanStates = map[servicing.Status]string{servicing.Active: "Activo", servicing.Restructured: "Reestructurado"}

func positionsTable(q inquiry, in *positionsInput) (sheet, error) {
	days, _, err := positionsAnswer(q, in)
	var all []document.Row
	for _, p := range days {
		all = append(all, document.Row{Cells: cells(p.Date, loanStates[p.Status], int64(p.Stage), p.DaysPastDue, p.Instalment, p.Balance, p.OverduePrincipal, p.Interest,
			p.Suspended, p.IVA, p.Moratorium, p.Advance, p.Provision, p.Reserve)})
	}
	return sheet{document.Report{
		Title: "Posiciones del crédito", About: q.of("crédito " + in.LoanID.String()),
		Headings: []document.Heading{
			{Name: "Fecha", Kind: document.Day}, {Name: "Estado"}, {Name: "Etapa", Kind: document.Count}, {Name: "Días de atraso", Kind: document.Count},
			{Name: "Amortización", Kind: document.Count}, {Name: "Saldo de capital", Kind: document.Money}, {Name: "Capital exigible vencido", Kind: document.Money},
			{Name: "Intereses devengados", Kind: document.Money}, {Name: "Intereses suspendidos", Kind: document.Money}, {Name: "IVA por cobrar", Kind: document.Money},
			{Name: "Moratorios con IVA", Kind: document.Money}, {Name: "Saldo a favor", Kind: document.Money}, {Name: "Estimación preventiva", Kind: document.Money},
			{Name: "Estimación por intereses", Kind: document.Money},
		},
		Rows: rows(all),
	}, "posiciones-" + in.LoanID.String()}, err
}

// of says whose a table is, and of when.
func (q inquiry) of(when string) string {
	if q.Institution.Name == "" {
		return when
	}
	return q.Institution.Name + " · " + when
}

// rows are the given ones.
func rows(all []document.Row) iter.Seq2[document.Row, error] {
	return func(yield func(document.Row, error) bool) {
		for _, row := range all {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// sliceOfTable is how many loans a table asks for at a time.
const sliceOfTable = 20_000

// pagesOf are the rows of all pages, and the total.
func pagesOf[T any](ask func(view.Page) ([]T, id.ID, error), row func(T) document.Row, total func() document.Row) iter.Seq2[document.Row, error] {
	return func(yield func(document.Row, error) bool) {
		page := view.Page{Limit: sliceOfTable}
		for first := true; first || !page.After.IsZero(); first = false {
			loans, next, err := ask(page)
			if err != nil {
				yield(document.Row{}, err)
				return
			}
			for _, l := range loans {
				if !yield(row(l), nil) {
					return
				}
			}
			page.After = next
		}
		yield(total(), nil)
	}
}

// bucketInSpanish is a bucket that no spreadsheet takes for a date.
func bucketInSpanish(bucket string) string {
	return strings.Replace(strings.Replace(bucket, "-", " a ", 1), "+", " o más", 1)
}

// cells are the values of a row; numbers of any kind are counts.
func cells(values ...any) []any {
	for i, v := range values {
		if n, ok := v.(int); ok {
			values[i] = int64(n)
		}
	}
	return values
}
