package accounting

import (
	"fmt"

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
// The subject of its postings is the loan of the booking or else its reference.
// The accounts are those of the booking's day.
//
// It refuses, naming each field (body, lines, index, name) with what is accepted:
// fewer than 2 lines or more than MaxLines; an account that is not on the chart,
// a group or a control account; a line that has not one side above zero and at
// most money.Max; sides that differ or are above money.Max. All memorandum accounts
// are control accounts.
func Manual(k Booking, lines []Line) (ledger.Entry, error) {
	if len(lines) < 2 || len(lines) > MaxLines {
		return ledger.Entry{}, refused(linesFault(fmt.Sprintf("must be 2 to %d lines", MaxLines)))
	}
	if faults := lineFaults(k.Day, lines); len(faults) > 0 {
		return ledger.Entry{}, refused(faults...)
	}
	switch debits, credits := sides(lines); {
	case debits != credits:
		return ledger.Entry{}, refused(linesFault(fmt.Sprintf("must balance: the debits are %s, the credits %s", debits, credits)))
	case debits > money.Max: // a few dozen of such would be beyond what the sums of accounts can hold
		return ledger.Entry{}, refused(linesFault(fmt.Sprintf("must be at most %s on each side: the debits are %s", money.Max, debits)))
	}
	subject := k.Loan
	if subject.IsZero() {
		subject = k.Reference
	}
	s := sheet{subject: subject, postings: make([]ledger.Posting, 0, len(lines))}
	for _, l := range lines {
		s.postings = append(s.postings, ledger.Posting{Account: l.Account, Subject: subject, Debit: l.Debit, Credit: l.Credit})
	}
	return k.entry("manual", s), nil
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

func lineFaults(on civil.Date, lines []Line) (faults []fault.Field) {
	add := func(rule string, context map[string]any, loc ...any) {
		faults = append(faults, fault.Field{Loc: append([]any{"body", "lines"}, loc...), Message: rule, Type: "value_error", Context: context})
	}
	amounts := "must be above zero and at most " + money.Max.String()
	for i, l := range lines {
		if rule := accountRule(l.Account, on); rule != "" {
			add(rule, map[string]any{"accepted": Manually(on)}, i, "account")
		}
		switch {
		case l.Debit < 0 || l.Debit > money.Max:
			add(amounts, nil, i, "debit")
		case l.Credit < 0 || l.Credit > money.Max:
			add(amounts, nil, i, "credit")
		case (l.Debit == 0) == (l.Credit == 0):
			add("must have either a debit or a credit", nil, i)
		}
	}
	return faults
}

// accountRule says what an account breaks, "" if it may be posted to by hand.
func accountRule(code ledger.Account, on civil.Date) string {
	a, found := Find(code, on)
	switch {
	case !found:
		return "must be an account of the chart on " + on.String()
	case !a.Postable():
		return "must be an account, not a group of accounts"
	case a.Control():
		return "must not be a control account: only the operations of its sub-ledger move it"
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

func linesFault(rule string) fault.Field {
	return fault.Field{Loc: []any{"body", "lines"}, Message: rule, Type: "value_error"}
}

func refused(fields ...fault.Field) error { return fault.InFields(fields) }
