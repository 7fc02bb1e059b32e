package risk

import (
	"math/bits"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Restructure is what happened since a loan was last restructured, as far as
// sustained payment (pago sostenido) depends on it. Instalments whose due date has
// not come do not count, paid ahead or not.
type Restructure struct {
	Stage        Stage        // of the loan before it; 0 if it was never restructured
	PeriodDays   int          // of the new terms: 7, 14, 15, 30 a month, or the days of a period
	OnTime       int          // consecutive instalments up to now paid in full on or before their due date
	Principal    money.Amount // outstanding when it was restructured
	Paid         money.Amount // of that principal
	InterestDays int          // days of interest, from its beginning without a gap, that are paid
}

// Proof is one row of what proves sustained payment; any of its measures that is
// not 0 does.
type Proof struct {
	Payment      Payment
	Period       Span
	Instalments  int        // consecutive, on time
	Principal    rate.Share // paid, of the principal at the restructure
	InterestDays int        // paid
	Basis
}

func (b *book) addProof(l *line) {
	kinds := among(l, payments[:])
	p := Proof{Period: l.span(), Instalments: l.number(), Principal: rate.Share(l.number()), InterestDays: l.number()}
	p.Basis = l.basis()
	for _, k := range kinds {
		p.Payment = payments[k]
		b.sustained[k] = b.sustained[k].with(p.Basis, p.Period, p)
	}
}

// Sustained tells whether a restructured loan of the payment type has proved
// sustained payment by the rule of a day; not if there is no such rule.
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

// reaches tells whether part ≥ share × whole, exactly.
func reaches(part money.Amount, share rate.Share, whole money.Amount) bool {
	hi, lo := bits.Mul64(uint64(max(part, 0)), uint64(rate.One))
	asked, askedLow := bits.Mul64(uint64(whole), uint64(share))
	return hi > asked || hi == asked && lo >= askedLow
}
