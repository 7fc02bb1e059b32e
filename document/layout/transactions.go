package layout

import (
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// transactionGrid lists the events with the amounts paid by component and their totals.
// Columns without amounts are omitted.
func transactionGrid(events []event) grid {
	g := grid{columns: []column{text("Fecha valor"), prose("Concepto")}, total: []string{"", "Totales"}}
	for _, e := range events {
		g.rows = append(g.rows, []string{shortDay(e.date), e.description()})
	}
	add := func(head string, of func(event) money.Amount) {
		var sum money.Amount
		for _, e := range events {
			sum += of(e)
		}
		if sum == 0 {
			return
		}
		g.columns, g.total = append(g.columns, figures(head)), append(g.total, pesos(sum))
		for i, e := range events {
			g.rows[i] = append(g.rows[i], blankZero(of(e)))
		}
	}
	add("Cargo", func(e event) money.Amount { return e.charge })
	add("Abono", func(e event) money.Amount { return e.credit })
	for _, c := range shown {
		add(columnNames[c], func(e event) money.Amount { return e.amounts().Of(c) })
	}
	g.columns, g.total = append(g.columns, figures("Saldo insoluto")), append(g.total, "")
	for i, e := range events {
		balance := ""
		if !e.void {
			balance = pesos(e.split.Balance)
		}
		g.rows[i] = append(g.rows[i], balance)
	}
	return g
}

// amounts returns the amounts that the event paid, by component.
func (e event) amounts() servicing.Amounts {
	if e.void || e.writesOff() || e.split.Kind == servicing.Disbursement {
		return servicing.Amounts{}
	}
	return e.split.Amounts()
}

func blankZero(a money.Amount) string {
	if a == 0 {
		return ""
	}
	return pesos(a)
}

// Report returns one row per transaction or automatic operation, in the order of value
// dates. Transactions that were reversed, reversals, write-offs and cancellations have
// their amount in importe alone, so that the columns of the components add up to what was
// paid.
func (st Statement) Report() Report {
	return st.report("Estado de cuenta", period(st.From, st.To), recordHeadings(), func(add func(...any)) {
		for _, e := range st.events() {
			add(e.record()...)
		}
	})
}

// recordHeadings returns the headings of a record.
func recordHeadings() []Heading {
	headings := []Heading{
		{Name: "Número", Kind: Count}, {Name: "Folio"}, {Name: "Fecha de registro", Column: "fecha_registro", Kind: Moment},
		{Name: "Fecha valor", Kind: Day}, {Name: "Movimiento", Data: true}, {Name: "Concepto"}, {Name: "Estado", Data: true}, {Name: "Situación"},
		{Name: "Importe", Kind: Money}, {Name: "Cargo", Kind: Money}, {Name: "Abono", Kind: Money},
	}
	return append(append(headings, componentHeadings()...),
		Heading{Name: "A favor guardado", Column: "adelantado_guardado", Kind: Money}, Heading{Name: "A favor usado", Column: "adelantado_usado", Kind: Money},
		Heading{Name: "Intereses capitalizados", Column: "interes_capitalizado", Kind: Money}, Heading{Name: "Saldo insoluto", Kind: Money},
		Heading{Name: "Id del movimiento", Column: "id", Kind: ID, Data: true})
}

// standing says that a transaction was reversed.
func (e event) standing() string {
	if e.void && e.split.Kind != servicing.Reversal {
		return "Revertido"
	}
	return ""
}

func (e event) record() []any {
	m := e.transaction
	row := []any{nil, nil, nil, e.date, string(e.split.Kind), kindName(e.split.Kind), string(m.Status), e.standing(), amountOf(m), e.charge, e.credit}
	var of any
	if !m.ID.IsZero() {
		row[0], row[1], row[2], of = int64(m.Number), folioOf(m.Folio), m.At, m.ID
	}
	row = append(row, componentCells(e.amounts())...)
	if e.void {
		return append(row, money.Amount(0), money.Amount(0), money.Amount(0), nil, of)
	}
	return append(row, e.split.ToUnapplied, e.split.FromUnapplied, e.split.Capitalised, e.split.Balance, of)
}
