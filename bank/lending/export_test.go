package lending

import (
	"sofipo/bank"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// Exported for the tests of random histories.
var (
	HistoryOf   = historyOf
	Operate     = operate
	NeedLoan    = needLoan
	NeedHistory = needHistory

	ProductByCode = productByCode
)

// Recorded is the part of the books that belongs to a loan.
type Recorded struct{ Income, Suspended, IVA, Fee money.Amount }

// RecordedOf returns what is recorded of a loan with the account.
func RecordedOf(b *bank.Book, l Loan, a servicing.Account) Recorded {
	has := recordedOf(b, l, a)
	return Recorded{has.income, has.suspended, has.iva, has.fee}
}
