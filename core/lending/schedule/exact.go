package schedule

import (
	"math/big"

	"sofipo/core/fault"
	"sofipo/core/money"
)

// MaxDrift returns the largest difference that rounding may make in one instalment from
// Rules2 on: three centavos for each of the instalments that pay principal, but at most
// half the level payment. Published tables of 360 months differ by up to 2.3 centavos
// for each instalment.
func MaxDrift(level money.Amount, instalments int) money.Amount {
	return min(3*money.Amount(instalments), level/2)
}

// limitDrift computes the rows again from the exact balance if rounding makes the first
// or the last instalment differ too much from what it would be without rounding.
func (b *builder) limitDrift(start state) {
	first, last := b.firstPaying(), len(b.rows)-1
	if first == last {
		return
	}
	var exact []money.Amount
	want := b.level
	if b.LevelByPeriods {
		exact, want = b.exactBalances(start.balance)
	}
	if max(distance(b.ownPayment(last), want), distance(b.extra, 0)) <= MaxDrift(b.level, last-first+1) {
		return
	}
	if exact == nil {
		exact, _ = b.exactBalances(start.balance)
	}
	b.exact = exact
	b.run(start, first, last+1)
}

func distance(x, y money.Amount) money.Amount { return max(x-y, y-x) }

// exactBalances returns the exact balance after each instalment that may pay principal,
// rounded, and the exact last instalment, rounded.
func (b *builder) exactBalances(balance money.Amount) (balances []money.Amount, payment money.Amount) {
	n := int64(len(b.rows) - b.firstPaying())
	balances = make([]money.Amount, n)
	if b.Method == EqualPrincipal {
		for k := range balances {
			var err error
			balances[k], err = balance.MulDiv(n-1-int64(k), n, b.Rounding)
			b.note(err)
		}
		return balances, b.level
	}
	growths := b.growths(b.LevelByPeriods)
	days := growths
	if b.LevelByPeriods {
		days = b.growths(false)
	}
	b.interest = nil
	for above := true; above; {
		product, sum := b.solveLevel(balance, growths)
		payment, above = b.exactLevel(balances, level{balance, product, sum}, days)
	}
	return balances, payment
}

// level is a balance with the exact level payment that repays it: product / sum.
type level struct {
	balance      money.Amount
	product, sum *big.Int
}

// exactLevel sets the balances that the exact level payment leaves, rounded, and returns
// the exact last instalment, rounded. An instalment with more interest than the level
// payment leaves the balance as it is. Such instalments are marked, except with
// LevelByPeriods; above reports whether there were new ones, so that the level payment
// must be solved again.
func (b *builder) exactLevel(balances []money.Amount, of level, growths []*big.Int) (last money.Amount, above bool) {
	n := len(growths) - 1
	den := growths[n]
	scale, payment := new(big.Int).Set(of.sum), new(big.Int).Set(of.product)
	exact := new(big.Int).Mul(big.NewInt(int64(of.balance)), scale) // the balance × scale; payment is × scale too
	grown := new(big.Int)
	for i, g := range growths[:n] {
		k := b.firstPaying() + i
		if balances[i] = of.balance; i > 0 {
			balances[i] = balances[i-1]
		}
		if b.interest[k] {
			continue
		}
		grown.Mul(exact, g)
		exact.Mul(exact, den)
		payment.Mul(payment, den)
		scale.Mul(scale, den)
		if i == n-1 {
			balances[i], last = 0, b.roundedRatio(grown, scale)
			break
		}
		rest := grown.Sub(grown, payment)
		if rest.Cmp(exact) > 0 {
			if !b.LevelByPeriods {
				if b.interest == nil {
					b.interest = map[int]bool{}
				}
				b.interest[k], above = true, true
			}
			continue
		}
		if rest.Sign() < 0 {
			rest.SetInt64(0)
		}
		exact, grown = rest, exact
		balances[i] = b.roundedRatio(exact, scale)
	}
	return last, above
}

func (b *builder) roundedRatio(num, den *big.Int) money.Amount {
	n := money.RoundRatio(num, den, b.Rounding)
	if !n.IsInt64() {
		b.note(money.ErrRange)
		return 0
	}
	return money.Amount(n.Int64())
}

// refused returns the flaw of terms from Rules2 on that do not repay the loan in their
// instalments.
func (b *builder) refused() error {
	first, last := b.firstPaying(), len(b.rows)-1
	if b.Rules < Rules2 || b.Method == Bullet || first >= last {
		return nil
	}
	switch opening := b.rows[last].OpeningBalance; {
	case b.LevelByPeriods && opening == 0:
		return fault.Wrong(fault.At("level_by_periods", LevelTooHigh))
	case b.LevelByPeriods && opening >= b.rows[first].OpeningBalance:
		return fault.Wrong(fault.At("level_by_periods", LevelTooLow))
	}
	for k := first; k <= last; k++ {
		if b.ownPayment(k) == 0 {
			return fault.Wrong(fault.At("periods", InstalmentOfZero, "least", money.Amount(1)))
		}
	}
	return nil
}
