package layout

import (
	"io"
	"strconv"

	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/wire"
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

// CSV writes one row per transaction or automatic operation, in the order of value
// dates. Transactions that were reversed, reversals, write-offs and cancellations
// have their amount in importe alone, so that the columns of the components add up
// to what was paid.
func (st Statement) CSV(w io.Writer) error {
	var rows [][]string
	for _, e := range st.events() {
		rows = append(rows, e.record())
	}
	return writeCSV(w, recordNames(), rows)
}

// recordNames returns the column names of a record.
func recordNames() []string {
	names := []string{"numero", "id", "fecha_registro", "fecha_valor", "movimiento", "concepto", "estado", "importe", "cargo", "abono"}
	for _, c := range shown {
		names = append(names, csvNames[c])
	}
	return append(names, "adelantado_guardado", "adelantado_usado", "interes_capitalizado", "saldo_insoluto")
}

func (e event) record() []string {
	m := e.transaction
	row := []string{"", "", "", e.date.String(), inert(string(e.split.Kind)), inert(named(kindNames, e.split.Kind)), inert(string(m.Status)), amountOf(m).String(), e.charge.String(), e.credit.String()}
	if !m.ID.IsZero() {
		row[0], row[1], row[2] = strconv.Itoa(m.Number), m.ID.String(), m.At.Format(wire.Moment)
	}
	for _, c := range shown {
		row = append(row, e.amounts().Of(c).String())
	}
	if e.void {
		return append(row, "0.00", "0.00", "0.00", "")
	}
	return append(row, e.split.ToUnapplied.String(), e.split.FromUnapplied.String(), e.split.Capitalised.String(), e.split.Balance.String())
}
