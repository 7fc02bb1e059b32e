package layout

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// Receipt is the document of one transaction of a loan. Transaction.At is written in its
// own location, to which the caller brings it.
type Receipt struct {
	Credit
	Transaction servicing.Transaction
	Till        string       // name of the till of cash; omitted if empty
	Branch      string       // name of the branch; omitted if empty
	Next        civil.Date   // due date of the next instalment after the transaction; zero: none
	NextAmount  money.Amount // amount to pay by then to be up to date
	Other       folio.Number // of the transaction that this one reverses, or that reversed it; 0: none
}

var receiptTitles = map[servicing.Kind]string{
	servicing.Ordinary: "Recibo de pago", servicing.Prepayment: "Recibo de pago anticipado",
	servicing.AdvancePayment: "Recibo de pago adelantado", servicing.RecoveryKind: "Recibo de pago de préstamo castigado",
}

// PDF writes the receipt: the amount in figures and words, the origination fee of a
// disbursement, the allocation and, unless it was reversed, the balance after it.
func (r Receipt) PDF(w io.Writer) error {
	m := r.Transaction
	title, payment := receiptTitles[m.Kind]
	name := "Importe recibido"
	if !payment {
		title, name = "Comprobante de movimiento", "Importe"
	}
	s := r.sheet(title, civil.DateOf(m.At))
	g := instalmentsPaid(m.Split)
	s.fit(g)
	s.page()
	reversed := m.Status == servicing.Reversed || !m.ReversedBy.IsZero()
	if reversed {
		s.stamp("REVERTIDO", r.reversal())
	}
	s.facts(4,
		fact{"Folio", folioOf(m.Folio)}, fact{"Fecha y hora de registro", moment(m.At)}, fact{"Fecha valor", day(m.ValueDate)}, fact{"Registró", m.Actor},
		fact{"Movimiento", numberedKind(m)}, fact{"Forma de pago", methodOf(m)}, fact{"Referencia", m.Reference}, fact{"Caja", r.Till}, fact{"Sucursal", r.Branch},
		fact{"Folio del movimiento revertido", r.reversed()},
	)
	r.parties(s)
	if amount := amountOf(m); amount > 0 {
		s.amount(name, currency(amount), "("+InWords(amount)+")")
	}
	if m.Kind == servicing.Disbursement {
		s.facts(3, fact{"Comisión por apertura", r.opening()}, fact{"Monto entregado al cliente", currency(r.Contract.Opening.Disbursed)})
	}
	r.application(s, g)
	if !reversed {
		r.after(s)
	}
	if r.Institution.Footer != "" {
		s.y += legendGap
		s.paragraph(body, ink, r.Institution.Footer)
	}
	r.Institution.closes(s)
	return s.write(w)
}

// folioOf returns the folio of a transaction as people write it, or an empty text for 0.
func folioOf(n folio.Number) string {
	if n == 0 {
		return ""
	}
	return folio.Receipt.Print(n)
}

// reversed returns the folio of the transaction that this one reverses.
func (r Receipt) reversed() string {
	if r.Transaction.Reverses.IsZero() {
		return ""
	}
	return folioOf(r.Other)
}

// methodOf returns how the money of a transaction moved, or an empty text if none did.
func methodOf(m servicing.Transaction) string {
	method := m.Means.Normal().Method
	if method == "" || m.Kind == servicing.Reversal || writesOff(m.Kind) {
		return ""
	}
	return Label(method)
}

func (r Receipt) reversal() string {
	text := "Este movimiento fue revertido y no tiene efecto sobre el préstamo."
	if !r.Transaction.ReversedBy.IsZero() && r.Other > 0 {
		text += " Folio del reverso: " + folioOf(r.Other) + "."
	}
	return text
}

