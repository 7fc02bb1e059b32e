package entries

import (
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

// Reclassified is the entry of a loan that becomes overdue in the books, or that
// no longer is, "loan_reclassified": the principal and the interest that it has
// there change accounts. What is negative goes the other way. It is the zero Entry
// if both are 0.
func Reclassified(k Booking, principal, interest money.Amount, toOverdue bool) ledger.Entry {
	if !toOverdue {
		principal, interest = -principal, -interest
	}
	s := k.sheet()
	s.Move(accounting.OverduePrincipal, accounting.LoansPrincipal, principal)
	s.Move(accounting.OverdueInterest, accounting.LoansInterest, interest)
	return k.Entry("loan_reclassified", s.Sheet)
}

// Settled is the Reclassified entry that brings what was mirrored to the accounts
// that the loan is on now, by the booking's Overdue: an accounting.Mirror is of the
// accounts of its time. It is the zero Entry if they are the same.
func Settled(k Booking, mirrors ...ledger.Entry) ledger.Entry {
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

// Unlost is the entry that takes interest out of the loss of a write-off, as it was
// suspended and no income that could be lost, "write_off_restated"; negative, it
// becomes a loss again. It is the zero Entry if it is 0.
func Unlost(k Booking, interest money.Amount) ledger.Entry {
	s := k.sheet()
	s.Move(s.interest, accounting.ProvisionExpense, interest)
	return k.Entry("write_off_restated", s.Sheet)
}

// DayAccrued is Accrued for all the loans of a product on a day. The booking's
// subject is the product's, product.Subject. Loans whose interest becomes income as
// it is earned are not overdue in the books, so that it is on 1302.
func DayAccrued(k Booking, interest, iva, suspended money.Amount) ledger.Entry {
	k.Overdue = false
	return Accrued(k, interest, iva, suspended)
}

// Provisioned is the entry of the change of what is provided for principal (1390)
// and for interest (1391), "provision_changed"; less is negative. It is the zero
// Entry if both are 0.
func Provisioned(k Booking, principal, interest money.Amount) ledger.Entry {
	s := k.sheet()
	s.Move(accounting.ProvisionExpense, accounting.Provision, principal)
	s.Move(accounting.ProvisionExpense, accounting.ProvisionInterest, interest)
	return k.Entry("provision_changed", s.Sheet)
}

// FeesAmortised is the entry of the part of origination fees that became
// income, "opening_fee_amortised": the change of Amortised; negative if a replay
// undid it. It is the zero Entry if it is 0.
func FeesAmortised(k Booking, amount money.Amount) ledger.Entry {
	s := k.sheet()
	s.Move(accounting.OriginationFees, accounting.FeeIncome, amount)
	return k.Entry("opening_fee_amortised", s.Sheet)
}

// Amortised is the part of an origination fee, not negative, that is income
// from the disbursement through the end of a day: the same each day until the last
// due date of the contract, which is not counted as it bears no interest, rounded
// half up over all the days at once. Nothing before the disbursement, the whole
// from the day before the last due date on. Of a loan that ends early, last is the
// day on which it does.
//
// The effective-rate method, which C-16 asks for, is not used: it gives more of
// it to the first days, when more is owed.
func Amortised(fee money.Amount, opened, last, on civil.Date) money.Amount {
	days, whole := int64(on.Since(opened))+1, int64(last.Since(opened))
	if days <= 0 {
		return 0
	}
	part, err := fee.MulDiv(days, whole, money.HalfUp)
	if days >= whole || err != nil { // less than the fee is an amount
		return fee
	}
	return part
}
