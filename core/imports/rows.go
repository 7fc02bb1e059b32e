package imports

import (
	"strings"
	"time"

	"sofipo/core/fault"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

// Client reads the row of a client. A row without a name, an RFC or an e-mail address is taken.
func (l Line) Client() Client {
	name := l.text(FullName)
	if name == "" {
		name = strings.Join(strings.Fields(l.text(GivenNames)+" "+l.text(PaternalSurname)+" "+l.text(MaternalSurname)), " ")
	}
	return Client{
		Line: l.Number, ID: IDOf(Clients, l.required(Number)), FullName: name, Email: l.text(Email), RFC: l.text(RFC), Since: l.moment(Since),
	}
}

// Loan reads the row of a loan.
func (l Line) Loan() Loan {
	number := l.required(Number)
	out := Loan{
		Line: l.Number, ID: IDOf(Loans, number), Number: number, ClientRFC: l.text(ClientRFC), Product: l.text(ProductCode),
		Amount: l.amount(Amount), Rate: l.rate(InterestRate), Term: l.whole(TermMonths), Periods: l.whole(Periods),
		Status: l.text(LoanStatus), GrantedAt: l.moment(GrantedAt), Balance: l.amount(Principal), NextDue: l.day(NextDue),
		Owed: Owed{l.whole(DaysPastDue), l.amount(OverduePrincipal), l.amount(UnpaidInterest), l.amount(UnpaidIVA), l.amount(PenaltyInterest)},
	}
	if client := l.text(ClientNumber); client != "" {
		out.ClientID = IDOf(Clients, client)
	}
	l.needs(Principal, Amount, TermMonths)
	l.flaws.AddNew(out.Flaws()...)
	return out
}

// Flaws returns what a loan may not state.
func (l Loan) Flaws() (f fault.Flaws) {
	f.Unless(!l.ClientID.IsZero() || l.ClientRFC != "", string(ClientNumber), fault.Missing)
	checkMoment(&f, GrantedAt, l.GrantedAt)
	f.Unless(l.Amount > 0, string(Amount), fault.Positive)
	if l.Amount > money.Max {
		f.Add(fault.At(string(Amount), fault.AtMost, "most", money.Max))
	}
	fault.Within(&f, l.Balance, -money.Max, money.Max, string(Principal))
	f.Unless(l.Term > 0, string(TermMonths), fault.Positive)
	if l.Term > maxTerm {
		f.Add(fault.At(string(TermMonths), fault.AtMost, "most", maxTerm))
	}
	for _, part := range l.parts() {
		if part.amount < 0 || part.amount > money.Max {
			f.Add(fault.At(string(part.field), fault.Between, "least", money.Amount(0), "most", money.Max))
		}
		if part.amount > 0 && l.DaysPastDue == 0 {
			f.Add(fault.At(string(DaysPastDue), DaysNeeded))
			break
		}
	}
	if l.OverduePrincipal > max(l.Balance, 0) {
		f.Add(fault.At(string(OverduePrincipal), fault.AtMost, "most", max(l.Balance, 0)))
	}
	if l.DaysPastDue > maxDays {
		f.Add(fault.At(string(DaysPastDue), fault.AtMost, "most", maxDays))
	}
	return f
}

// owedPart is an amount that is due and unpaid.
type owedPart struct {
	field  Field
	amount money.Amount
}

// parts lists what is due and unpaid: the principal, then the interest.
func (o Owed) parts() []owedPart {
	return []owedPart{{OverduePrincipal, o.OverduePrincipal}, {UnpaidInterest, o.Interest}, {UnpaidIVA, o.IVA}, {PenaltyInterest, o.PenaltyInterest}}
}

// Limits of a loan in another system.
const (
	maxTerm = 1<<31 - 1 // months: the width of the column
	maxDays = 36_500
)

// Payment reads the row of a payment. Its id is zero if it has no number.
func (l Line) Payment() Payment {
	out := Payment{Line: l.Number, LoanID: IDOf(Loans, l.required(LoanNumber)), Amount: l.amount(Amount), PaidAt: l.moment(PaidAt), Reference: l.text(Reference)}
	if number := l.text(Number); number != "" {
		out.ID = IDOf(Payments, number)
	}
	l.needs(Amount)
	l.flaws.AddNew(out.Flaws()...)
	return out
}

// Flaws returns what a payment may not state.
func (p Payment) Flaws() (f fault.Flaws) {
	f.Unless(!p.LoanID.IsZero(), string(LoanNumber), fault.Missing)
	checkMoment(&f, PaidAt, p.PaidAt)
	fault.Within(&f, p.Amount, 1, money.Max, string(Amount))
	return f
}

// checkMoment adds the flaw of a moment that is required.
func checkMoment(f *fault.Flaws, field Field, t time.Time) {
	f.Unless(!t.IsZero(), string(field), fault.Missing)
	f.Unless(t.IsZero() || inRange(t), string(field), DateForm)
}

// needs adds the flaws of fields without a value.
func (l Line) needs(fields ...Field) {
	for _, field := range fields {
		if l.Values[field] == "" {
			l.flaw(field, fault.Missing)
		}
	}
}

// Balance reads the row of an opening balance.
func (l Line) Balance() Balance {
	out := Balance{
		Line: l.Number, Account: ledger.Account(strings.Map(digit, l.required(Account))), Debit: l.amount(DebitSide), Credit: l.amount(CreditSide), Natural: l.amount(Principal),
	}
	for _, part := range []struct {
		field  Field
		amount money.Amount
	}{{DebitSide, out.Debit}, {CreditSide, out.Credit}, {Principal, max(out.Natural, -out.Natural)}} {
		if part.amount < 0 || part.amount > money.Max {
			l.flaw(part.field, fault.Between, "least", money.Amount(0), "most", money.Max)
		}
	}
	if out.Debit != 0 && out.Credit != 0 || out.Natural != 0 && (out.Debit != 0 || out.Credit != 0) {
		l.flaw(DebitSide, OneSide)
	}
	return out
}

// digit drops the signs between the digits of an account's code.
func digit(r rune) rune {
	if r == '-' || r == '.' || r == ' ' {
		return -1
	}
	return r
}