// application writes the allocation, by component or, for several instalments, by instalment
// and component, and the use of unapplied funds.
func (r Receipt) application(s *sheet, instalments grid) {
	split := r.Transaction.Split
	one := ""
	switch len(instalments.rows) {
	case 0:
	case 1:
		one = instalments.rows[0][0]
		sum := split.Amounts()
		g := grid{columns: []column{prose("Concepto"), figures("Importe")}, total: []string{"Total aplicado", pesos(sum.Sum())}}
		for _, c := range shown {
			if part := sum.Of(c); part != 0 {
				g.rows = append(g.rows, []string{componentNames[c], pesos(part)})
			}
		}
		s.grid("Aplicación", g)
	default:
		s.grid("Aplicación por amortización", instalments)
	}
	s.facts(4,
		fact{"Amortización", one},
		fact{"Saldo a favor que se guardó", unlessZero(split.ToUnapplied)},
		fact{"Saldo a favor que se usó", unlessZero(split.FromUnapplied)},
		fact{"Intereses que se capitalizaron", unlessZero(split.Capitalised)},
	)
}

// unlessZero returns the amount, or an empty text for 0.
func unlessZero(a money.Amount) string {
	if a == 0 {
		return ""
	}
	return currency(a)
}

// after writes the state of the loan after the transaction.
func (r Receipt) after(s *sheet) {
	split := r.Transaction.Split
	for _, b := range split.Before {
		s.paragraph(body, ink, fmt.Sprintf("Antes de este movimiento, el %s: %s por %s.", day(b.Date), lower(kindName(b.Kind)), currency(b.FromUnapplied+b.Capitalised)))
	}
	s.heading("Después del movimiento")
	version := ""
	if v := split.Version; v != nil {
		version = fmt.Sprintf("Versión %d, desde el %s: %s", v.Number, day(v.From), named(reasonNames, v.Reason))
	}
	next := ""
	if !r.Next.IsZero() {
		next = day(r.Next)
	}
	s.facts(4,
		fact{"Saldo insoluto de capital", currency(split.Balance)},
		fact{"Próximo vencimiento", next},
		fact{"Importe del próximo pago", unlessZero(r.NextAmount)},
		fact{"Estado del préstamo", Label(split.Status)},
	)
	s.facts(1, fact{"Nueva tabla de amortización", version})
}

// instalmentsPaid lists the amounts paid by instalment, in order. Principal paid ahead
// of its due date is the last row.
func instalmentsPaid(split servicing.Split) (g grid) {
	paid := map[int]servicing.Amounts{}
	for _, l := range split.Lines {
		paid[l.Instalment] = paid[l.Instalment].Plus(servicing.Split{Lines: []servicing.Line{l}}.Amounts())
	}
	numbers := slices.Sorted(maps.Keys(paid))
	if len(numbers) > 0 && numbers[0] == 0 {
		numbers = append(numbers[1:], 0)
	}
	sum := split.Amounts()
	g.columns = []column{text("Amortización")}
	g.total = []string{"Totales"}
	used := slices.DeleteFunc(slices.Clone(shown), func(c product.Component) bool { return sum.Of(c) == 0 })
	for _, c := range used {
		g.columns, g.total = append(g.columns, figures(columnNames[c])), append(g.total, pesos(sum.Of(c)))
	}
	g.columns, g.total = append(g.columns, figures("Total")), append(g.total, pesos(sum.Sum()))
	for _, n := range numbers {
		row := []string{instalmentName(n, split.Kind)}
		for _, c := range used {
			row = append(row, pesos(paid[n].Of(c)))
		}
		g.rows = append(g.rows, append(row, pesos(paid[n].Sum())))
	}
	return g
}

// instalmentName names a row of the allocation. Instalment 0 stands for amounts outside the table.
func instalmentName(n int, kind servicing.Kind) string {
	switch {
	case n > 0:
		return strconv.Itoa(n)
	case kind == servicing.WriteOffKind || kind == servicing.RecoveryKind || kind == servicing.Cancellation:
		return "Adeudo total"
	default:
		return "Pago anticipado a capital"
	}
}
