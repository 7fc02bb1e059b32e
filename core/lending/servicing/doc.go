// Package servicing is the life of one loan after it is granted: what is due on
// a day, what a payment does, prepayment, payoff, write-off, recovery,
// restructure, and the replay from which back-dated payments and reversals
// follow. Values go in and values come out; nothing is changed in place, and the
// same history always gives the same account.
//
// # Rules
//
// They follow docs/rules (interest.md, penalty-interest.md, payments.md, stages.md,
// write-offs.md). Where these leave a choice, the code does the following.
//
// Days. Interest runs from the disbursement (counted) to the day of payment (not
// counted). An instalment may be paid from the end of its period and is late
// after its due date; the two differ only where a holiday moved the due date and
// interest did not follow. Inside a period the days are counted from its first
// day by the contract's convention and never exceed those of the whole period,
// so that the parts of a period add up to it, under 30/360 too.
//
// Rounding. What accrues is kept exact, as a sum of balance × part of a year. It
// is rounded to the centavo when it becomes due or is paid, always as one figure
// from its beginning; what is charged on a day is that figure less what was
// charged before. So a thousand small payments never gain or lose a centavo
// against one. A part of a period closed by a prepayment is one figure of its
// own, and so is the rest of that period.
//
// Ordinary interest of an instalment is the table's. Principal that is overdue
// goes on bearing ordinary interest from its due date (mode additional): it adds
// to the interest of the instalment in whose period it accrues and is due with
// it; after the last instalment it is due to the day. In mode replaces overdue
// principal bears penalty interest alone. A period whose interest is waived bears none.
// Interest never bears interest, unless it was agreed to be capitalised.
//
// Penalty interest runs per instalment from its due date on its unpaid principal (or
// unpaid principal and interest of the table), by the product's own day count,
// and is due to the day. Paid within the days of grace there is none; after them
// it counts from the due date.
//
// IVA follows what it taxes: one figure for all the interest of an instalment,
// one for all its penalty interest. On a base of real interest the foreseen inflation
// of the terms is taken off the penalty interest rate too.
//
// Allocation. A payment pays what is due in the product's order, instalment by
// instalment from the oldest, or component by component over all of them. Only
// then is there an excess.
//
// Excess. By the product, or by the kind of the payment where the client asks:
//   - as advance (pago adelantado) it is held, bears no interest, changes no
//     balance and pays each coming instalment on the day from which that may be
//     paid;
//   - as prepayment (pago anticipado) it pays the interest accrued to the day,
//     with its IVA, in the product's order, and what is left reduces principal at
//     once and gives a new version of the schedule. On the day of disbursement no
//     interest has accrued, so that a payment reduces principal by its whole
//     amount. While interest waits by grace, an excess that does not cover all
//     that waits is held instead.
//
// New schedule after a prepayment. Due dates, days, fees and insurance
// stay. To reduce the instalment, the level is the one of a loan of the new
// balance from the start of the running period over the remaining instalments
// (PMT on the new balance). To reduce the term, the level (for equal principal,
// the part) stays and the loan ends when the balance does, with a smaller last
// instalment; methods that pay principal at the end, and loans in grace, reduce
// the instalment instead. The interest of the running period that was paid with
// the prepayment is not asked for again: that instalment is lower by it. The
// residue of a later version is in its last instalment.
//
// Payoff is all that is due, the interest accrued to the day with its IVA, and
// the principal not due, less what is kept as unapplied funds. Fees and insurance
// of instalments to come are not charged. A payment above it is refused with it; one
// of exactly so much ends the loan, unless the client asked to have it held.
//
// Write-off takes the whole debt, accrued interest included, out of the account
// and keeps it, by component, as what may be recovered; nothing accrues on it.
//
// Restructure keeps the loan and gives it new terms from a day: its principal is
// what was outstanding. What else was owed is carried, without interest, to the
// first new instalment, or its ordinary interest is added to the principal if
// that was agreed. What was kept as unapplied funds is used first.
//
// Cancellation is for the day of disbursement, before any other operation.
//
// Replay. A reversal, or a payment with an earlier value date, computes the loan
// anew from its contract over its operations in order of value date, then of
// number. What comes out is exactly what would have been, had the operations come
// so; the operations whose split changed are listed. If a later one no longer
// fits, all is refused and the one is named.
package servicing
