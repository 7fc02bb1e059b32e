package layout

import (
	"io"
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// ClientStatement is the account statement of all loans of a client over a period
// (docs/rules/statements.md).
type ClientStatement struct {
	Institution  Institution
	Client       Party
	From, To     civil.Date    // both in the period; To is the cut date
	Shortened    bool          // the requested period began earlier or ended later
	Loans        []Statement   // of the period, of each loan that is Listed
	Applications []Application // for loans that were not disbursed by the cut date
}

// Application is a loan that was applied for and not disbursed by the cut date.
type Application struct {
	Number  folio.Number
	Day     civil.Date // of the application
	Product string     // its name for people
	Amount  money.Amount
	Rate    rate.Annual
	Status  servicing.Status
}

// PDF writes the client's data, the loans with their totals, and the statement of each
// loan.
func (cs ClientStatement) PDF(w io.Writer) error {
	s := newSheet("Estado de cuenta del cliente", "Cliente "+cs.Client.name(), cs.Institution, cs.To)
	loans, events := cs.loanGrid(), make([][]event, len(cs.Loans))
	grids := []grid{loans}
	for i, st := range cs.Loans {
		events[i] = st.events()
		grids = append(grids, transactionGrid(events[i]))
	}
	s.fit(grids...)
	s.page()
	s.facts(3,
		fact{"Cliente", cs.Client.Name}, fact{"RFC", cs.Client.RFC}, fact{"Número de cliente", cs.Client.name()},
		fact{"Domicilio", cs.Client.Address}, fact{"Correo electrónico", cs.Client.Email},
	)
	s.period(cs.From, cs.To, cs.Shortened)
	cs.totals(s, events)
	cs.summary(s, loans)
	for i, st := range cs.Loans {
		s.heading("Préstamo " + st.name() + ": " + st.Product)
		below := 0.0
		if i == len(cs.Loans)-1 {
			below = cs.Institution.legendsHeight(s)
		}
		st.account(s, events[i], grids[i+1], below)
	}
	cs.Institution.legends(s)
	return s.write(w)
}

// totals writes the totals of all loans.
func (cs ClientStatement) totals(s *sheet, events [][]event) {
	var owed, overdue, payoff, paid, lost money.Amount
	for i, st := range cs.Loans {
		p := st.Position
		owed, overdue, payoff = owed+p.Closing, overdue+overdueOf(p.Owing), payoff+p.Payoff.Total
		paid, lost = paid+received(events[i]), lost+p.writtenOff()
	}
	s.facts(3,
		fact{"Saldo insoluto de todos los préstamos", currency(owed)},
		fact{"Saldo vencido a la fecha de corte", currency(overdue)},
		fact{"Importe para liquidar a la fecha de corte", currency(payoff)},
		fact{"Pagos recibidos en el periodo", currency(paid)},
		fact{lostName, unlessZero(lost)},
	)
}

// summary lists the loans and the applications.
func (cs ClientStatement) summary(s *sheet, loans grid) {
	if len(cs.Loans) == 0 {
		s.heading("Préstamos")
		s.paragraph(body, ink, "El cliente no tuvo préstamos activos ni movimientos en el periodo.")
	} else {
		s.grid("Préstamos", loans)
		s.paragraph(small, faded, "Tasa de interés ordinaria anual y CAT sin IVA; el CAT, para fines informativos y de comparación, se calculó a la fecha de entrega de cada préstamo.")
	}
	g := grid{columns: []column{text("Solicitud"), text("Fecha"), prose("Producto"), figures("Monto solicitado"), figures("Tasa anual"), text("Estado")}}
	for _, a := range cs.Applications {
		g.rows = append(g.rows, []string{folio.Loan.Print(a.Number), shortDay(a.Day), a.Product, pesos(a.Amount), percent(a.Rate), named(applicationNames, a.Status)})
	}
	if len(g.rows) > 0 {
		s.grid("Solicitudes de préstamo", g)
	}
}

// loanGrid has one row per loan and the totals, without the amounts of cancelled loans.
// It has a column for written-off debt if there is any.
func (cs ClientStatement) loanGrid() grid {
	g := grid{columns: []column{
		text("Préstamo"), prose("Producto"), text("Entrega"), figures("Monto original"), figures("Tasa anual"), figures("CAT"), figures("Saldo insoluto"),
		figures("Saldo vencido"), figures("Días de atraso"), text("Próximo vencimiento"), figures("Próximo pago"), text("Estado"),
	}}
	var lent, owed, overdue, required, lost money.Amount
	for _, st := range cs.Loans {
		p, terms := st.Position, st.Contract.Terms
		next := shortDay(p.Next)
		if p.Next.IsZero() && p.required() > 0 {
			next = "de inmediato"
		}
		g.rows = append(g.rows, []string{
			st.name(), st.Product, shortDay(terms.Disbursement), pesos(terms.Amount), percent(p.Rate), st.Contract.CAT.Percent() + "\u00a0%", pesos(p.Closing),
			pesos(overdueOf(p.Owing)), strconv.Itoa(p.Owing.DaysPastDue), next, pesos(p.required()), p.standing(),
		})
		if p.Status != servicing.Cancelled {
			lent += terms.Amount
		}
		owed, overdue, required, lost = owed+p.Closing, overdue+overdueOf(p.Owing), required+p.required(), lost+p.writtenOff()
	}
	g.total = []string{"Totales", "", "", pesos(lent), "", "", pesos(owed), pesos(overdue), "", "", pesos(required), ""}
	if lost > 0 {
		g.columns, g.total = append(g.columns, figures(lostName)), append(g.total, pesos(lost))
		for i, st := range cs.Loans {
			g.rows[i] = append(g.rows[i], blankZero(st.Position.writtenOff()))
		}
	}
	return g
}

// The kinds of the rows that are not transactions.
const (
	openingRow servicing.Kind = "saldo_inicial"
	closingRow servicing.Kind = "saldo_final"
)

// Report returns the transactions of all loans in the form of Statement.Report, with the
// loan in the first columns. Each loan starts with a row saldo_inicial, the balance before
// the period, and ends with a row saldo_final, the state and debt on the cut-off date.
func (cs ClientStatement) Report() Report {
	headings := append([]Heading{{Name: "Préstamo"}, {Name: "Producto"}}, recordHeadings()...)
	headings = append(headings,
		Heading{Name: "Estado del préstamo", Column: "estado_credito", Data: true}, Heading{Name: "Estado del préstamo", Column: "situacion_credito"}, Heading{Name: "Saldo vencido", Kind: Money},
		Heading{Name: "Días de atraso", Column: "dias_atraso", Kind: Count}, Heading{Name: "Próximo vencimiento", Kind: Day},
		Heading{Name: "Próximo pago", Kind: Money}, Heading{Name: "Adeudo castigado", Kind: Money},
		Heading{Name: "Id del préstamo", Column: "credito", Kind: ID, Data: true})
	about := joined(" · ", cs.Institution.Name, cs.Client.Name, "cliente "+cs.Client.name(), period(cs.From, cs.To))
	return reportOf("Estado de cuenta del cliente", about, headings, func(add func(...any)) {
		for _, st := range cs.Loans {
			p := st.Position
			row := func(e event, position ...any) {
				add(append(append(append([]any{st.name(), st.Product}, e.record()...), position...), st.Loan)...)
			}
			row(event{split: servicing.Split{Kind: openingRow, Balance: p.Opening}, date: st.From}, make([]any, 7)...)
			for _, e := range st.events() {
				row(e, make([]any, 7)...)
			}
			row(event{split: servicing.Split{Kind: closingRow, Balance: p.Closing}, date: st.To},
				string(p.Status), p.standing(), overdueOf(p.Owing), int64(p.Owing.DaysPastDue), p.Next, p.required(), p.writtenOff())
		}
	})
}
