package entries

import (
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// Recognition is how far the interest that a loan earns is income. Interest is a
// line from the first centavo earned to the last, collected from its beginning
// on; a loan that becomes overdue ceases to accrue to income there, so that a
// part of the line is suspended: memorandum, income once it is collected
// (docs/rules/stages.md#suspended-interest). The zero value is a loan of which nothing is suspended.
//
// What was earned and collected are all that it ever was, see InterestOf. The
// answer depends on them alone, so that a reversal suspends again what the payment
// that it undoes had made income.
type Recognition struct {
	Suspended bool         // what is earned now is suspended
	Frozen    money.Amount // where on the line the suspended part begins
	Carried   money.Amount // its length, collected or not; while suspended 0, for it has no end
}

// InterestOf is what an account has earned in all of ordinary interest up to its
// day and what of it was collected, by the client or by becoming principal. What
// was written off and recovered is not collected, so that of a loan written off
// Recognised goes on telling what was income until then.
func InterestOf(a servicing.Account) (earned, collected money.Amount) {
	return servicing.Recognised(a).Interest, a.Paid.Interest + a.Capitalised
}

// Recognised parts what was earned into what is income, in all, and what is still
// suspended. Income is never less than what was collected nor more than what was
// earned.
func (n Recognition) Recognised(earned, collected money.Amount) (income, suspended money.Amount) {
	length := max(0, earned-n.Frozen)
	if !n.Suspended {
		length = min(length, n.Carried)
	}
	suspended = length - min(max(0, collected-n.Frozen), length)
	return earned - suspended, suspended
}

// Suspend is the recognition from here on of a loan that ceases to accrue to
// income; nothing changes if it has. What is suspended from a time before stays
// so, as the last to be collected.
func (n Recognition) Suspend(earned, collected money.Amount) Recognition {
	if n.Suspended {
		return n
	}
	income, _ := n.Recognised(earned, collected)
	return Recognition{Suspended: true, Frozen: income}
}

// Resume is the recognition from here on of a loan that accrues to income again;
// nothing changes if it does. What is suspended stays so until it is collected.
func (n Recognition) Resume(earned, _ money.Amount) Recognition {
	if !n.Suspended {
		return n
	}
	if earned <= n.Frozen {
		return Recognition{}
	}
	return Recognition{Frozen: n.Frozen, Carried: earned - n.Frozen}
}
