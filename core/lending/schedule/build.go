package schedule

import (
	"math/big"
	"slices"

	"sofipo/core/money"
	"sofipo/core/rate"
)

// builder computes the rows of terms that have their defaults filled in.
type builder struct {
	Terms
	periods  []period
	rows     []Row
	level    money.Amount
	extra    money.Amount   // additional principal of the first instalment that pays principal
	interest map[int]bool   // instalments with more interest than the level payment; they pay only interest
	exact    []money.Amount // if the rows follow the exact balance: that balance after each row that may pay principal, rounded
	err      error          // first overflow
}

// state has the values that pass from one instalment to the next.
type state struct {
	balance         money.Amount
	deferred        money.Amount // deferred interest
	deferredTaxable money.Amount
}

// note keeps the first error.
func (b *builder) note(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) build() {
	start := b.run(state{balance: b.Amount}, 0, b.firstPaying())
	switch b.Method {
	case Level, LevelWithIVA:
		b.buildLevel(start)
	case EqualPrincipal:
		b.buildEqual(start)
	default:
		b.run(start, b.firstPaying(), len(b.rows))
		return
	}
	if b.Rules >= Rules2 && b.err == nil {
		b.limitDrift(start)
	}
	if b.Method == EqualPrincipal {
		b.level = 0
	}
}

// firstPaying returns the index of the first instalment that may pay principal.
func (b *builder) firstPaying() int { return b.Grace.PrincipalPeriods }

func (b *builder) buildEqual(start state) {
	first := b.firstPaying()
	n := money.Amount(len(b.rows) - first)
	var err error
	b.level, err = start.balance.MulDiv(1, int64(n), b.Rounding)
	b.note(err)
	if b.level*(n-1) > start.balance {
		b.level = start.balance / n
	}
	if b.Residue == First {
		b.extra = start.balance - b.level*n
	}
	b.run(start, first, len(b.rows))
}

// buildLevel finds the level payment and the instalments with more interest than it,
// then moves the residue if the first instalment takes it.
func (b *builder) buildLevel(start state) {
	first, last := b.firstPaying(), len(b.rows)-1
	growths := b.growths(b.LevelByPeriods)
	for above := true; above && b.err == nil; {
		b.solveLevel(start.balance, growths)
		b.run(start, first, last+1)
		above = !b.LevelByPeriods && b.findAbove(first, last)
	}
	if b.Residue != First || first == last || b.err != nil {
		return
	}
	b.extra = b.discounted(b.ownPayment(last)-b.level, growths)
	b.run(start, first, last+1)
}

// ownPayment returns the part of the instalment that is compared with the level payment:
// the instalment without deferred interest of earlier periods; for EqualPrincipal, its
// principal.
func (b *builder) ownPayment(k int) money.Amount {
	r := &b.rows[k]
	if b.Method == EqualPrincipal {
		return r.Principal
	}
	own := r.Principal + r.Accrued
	if b.Method == LevelWithIVA {
		own += b.tax(b.taxable(k, r.Accrued, r.OpeningBalance))
	}
	return own
}

// findAbove marks the instalments before the last with more interest than the level
// payment, and reports whether it found new ones.
func (b *builder) findAbove(first, last int) (found bool) {
	for k := first; k < last; k++ {
		if b.rows[k].Principal == 0 && b.rows[k].OpeningBalance > 0 && b.ownPayment(k) > b.level && !b.interest[k] {
			if b.interest == nil {
				b.interest = map[int]bool{}
			}
			b.interest[k], found = true, true
		}
	}
	return found
}

// growths returns den + num for each instalment of the level methods, where num / den
// is the exact interest of the period on a balance of 1. LevelWithIVA includes the IVA.
// With byPeriods each period is an equal part of a year. The last element is den, which
// is common to all and positive.
func (b *builder) growths(byPeriods bool) []*big.Int {
	num, den := big.NewInt(int64(b.AnnualRate)), big.NewInt(int64(rate.One))
	if b.Method == LevelWithIVA {
		num, den = b.IVA.Gross(b.AnnualRate)
	}
	first := b.firstPaying()
	year := b.periods[0].fraction.Den
	if byPeriods {
		year = b.Frequency.PerYear()
	}
	den = new(big.Int).Mul(den, big.NewInt(year))
	common := new(big.Int).Set(den)
	all := make([]*big.Int, 0, len(b.rows)-first+1)
	var parts []*big.Int // without repetitions: there are few different lengths
	lengths := make([]int64, 0, 4)
	for k := first; k < len(b.rows); k++ {
		length := b.periods[k].fraction.Num
		switch {
		case b.waived(k):
			length = 0
		case byPeriods:
			length = 1
		}
		at := slices.Index(lengths, length)
		if at < 0 {
			at, lengths = len(lengths), append(lengths, length)
			parts = append(parts, new(big.Int).Mul(num, big.NewInt(length)))
			common.GCD(nil, nil, common, parts[at])
		}
		all = append(all, parts[at])
	}
	den.Quo(den, common)
	for _, part := range parts {
		part.Add(den, part.Quo(part, common))
	}
	return append(all, den)
}

