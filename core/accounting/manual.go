package accounting

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

// MaxLines is the largest number of lines of a manual entry.
const MaxLines = 500

// Line is one line of a manual entry: an amount above zero on one side.
type Line struct {
	Account ledger.Account `json:"account"`
	Debit   money.Amount   `json:"debit"`
	Credit  money.Amount   `json:"credit"`
}

// Manual is an entry made by hand, "manual", with its lines as they are given.
// The subject of its postings is that of the booking or else its reference.
// The accounts are those of the booking's day.
//
// It refuses, naming each field (lines, index, name) with what is accepted:
// fewer than 2 lines or more than MaxLines; an account that is not on the chart,
// a group or a control account; a line that has not one side above zero and at
// most money.Max; sides that differ or are above money.Max. All memorandum accounts
// are control accounts.
func Manual(k Booking, lines []Line) (ledger.Entry, error) {
	if len(lines) < 2 || len(lines) > MaxLines {
		return ledger.Entry{}, fault.Wrong(fault.At("lines", LineCount, "least", 2, "most", MaxLines))
	}
	if err := lineFlaws(k.Day, lines).Err(); err != nil {
		return ledger.Entry{}, err
	}
	switch debits, credits := sides(lines); {
	case debits != credits:
		return ledger.Entry{}, fault.Wrong(fault.At("lines", Balanced, "debits", debits, "credits", credits))
	case debits > money.Max: // a few dozen of such would be beyond what the sums of accounts can hold
		return ledger.Entry{}, fault.Wrong(fault.At("lines", SidesAtMost, "most", money.Max, "debits", debits))
	}
	subject := k.Subject
	if subject.IsZero() {
		subject = k.Reference
	}
	s := Sheet{subject, make([]ledger.Posting, 0, len(lines))}
	for _, l := range lines {
		s.postings = append(s.postings, ledger.Posting{Account: l.Account, Subject: subject, Debit: l.Debit, Credit: l.Credit})
	}
	return k.Entry("manual", s), nil
}

// Manually lists the accounts of a day that a manual entry may post to.
func Manually(on civil.Date) (open []ledger.Account) {
	for _, a := range Chart(on) {
		if a.Postable() && !a.Control() {
			open = append(open, a.Code)
		}
	}
	return open
}

func lineFlaws(on civil.Date, lines []Line) (f fault.Flaws) {
	for i, l := range lines {
		if rule := accountRule(l.Account, on); rule != "" {
			f.Add(fault.At("account", rule, "date", on, "accepted", Manually(on)).In("lines", i))
		}
		switch {
		case l.Debit < 0 || l.Debit > money.Max:
			f.Add(fault.At("debit", LineAmount, "most", money.Max).In("lines", i))
		case l.Credit < 0 || l.Credit > money.Max:
			f.Add(fault.At("credit", LineAmount, "most", money.Max).In("lines", i))
		case (l.Debit == 0) == (l.Credit == 0):
			f.Add(fault.At("", OneSide).In("lines", i))
		}
	}
	return f
}

// accountRule is the rule that an account breaks, "" if it may be posted to by hand.
func accountRule(code ledger.Account, on civil.Date) fault.Rule {
	a, found := Find(code, on)
	switch {
	case !found:
		return OnChart
	case !a.Postable():
		return NotGroup
	case a.Control():
		return NotControl
	}
	return ""
}

func sides(lines []Line) (debits, credits money.Amount) {
	for _, l := range lines {
		debits += l.Debit
		credits += l.Credit
	}
	return debits, credits
}
