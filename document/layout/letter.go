package layout

import (
	"fmt"
	"io"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/institution"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
)

// PayoffLetter states the payoff amount of a loan. It is valid only on the date of the
// payoff.
type PayoffLetter struct {
	Credit
	Issued civil.Date
	Payoff servicing.Payoff // of servicing.PayoffOf
}

// PDF writes the letter. It returns ErrNothingOwed if nothing is owed.
func (l PayoffLetter) PDF(w io.Writer) error {
	p := l.Payoff
	if p.Amounts.Sum() <= 0 {
		return ErrNothingOwed
	}
	s := l.sheet("Carta de liquidación", l.Issued)
	s.page()
	s.facts(3, fact{"Fecha de expedición", day(l.Issued)}, fact{"Fecha de liquidación", day(p.Date)})
	l.parties(s)
	s.y += 3
	s.paragraph(10, ink, fmt.Sprintf("%s que el importe para liquidar en su totalidad el préstamo %s, otorgado el %s por %s, es el siguiente si el pago se recibe el %s:",
		l.Institution.says("informa"), l.name(), day(l.Contract.Terms.Disbursement), currency(l.Contract.Terms.Amount), day(p.Date)))
	g := grid{columns: []column{prose("Concepto"), figures("Importe")}, total: []string{"Total a pagar", pesos(p.Total)}}
	for _, c := range shown {
		if part := p.Amounts.Of(c); part != 0 {
			g.rows = append(g.rows, []string{componentNames[c], pesos(part)})
		}
	}
	if p.Unapplied != 0 {
		g.rows = append(g.rows, []string{"Suma del adeudo", pesos(p.Amounts.Sum())}, []string{"Menos: saldo a favor", pesos(-p.Unapplied)})
	}
	s.grid("", g)
	s.y += 3
	s.amount("Total a pagar el "+day(p.Date), currency(p.Total), "("+InWords(p.Total)+")")
	s.facts(3, l.references()...)
	s.y += 2
	s.paragraph(body, ink, fmt.Sprintf("Esta carta es válida únicamente si el pago se recibe el %s. En cualquier otra fecha el importe es distinto; solicite una carta nueva.", day(p.Date)))
	s.paragraph(body, ink, "Al recibir el pago, el préstamo se da por liquidado. La constancia de no adeudo (finiquito) se entrega dentro de los 10 días hábiles siguientes y la liquidación se informa a las sociedades de información crediticia.")
	l.Institution.ends(s)
	return s.write(w)
}

// NoDebtLetter is the no-debt certificate (constancia de no adeudo, finiquito) of a
// loan that is paid off.
type NoDebtLetter struct {
	Credit
	Issued  civil.Date
	PaidOff civil.Date        // value date of the payment that ended the loan
	Account servicing.Account // state after that payment; its status and total paid are used
}

// PDF writes the certificate. It returns ErrNotPaidOff if the loan is not paid off.
func (l NoDebtLetter) PDF(w io.Writer) error {
	if l.Account.Status != servicing.PaidOff || l.Account.Outstanding != 0 {
		return ErrNotPaidOff
	}
	s := l.sheet("Constancia de no adeudo (finiquito)", l.Issued)
	s.page()
	s.facts(3, fact{"Fecha de expedición", day(l.Issued)}, fact{"Fecha de liquidación", day(l.PaidOff)})
	l.parties(s)
	s.y += 3
	s.paragraph(10, ink, fmt.Sprintf("%s que el préstamo %s, otorgado a %s el %s por %s (%s), fue liquidado en su totalidad el %s y que a la fecha de expedición de esta constancia no existe adeudo alguno por capital, intereses, comisiones, seguros ni impuestos derivado de él.",
		l.Institution.says("hace constar"), l.name(), l.Client.Name, day(l.Contract.Terms.Disbursement), currency(l.Contract.Terms.Amount), InWords(l.Contract.Terms.Amount), day(l.PaidOff)))
	paid, opening := l.Account.Paid, l.Contract.Opening
	g := grid{columns: []column{prose("Concepto"), figures("Importe")}, total: []string{"Total pagado", pesos(paid.Sum() + opening.Fee + opening.IVA)}}
	for _, c := range shown {
		if part := paid.Of(c); part != 0 {
			g.rows = append(g.rows, []string{componentNames[c], pesos(part)})
		}
	}
	if opening.Fee != 0 {
		name := "Comisión por apertura"
		if l.Contract.Terms.Fees.OriginationPayment == schedule.Deducted {
			name += ", descontada del monto entregado"
		}
		g.rows = append(g.rows, []string{name, pesos(opening.Fee)}, []string{"IVA de comisión por apertura", pesos(opening.IVA)})
	}
	s.grid("Pagos aplicados al préstamo", g)
	s.paragraph(body, ink, "Esta constancia se expide como finiquito del préstamo. La liquidación se informa a las sociedades de información crediticia.")
	l.Institution.ends(s)
	return s.write(w)
}

// says starts a sentence with the name of the institution, or impersonally without one.
func (i Institution) says(verb string) string {
	if i.Official() == "" {
		return "Se " + verb
	}
	return i.Official() + " " + verb
}

// complaints returns the contacts for complaints.
func (i Institution) complaints() (contacts []string) {
	if line := contactLine(i.UNE); line != "" {
		contacts = append(contacts, "Unidad Especializada de Atención a Usuarios (UNE): "+line+".")
	}
	condusef := i.Condusef
	if condusef == (institution.Contact{}) {
		condusef = institution.Condusef()
	}
	return append(contacts, "Comisión Nacional para la Protección y Defensa de los Usuarios de Servicios Financieros (CONDUSEF): "+contactLine(condusef)+".")
}

// ends writes the signature and the contacts at the end of a letter.
func (i Institution) ends(s *sheet) {
	s.signature(i.Official())
	i.closes(s)
}

// brief returns the contact of the UNE as one line for the foot of a page.
func (i Institution) brief() string {
	une := i.UNE
	une.Name, une.Address = "", ""
	if line := contactLine(une); line != "" {
		return "UNE: " + line
	}
	return ""
}

// closes writes the contacts for complaints and the numbers in public registers at the end of a
// document, together on one page.
func (i Institution) closes(s *sheet) {
	lines := i.complaints()
	var numbers []string
	for _, r := range i.Registrations {
		numbers = append(numbers, r.Register+" "+r.Number)
	}
	if len(numbers) > 0 {
		lines = append(lines, "Registros: "+strings.Join(numbers, " · ")+".")
	}
	height := legendGap
	for _, line := range lines {
		height += s.height(small, line)
	}
	s.room(height)
	s.y += legendGap
	for _, line := range lines {
		s.paragraph(small, faded, line)
	}
}
