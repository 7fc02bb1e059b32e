package accounting

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

// MaxLines is the largest number of lines of a manual entry.
const MaxLines = 500

// Line is one line of a manual entry. Exactly one of Debit and Credit is above zero.
type Line struct {
	Account ledger.Account `json:"account"`
	Debit   money.Amount   `json:"debit"`
	Credit  money.Amount   `json:"credit"`
}

// ManualLedgerEntry returns the ledger entry of a manual entry, "manual", with the lines in the
// given order. The subject of the postings is that of the booking, or else its
// reference. The accounts are those in force on the day of the booking.
//
// It refuses, with the field (lines, index, name) and the accepted values: fewer than 2
// or more than MaxLines lines; an unknown account, a group or a control account; a line
// without exactly one side above zero and at most money.Max; debits that differ from
// the credits or exceed money.Max. All memorandum accounts are control accounts.
func ManualLedgerEntry(k Booking, lines []Line) (ledger.Entry, error) {
	if len(lines) < 2 || len(lines) > MaxLines {
		return ledger.Entry{}, fault.Wrong(fault.At("lines", LineCount, "least", 2, "most", MaxLines))
	}
	if err := lineFlaws(k.Day, lines).Err(); err != nil {
		return ledger.Entry{}, err
	}
	switch debits, credits := sides(lines); {
	case debits != credits:
		return ledger.Entry{}, fault.Wrong(fault.At("lines", Balanced, "debits", debits, "credits", credits))
	case debits > money.Max: // a few dozen larger entries would overflow the sums of accounts
		return ledger.Entry{}, fault.Wrong(fault.At("lines", SidesAtMost, "most", money.Max, "debits", debits))
	}
	subject := k.Subject
	if subject.IsZero() {
		subject = k.Reference
	}
	s := Sheet{subject, k.Branch, make([]ledger.Posting, 0, len(lines))}
	for _, l := range lines {
		s.postings = append(s.postings, ledger.Posting{Account: l.Account, Subject: subject, Branch: k.Branch, Debit: l.Debit, Credit: l.Credit})
	}
	return k.Entry("manual", s), nil
}

// ManualAccounts lists the accounts to which a manual entry may post on a day.
func ManualAccounts(on civil.Date) (open []ledger.Account) {
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
			f.Add(fault.At("account", rule, "date", on, "accepted", ManualAccounts(on)).In("lines", i))
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

// accountRule returns the rule that an account breaks, "" if manual entries may post to it.
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
