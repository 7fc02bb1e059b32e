// Package servicing computes one loan after its disbursement: the amounts due on a
// day, payments, prepayments, payoff, write-off, recovery and restructuring, and
// the replay behind back-dated payments and reversals. It is the calculation engine
// of the bank; it reads no clock and no database.
//
// An Account is the state of a loan on a day. An Operation changes the loan; a
// payment is an example. Apply takes an account and an operation and returns
// the account after it, with a Split that says how the operation was allocated. A
// History is the contract and all operations of a loan; Recompute builds the
// account from it. No function changes its arguments, and the same history always
// gives the same account.
//
// # Rules
//
// The rules are in docs/rules: interest.md, penalty-interest.md, payments.md,
// stages.md and write-offs.md. Where they leave a choice, the code does the
// following.
//
// Days. Interest runs from the day of disbursement, inclusive, to the day of
// payment, exclusive. An instalment may be paid from the end of its period and is
// late after its due date. The two dates differ only if a holiday moved the due
// date and the interest did not follow. Within a period, days are counted from its
// first day by the contract's day count and never exceed those of the whole period.
// So the days of the parts of a period always add up to those of the whole period,
// with 30/360 too.
//
// Rounding. Accrued interest is kept exact, as a sum of balance × fraction of a
// year. It is rounded to the centavo when it becomes due or is paid, always as one
// figure from the first day of the period. The charge of a day is that figure less
// the amounts charged before. A thousand small payments therefore cost the same
// centavos as one payment. If a prepayment closes a part of a period, that part is
// rounded as one figure, and the rest of the period as another.
//
// Ordinary interest. The schedule sets the ordinary interest of each instalment. In
// mode additional, overdue principal continues to earn ordinary interest after its
// due date. That interest is added to the instalment in whose period it accrues;
// after the last instalment it is due every day. In mode replaces, overdue principal
// earns penalty interest only. In a period with waived interest it earns none.
// Interest earns no interest unless its capitalisation was agreed.
//
// Penalty interest accrues separately for each instalment from its due date, on its
// unpaid principal, or on its unpaid principal and scheduled interest. It uses the
// day count of the product and is due every day. If the instalment is paid within
// the grace days, no penalty interest is charged; after them, it counts from the due
// date.
//
// IVA is computed on one figure for all the interest of an instalment, and on
// another for all its penalty interest. If the IVA base is real interest, the
// expected inflation of the terms is subtracted from the penalty rate too.
//
// Allocation. A payment first pays the amounts due in the allocation order of the
// product: instalment by instalment from the oldest, or component by component over
// all instalments. Only the remainder is an excess.
//
// Excess. The product, or the kind of payment that the client chose, decides:
//   - An advance payment (pago adelantado) becomes unapplied funds. They earn no
//     interest and do not change the balance. They pay each later instalment on the
//     first day on which it may be paid.
//   - A prepayment (pago anticipado) pays the interest accrued to the day, with its
//     IVA, in the allocation order. The rest reduces principal immediately and
//     creates a new version of the schedule. On the day of disbursement no interest
//     has accrued, so the whole payment reduces principal. During a grace period
//     with deferred interest, an excess that does not cover all deferred interest
//     becomes unapplied funds instead.
//
// Schedule after a prepayment. Due dates, days, fees and insurance do not change. To reduce
// the instalment, the new level payment is that of a loan of the new balance over
// the remaining instalments, from the start of the current period. To reduce the
// term, the level payment (with equal principal, the principal part) stays and the
// loan ends earlier, with a smaller last instalment. Methods that pay the principal
// at the end, and loans in grace, always reduce the instalment. From schedule.Rules2 on,
// the term is reduced if an instalment would otherwise be 0.00, and the instalment if
// the level payment is rounded so that it no longer repays the loan. A prepayment keeps
// the version of the rules; a restructuring brings its own. The interest of the
// current period that was paid with the prepayment is subtracted from the next
// instalment. In later versions the rounding residue is in the last instalment.
//
// Payoff. The payoff amount is everything due, the interest accrued to the day with
// its IVA and the principal not yet due, less unapplied funds. Fees and insurance of
// later instalments are not charged. A payment above the payoff amount is refused,
// and the refusal has the payoff amount. A payment of exactly the payoff amount ends
// the loan, unless it is an advance payment.
//
// Write-off moves the whole debt, including accrued interest, out of the account and
// keeps it by component as the amount that may be recovered. Nothing accrues on it.
//
// Restructuring keeps the loan and gives it new terms from a day. The new principal
// is the outstanding principal. Unapplied funds are used first. The other amounts
// owed move to the first new instalment without interest; the ordinary interest is
// added to the principal instead if that was agreed.
//
// Cancellation is possible only on the day of disbursement and before any other
// operation.
//
// Replay. A reversal, or a payment with an earlier value date, recomputes the loan
// from its contract: all operations are applied again in order of value date and
// then of number. The result is the same as if they had been registered in that
// order. The result lists the operations with a changed split. If a later operation is no
// longer possible, the whole change is refused and the refusal names that operation.
package servicing
