package lending

import (
	"sofipo/bank"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// What the tests of random histories look at.
var (
	HistoryOf   = historyOf
	Operate     = operate
	NeedLoan    = needLoan
	NeedHistory = needHistory

	ProductByCode = productByCode
)

// Recorded is what the books have of a loan.
type Recorded struct{ Income, Suspended, IVA, Fee money.Amount }

// RecordedOf returns what is recorded of a loan with the account.
func RecordedOf(b *bank.Book, l Loan, a servicing.Account) Recorded {
	has := recordedOf(b, l, a)
	return Recorded{has.income, has.suspended, has.iva, has.fee}
}
