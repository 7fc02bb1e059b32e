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

// Booked is what the books have of a loan.
type Booked struct{ Income, Suspended, IVA, Fee money.Amount }

// BookedOf is that of a loan with the account.
func BookedOf(b *bank.Book, l Loan, a servicing.Account) Booked {
	has := bookedOf(b, l, a)
	return Booked{has.income, has.suspended, has.iva, has.fee}
}