// solveLevel sets the level payment, rounded once, and returns it as an exact fraction:
// the solution A of B(k) = B(k-1) × g(k)/den − A with B(n) = 0 over the instalments that
// pay more than interest. Solved for A: B(0) × Π g / Σ den^k × Π g after k.
func (b *builder) solveLevel(balance money.Amount, growths []*big.Int) (product, sum *big.Int) {
	n := len(growths) - 1
	den, power := growths[n], big.NewInt(1)
	product, sum = big.NewInt(int64(balance)), new(big.Int)
	spare := new(big.Int)
	for i, g := range growths[:n] {
		if b.interest[b.firstPaying()+i] {
			continue
		}
		product, spare = spare.Mul(product, g), product
		sum, spare = spare.Mul(sum, g), sum
		power, spare = spare.Mul(power, den), power
		sum.Add(sum, power)
	}
	level := money.RoundRatio(product, sum, b.Rounding)
	if !level.IsInt64() {
		b.note(money.ErrRange)
		return product, sum
	}
	b.level = money.Amount(level.Int64())
	return product, sum
}

// discounted converts a difference in the last instalment to principal of the first
// instalment that pays principal: divided by the growth of the balance in between and
// rounded.
func (b *builder) discounted(difference money.Amount, growths []*big.Int) money.Amount {
	n := len(growths) - 1
	num, den := big.NewInt(int64(max(difference, -difference))), big.NewInt(1)
	for i := 1; i < n; i++ {
		if !b.interest[b.firstPaying()+i] {
			num.Mul(num, growths[n])
			den.Mul(den, growths[i])
		}
	}
	part := money.Amount(money.RoundRatio(num, den, b.Rounding).Int64()) // at most the difference
	if difference < 0 {
		return -part
	}
	return part
}

// run computes the rows from one index to another and returns the state after them.
func (b *builder) run(s state, from, to int) state {
	for k := from; k < to; k++ {
		s = b.instalment(k, s)
	}
	return s
}

func (b *builder) instalment(k int, s state) state {
	p, r := &b.periods[k], &b.rows[k]
	*r = Row{Number: k + 1, Due: p.due, Nominal: p.nominal, Days: p.fraction.Days, OpeningBalance: s.balance, Insurance: b.Insurance}
	r.Accrued = b.accrue(k, s.balance)
	r.Taxable = b.taxable(k, r.Accrued, s.balance)
	r.Principal = b.principal(k, s.balance, r.Accrued, r.Taxable)
	switch {
	case k >= b.Grace.InterestPeriods:
		r.Interest = r.Accrued + s.deferred
		r.Taxable += s.deferredTaxable
		s.deferred, s.deferredTaxable = 0, 0
	case b.Grace.Mode == Capitalise:
		r.Capitalised = r.Accrued
	case b.Grace.Mode == Defer:
		s.deferred += r.Accrued
		s.deferredTaxable += r.Taxable
		r.Taxable = 0
	}
	r.IVA = b.tax(r.Taxable)
	b.charge(r)
	s.balance += r.Capitalised - r.Principal
	r.Balance = s.balance
	r.Total = r.Principal + r.Interest + r.IVA + r.Fee + r.FeeIVA + r.Insurance
	return s
}

// charge sets the periodic fee of the instalment and its IVA.
func (b *builder) charge(r *Row) {
	var err error
	r.Fee, err = b.Fees.Periodic.of(b.Amount, b.Rounding)
	b.note(err)
	r.FeeIVA, err = b.Fees.IVARate.Of(r.Fee, b.Rounding)
	b.note(err)
}

// waived reports whether the interest of the period is waived.
func (b *builder) waived(k int) bool { return b.Grace.Mode == Waive && k < b.Grace.InterestPeriods }

func (b *builder) accrue(k int, balance money.Amount) money.Amount {
	if b.waived(k) {
		return 0
	}
	interest, err := b.AnnualRate.Interest(balance, b.periods[k].fraction, b.Rounding)
	b.note(err)
	if interest > money.Max { // so that no sum of instalments overflows
		b.note(money.ErrRange)
	}
	return interest
}

func (b *builder) taxable(k int, interest, balance money.Amount) money.Amount {
	taxable, err := b.IVA.Taxable(interest, balance, b.AnnualRate, b.periods[k].fraction, b.Rounding)
	b.note(err)
	return taxable
}

func (b *builder) tax(taxable money.Amount) money.Amount {
	tax, err := b.IVA.On(taxable, b.Rounding)
	b.note(err)
	return tax
}

// principal returns the principal part of an instalment, between zero and the balance.
func (b *builder) principal(k int, balance, interest, taxable money.Amount) money.Amount {
	part := money.Amount(0)
	switch {
	case k < b.firstPaying():
		return 0
	case k == len(b.rows)-1:
		return balance
	case b.exact != nil:
		part = balance - b.exact[k-b.firstPaying()]
	case b.Method == EqualPrincipal:
		part = b.level
	case b.Method == Level:
		part = b.level - interest
	case b.Method == LevelWithIVA:
		part = b.level - interest - b.tax(taxable)
	}
	if k == b.firstPaying() && b.exact == nil {
		part += b.extra
	}
	return min(max(part, 0), balance)
}
