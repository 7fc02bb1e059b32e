package rate

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"sofipo/core/money"
)

// Flow is a cash flow of a loan, seen by the borrower: positive if the borrower receives
// the amount (A), negative if the borrower pays it (B).
type Flow struct {
	Years  float64      `json:"years"` // from the first day of the contract
	Amount money.Amount `json:"amount"`
}

// CAT (costo anual total) is the total annual cost of a loan as a fraction (0.1607): the
// effective annual rate of Banxico's Circular 21/2009 (docs/rules/cat.md). It is a float
// because it is only shown; nothing is charged by it.
type CAT float64

// ErrNoCAT is the error of SolveCAT if the equation has no solution from zero to e^600.
var ErrNoCAT = errors.New("the flows have no CAT from zero to e^600")

// Percent returns the CAT in per cent with one decimal, rounded half up: "16.1".
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

// SolveCAT solves Σ A / (1+i)^t = Σ B / (1+i)^s for i. If there are several solutions, it
// returns the smallest positive one (Circular 9/2015). It returns zero if the payments
// equal the amounts received and there is no positive solution. The error is ErrNoCAT.
//
// The search uses x = ln(1+i), which makes the equation a sum of exponentials. Flows that
// change sign once have one root; Newton's method inside a bracket finds it. For other
// flows the first change of sign is searched upwards in steps of 0.002 or 2 % of x. Two
// roots within one step are not found.
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

// prepare sorts the flows by time. It returns the first net amount of a moment that is
// not zero, the number of sign changes between moments, and the sum of all flows.
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

// at returns the present value and its slope.
func (c curve) at(x float64) (value, slope float64) {
	for _, f := range c {
		discounted := float64(f.Amount) * math.Exp(-x*f.Years)
		value += discounted
		slope -= f.Years * discounted
	}
	return value, slope
}

const (
	nearest  = 1e-6 // smallest x to search if zero is a root
	farthest = 600  // largest x to search; e^600 is still finite
)

// bracket finds two values of x, upwards from the given one, between which the value
// changes sign. It uses small steps if fine is set; otherwise each step is eight times
// as far.
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

// root finds the root in a bracket by Newton's method, and by bisection where a step
// would leave the bracket.
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
