package rate

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"sofipo/core/money"
)

// Flow is money that changes hands at a moment, seen by the borrower: above
// zero what the borrower receives (A), below zero what the borrower pays (B).
type Flow struct {
	Years  float64      `json:"years"` // from the contract's first day
	Amount money.Amount `json:"amount"`
}

// CAT is the total annual cost of a credit as a fraction of 1 (0.1607), the yearly
// effective rate of Banxico's circular 21/2009. It is the one figure kept as a
// float: it is shown, and nothing is charged by it.
type CAT float64

// ErrNoCAT says that no rate from zero to e^600 makes the flows equivalent.
var ErrNoCAT = errors.New("no rate from zero to e^600 makes the flows equivalent")

// Percent is the CAT in per cent with one decimal, half-way upwards: "16.1".
func (c CAT) Percent() string {
	return strconv.FormatFloat(math.Floor(float64(c)*1000+0.5)/10, 'f', 1, 64)
}

// MarshalJSON writes the per cent as a JSON number with one decimal.
func (c CAT) MarshalJSON() ([]byte, error) { return []byte(c.Percent()), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (c *CAT) UnmarshalJSON(b []byte) error {
	percent, err := strconv.ParseFloat(string(b), 64)
	*c = CAT(percent / 100)
	return err
}

// SolveCAT finds i in Σ A / (1+i)^t = Σ B / (1+i)^s. Of several solutions it
// gives the positive one nearest to zero (circular 9/2015); zero is the answer
// when what is paid equals what is received and no positive one is. The error is
// ErrNoCAT.
//
// The search runs over x = ln(1+i), in which the equation is a sum of
// exponentials. Flows that change sign once have one root, found by Newton's
// method kept inside a bracket; for others the first change of sign is sought
// upwards in steps of 0.002 or 2 % of x, so that two roots nearer to each other
// than a step count as none.
func SolveCAT(flows []Flow) (CAT, error) {
	c := curve(slices.Clone(flows))
	first, changes, sum := c.prepare()
	switch {
	case first == 0:
		return 0, ErrNoCAT
	case sum == 0 && changes <= 1:
		return 0, nil
	case changes == 0 || changes == 1 && (sum > 0) == (first > 0):
		return 0, ErrNoCAT
	}
	from := 0.0
	if sum == 0 {
		from = nearest
	}
	lo, hi, ok := c.bracket(from, changes > 1)
	x := 0.0
	if ok {
		x = c.root(lo, hi)
	}
	if x > farthest || !ok && sum != 0 {
		return 0, ErrNoCAT
	}
	return CAT(math.Expm1(x)), nil
}

// curve is the present value of flows as a function of x = ln(1+i).
type curve []Flow

// prepare sorts the flows by time and gives the net of the first moment that is
// not zero, how often the net of a moment changes sign, and the sum.
func (c curve) prepare() (first money.Amount, changes int, sum money.Amount) {
	slices.SortStableFunc(c, func(a, b Flow) int {
		if a.Years < b.Years {
			return -1
		} else if a.Years > b.Years {
			return 1
		}
		return 0
	})
	var last money.Amount
	for i := 0; i < len(c); {
		net, at := money.Amount(0), c[i].Years
		for ; i < len(c) && c[i].Years == at; i++ {
			net += c[i].Amount
		}
		if sum += net; net == 0 {
			continue
		}
		if first == 0 {
			first = net
		} else if (net > 0) != (last > 0) {
			changes++
		}
		last = net
	}
	return first, changes, sum
}

// at gives the present value and its slope.
func (c curve) at(x float64) (value, slope float64) {
	for _, f := range c {
		discounted := float64(f.Amount) * math.Exp(-x*f.Years)
		value += discounted
		slope -= f.Years * discounted
	}
	return value, slope
}

const (
	nearest  = 1e-6 // the least x looked at where zero is a root
	farthest = 600  // e^600 is still a number
)

// bracket finds two neighbouring x, from the given one up, between which the
// value changes sign; in fine steps, or else eight times farther each time.
func (c curve) bracket(from float64, fine bool) (lo, hi float64, ok bool) {
	start, _ := c.at(from)
	for lo, hi = from, 0.002; lo < farthest; {
		value, _ := c.at(hi)
		if value == 0 || (value > 0) != (start > 0) {
			return lo, hi, true
		}
		lo = hi
		if fine {
			hi += max(0.002, hi*0.02)
		} else {
			hi *= 8
		}
	}
	return 0, 0, false
}

// root narrows a bracket by Newton's steps, or by halves where a step leaves it.
func (c curve) root(lo, hi float64) float64 {
	start, _ := c.at(lo)
	x := lo
	for range 200 {
		value, slope := c.at(x)
		if value == 0 {
			return x
		}
		if (value > 0) == (start > 0) {
			lo = x
		} else {
			hi = x
		}
		next := x - value/slope
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if math.Abs(next-x) <= 1e-15*(1+x) || next == x {
			return next
		}
		x = next
	}
	return x
}
