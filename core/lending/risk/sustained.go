package risk

import (
	"math/bits"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Restructure has the data since the last restructuring from which sustained payment
// (pago sostenido) is determined. Instalments that are not due yet do not count, even
// if they are paid.
type Restructure struct {
	Stage        Stage        // stage of the loan before it; 0 if it was never restructured
	PeriodDays   int          // period of the new terms in days: 7, 14, 15, 30 for a month, or the chosen number
	OnTime       int          // consecutive instalments, up to the day, paid in full on or before their due date
	Principal    money.Amount // outstanding principal at the restructuring
	Paid         money.Amount // paid part of Principal
	InterestDays int          // days with paid interest, counted from the first day without a gap
}

// Proof is one row of the conditions of sustained payment. Any one of its measures that
// is not 0 is enough.
type Proof struct {
	Payment      Payment
	Period       Span
	Instalments  int        // consecutive instalments on time
	Principal    rate.Share // paid share of the principal at the restructuring
	InterestDays int        // days with paid interest
	Basis
}

func (b *ruleSet) addProof(l *line) {
	kinds := among(l, payments[:])
	p := Proof{Period: l.span(), Instalments: l.number(), Principal: rate.Share(l.number()), InterestDays: l.number()}
	p.Basis = l.basis()
	for _, k := range kinds {
		p.Payment = payments[k]
		b.sustained[k] = b.sustained[k].with(p.Basis, p.Period, p)
	}
}

// Sustained reports whether a restructured loan of the payment type meets the condition
// of sustained payment on a day. It is false if there is no rule for the day. Source:
// docs/rules/write-offs.md.
func Sustained(on civil.Date, p Payment, r Restructure) bool {
	kind := p.index()
	return kind >= 0 && sustained(rules().sustained[kind], on, r)
}

func sustained(all tables[Proof], on civil.Date, r Restructure) bool {
	t := all.on(on)
	if t == nil {
		return false
	}
	p := t.at(r.PeriodDays)
	return p.Instalments > 0 && r.OnTime >= p.Instalments ||
		p.InterestDays > 0 && r.InterestDays >= p.InterestDays ||
		p.Principal > 0 && r.Principal > 0 && reaches(r.Paid, p.Principal, r.Principal)
}

// reaches reports whether part ≥ share × whole, exactly.
func reaches(part money.Amount, share rate.Share, whole money.Amount) bool {
	hi, lo := bits.Mul64(uint64(max(part, 0)), uint64(rate.One))
	asked, askedLow := bits.Mul64(uint64(whole), uint64(share))
	return hi > asked || hi == asked && lo >= askedLow
}
