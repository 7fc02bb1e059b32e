package entries

import (
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// Recognition splits the interest of a loan into income and suspended interest
// (docs/rules/stages.md#suspended-interest). While a loan is overdue, its new interest is
// suspended: it is in memorandum accounts and becomes income when it is collected.
//
// Think of the interest as a line from the first centavo earned to the last. Payments
// collect it from the beginning. The suspended interest is one part of the line: it
// begins at Frozen and has the length Carried. The zero value suspends nothing.
//
// The functions take the totals of earned and collected interest since the disbursement
// (see InterestOf). The result depends only on these totals, so the reversal of a
// payment suspends the interest again that the payment had made income.
type Recognition struct {
	Suspended bool         // new interest is suspended
	Frozen    money.Amount // total of earned interest at which the suspended part begins
	Carried   money.Amount // length of the suspended part, collected or not; 0 while Suspended, because it has no end yet
}

// InterestOf returns the total ordinary interest that an account has earned up to its
// day, and the collected part: paid by the client or capitalised. Written-off and
// recovered interest does not count as collected, so for a written-off loan Recognised
// continues to return the income before the write-off.
func InterestOf(a servicing.Account) (earned, collected money.Amount) {
	return servicing.Recognised(a).Interest, a.Paid.Interest + a.Capitalised
}

// Recognised splits the earned interest into income and interest that is still
// suspended. Income is at least the collected and at most the earned interest.
func (n Recognition) Recognised(earned, collected money.Amount) (income, suspended money.Amount) {
	length := max(0, earned-n.Frozen)
	if !n.Suspended {
		length = min(length, n.Carried)
	}
	suspended = length - min(max(0, collected-n.Frozen), length)
	return earned - suspended, suspended
}

// Suspend returns the recognition of a loan that stops accruing to income now. It
// changes nothing if the loan is already suspended. Interest suspended earlier stays
// suspended and is collected last.
func (n Recognition) Suspend(earned, collected money.Amount) Recognition {
	if n.Suspended {
		return n
	}
	income, _ := n.Recognised(earned, collected)
	return Recognition{Suspended: true, Frozen: income}
}

// Resume returns the recognition of a loan that accrues to income again from now on. It
// changes nothing if the loan is not suspended. Suspended interest stays suspended until
// it is collected.
func (n Recognition) Resume(earned, _ money.Amount) Recognition {
	if !n.Suspended {
		return n
	}
	if earned <= n.Frozen {
		return Recognition{}
	}
	return Recognition{Frozen: n.Frozen, Carried: earned - n.Frozen}
}
