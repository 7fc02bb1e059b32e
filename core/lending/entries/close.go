package entries

import (
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

// Reclassified returns the entry of a loan that becomes overdue in the books or is no
// longer overdue, "loan_reclassified": it moves the principal and the interest to the
// other accounts. A negative amount moves in the opposite direction. It is the zero
// Entry if both amounts are 0.
func Reclassified(k Booking, principal, interest money.Amount, toOverdue bool) ledger.Entry {
	if !toOverdue {
		principal, interest = -principal, -interest
	}
	s := k.sheet()
	s.Move(accounting.OverduePrincipal, accounting.LoansPrincipal, principal)
	s.Move(accounting.OverdueInterest, accounting.LoansInterest, interest)
	return k.Entry("loan_reclassified", s.Sheet)
}

// MirrorsReclassified returns the entry that moves the amounts of mirror entries to the current
// accounts of the loan, as Booking.Overdue gives them. An accounting.Mirror uses the
// accounts of the entry that it reverses, which may be from before a reclassification.
// It is the zero Entry if the accounts are the same.
func MirrorsReclassified(k Booking, mirrors ...ledger.Entry) ledger.Entry {
	from, fromInterest := accounting.OverduePrincipal, accounting.OverdueInterest
	if k.Overdue {
		from, fromInterest = accounting.LoansPrincipal, accounting.LoansInterest
	}
	var principal, interest money.Amount
	for i := range mirrors {
		for _, p := range mirrors[i].Postings {
			switch p.Account {
			case from:
				principal += p.Debit - p.Credit
			case fromInterest:
				interest += p.Debit - p.Credit
			}
		}
	}
	return Reclassified(k, principal, interest, k.Overdue)
}

// WriteOffRestated returns the entry that corrects the loss of a write-off, "write_off_restated":
// the interest turns out to be suspended, so it was never income and is not a loss. A
// negative amount makes it a loss again. It is the zero Entry if the amount is 0.
func WriteOffRestated(k Booking, interest money.Amount) ledger.Entry {
	s := k.sheet()
	s.Move(s.interest, accounting.ProvisionExpense, interest)
	return k.Entry("write_off_restated", s.Sheet)
}

// DayAccrued is Accrued for all loans of a product on a day. The subject of the booking
// is product.Subject. Only loans that are not overdue accrue to income, so the interest
// goes to 1302.
func DayAccrued(k Booking, interest, iva, suspended money.Amount) ledger.Entry {
	k.Overdue = false
	return Accrued(k, interest, iva, suspended)
}

// Provisioned returns the entry of a change of the provisions for principal (1390) and
// for interest (1391), "provision_changed". A decrease is negative. It is the zero Entry
// if both changes are 0.
func Provisioned(k Booking, principal, interest money.Amount) ledger.Entry {
	s := k.sheet()
	s.Move(accounting.ProvisionExpense, accounting.Provision, principal)
	s.Move(accounting.ProvisionExpense, accounting.ProvisionInterest, interest)
	return k.Entry("provision_changed", s.Sheet)
}

// FeesAmortised returns the entry of the part of origination fees that became income,
// "opening_fee_amortised": the change of Amortised, negative if a replay undid it. It is
// the zero Entry if the amount is 0.
func FeesAmortised(k Booking, amount money.Amount) ledger.Entry {
	s := k.sheet()
	s.Move(accounting.OriginationFees, accounting.FeeIncome, amount)
	return k.Entry("opening_fee_amortised", s.Sheet)
}

// Amortised returns the part of an origination fee that is income from the day of
// disbursement to the end of the day on. The fee is spread evenly over the days up to
// the last due date of the contract, which does not count because it earns no interest;
// the total is rounded once, half up. It is 0 before the disbursement and the whole fee
// from the day before the last due date on. For a loan that ends early, last is the day
// on which it ends. The fee must not be negative.
//
// NIF C-16 requires the effective-rate method, which gives a larger part to the first
// days. It is not used (docs/rules/fees.md).
func Amortised(fee money.Amount, opened, last, on civil.Date) money.Amount {
	days, whole := int64(on.Since(opened))+1, int64(last.Since(opened))
	if days <= 0 {
		return 0
	}
	part, err := fee.MulDiv(days, whole, money.HalfUp)
	if days >= whole || err != nil { // a part of the fee cannot overflow
		return fee
	}
	return part
}
