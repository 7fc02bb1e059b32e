package settlement

import (
	"cmp"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// NeedReceived requests the rows that CheckReceived reads: the till or the bank account that
// the means name. Means that name none need nothing.
func NeedReceived(n *bank.Needs, m settlement.Means) {
	if !m.TillID.IsZero() {
		tillShared.Need(n, m.TillID)
	}
	if named(m) {
		accountShared.Need(n, m.AccountID)
	}
}

// CheckReceived returns the means of money that the actor receives, complete. It refuses a
// till that is not open for the actor, and a bank account that is closed or does not exist.
func CheckReceived(b *bank.Book, m settlement.Means) (settlement.Means, error) {
	m = m.Normal()
	if !m.TillID.IsZero() {
		t, err := openTill(b, m)
		m.BranchID = t.BranchID
		return m, err
	}
	if named(m) {
		_, err := findAccount(b, m.AccountID)
		return m, err
	}
	return m, nil
}

// NeedPaid requests the rows that CheckPaid reads, and the balance of the till or bank account
// that the means name.
func NeedPaid(n *bank.Needs, m settlement.Means) {
	switch {
	case !m.TillID.IsZero():
		tillByID.Need(n, m.TillID)
	case named(m):
		accountByID.Need(n, m.AccountID)
	default:
		return
	}
	at := m.Paid()
	n.PlaceBalance(at.Account, at.Subject)
}

// CheckPaid is CheckReceived for money that the actor pays out. It also refuses to take more
// than the till or bank account has.
func CheckPaid(b *bank.Book, m settlement.Means, amount money.Amount) (settlement.Means, error) {
	m, at := m.Normal(), m.Paid()
	if !m.TillID.IsZero() {
		t, err := openTill(b, m)
		if err == nil {
			err = t.CheckCash(b.PlaceBalance(at.Account, at.Subject), amount)
		}
		m.BranchID = t.BranchID
		return m, err
	}
	if named(m) {
		a, err := findAccount(b, m.AccountID)
		if err == nil {
			err = a.CheckMoney(b.PlaceBalance(at.Account, at.Subject), amount)
		}
		return m, err
	}
	return m, nil
}

// openTill returns the till of the means, which must have an open session of the actor.
func openTill(b *bank.Book, m settlement.Means) (settlement.Till, error) {
	t, err := findTill(b, m.TillID)
	if err == nil {
		err = usable(b, t, b.Actor())
	}
	return t, err
}

// usable refuses a till that is not open for the user, or whose session is of a closed day.
func usable(b *bank.Book, t settlement.Till, user string) error {
	return cmp.Or(t.CheckOpenFor(user), t.CheckDay(b.LastDay().Day))
}

// named reports whether the means name a bank account other than the main one.
func named(m settlement.Means) bool {
	return !m.AccountID.IsZero() && m.AccountID != settlement.MainAccount
}

// The tills and bank accounts that the transactions of a loan name.
var (
	tillVia       = &bank.Via{Table: "loan_transactions", Column: "loan_id", Columns: []string{"till_id"}, Own: []string{"id"}}
	accountVia    = &bank.Via{Table: "loan_transactions", Column: "loan_id", Columns: []string{"bank_account_id"}, Own: []string{"id"}}
	tillsOfLoan   = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Till, id.ID]{Table: Tills, Column: "id", Lock: true, Via: tillVia})
	accountOfLoan = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Account, id.ID]{Table: Accounts, Column: "id", Lock: true, Via: accountVia})
)

// NeedReturned requests what CheckReturned reads for a transaction of a loan.
func NeedReturned(n *bank.Needs, loanID id.ID, m settlement.Means) {
	tillsOfLoan.Need(n, loanID)
	accountOfLoan.Need(n, loanID)
	n.PlaceBalances(tillVia, loanID)
	n.PlaceBalances(accountVia, loanID)
	NeedPaid(n, m)
}

// CheckReturned returns the means by which money goes back: those that are given, or else
// those of the transaction that is undone. The amount is negative if the money is received
// again. As in CheckPaid, the till must be open and have the cash; a till that the
// transaction names may be another user's.
func CheckReturned(b *bank.Book, given, undone settlement.Means, amount money.Amount) (settlement.Means, error) {
	switch {
	case given != (settlement.Means{}) && amount < 0:
		return CheckReceived(b, given)
	case given != (settlement.Means{}):
		return CheckPaid(b, given, amount)
	case !undone.TillID.IsZero():
		t, err := findTill(b, undone.TillID)
		if err == nil {
			err = usable(b, t, t.Teller)
		}
		if err == nil {
			err = t.CheckCash(b.PlaceBalance(accounting.Cash, t.ID), amount)
		}
		return undone, err
	case named(undone) && undone.Method == settlement.Transfer:
		a, err := findAccount(b, undone.AccountID)
		if err == nil {
			err = a.CheckMoney(b.PlaceBalance(accounting.Bank, a.ID), amount)
		}
		return undone, err
	}
	return undone, nil
}
