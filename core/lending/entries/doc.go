// Package entries defines the journal entries of loans. It converts the events in the life
// of a loan (disbursement, payment, accrual, write-off …) to balanced ledger entries on
// the accounts of core/accounting. Each function returns one ledger.Entry; the caller
// posts it.
//
// The entries follow docs/rules/accounting.md#entries, abbreviated E below. Where that
// page leaves a choice, the code does the following. The first column is the event, or a
// part of it.
//
//	event                   debit           credit                source
//	principal lent          1301            1102                  E: disbursement
//	origination fee         1102            5302                  E; inside the disbursement if deducted
//	  its IVA               1102            2402
//	interest earned         1302            5101                  E: daily accrual
//	  its IVA, when due     1410            2401                  E IVA at the due date
//	payment                 1102                                  E: payment
//	  principal                             1301
//	  interest                              1302
//	  its IVA               2401            1410, 2402
//	  penalty interest                      5102                  E: penalty interest, on collection
//	  periodic fee                          5301                  on collection
//	  their IVA                             2402
//	  insurance                             2405                  a debt to the insurer, not income
//	  unapplied funds                       2404                  with the payment
//	unapplied funds used    2404            as a payment
//	unapplied funds refunded 2404           1102
//	interest capitalised    1301            1302
//	cancelled               1102            1301                  the principal is returned
//	write-off, principal    6201, 1390      1390, 1301            E; docs/rules/write-offs.md: provisioned in full first
//	  interest              6201, 1391      1391, 1302
//	  IVA on interest       2401            1410                  it never became payable
//	  the whole debt        7102            7902                  memorandum
//	  interest suspended    7901            7101                  it was never income, so it is not a loss
//	recovery                1102            6202 (insurance 2405) E; credited to results
//	  IVA in it             1102            2402                  payable when collected
//	  in memorandum         7902            7102
//	reversal                the sides of the entry, swapped       E: reversal
//	becomes overdue         1351            1301                  E: the loan becomes overdue
//	  interest              1352            1302
//	no longer overdue       1301, 1302      1351, 1352
//	interest suspended      7101            7901                  E: suspended interest
//	  then collected        1352, 7901      5101, 7101            E; 1352 is credited by the payment
//	provision increased     6201            1390, 1391            E: change of the provision; a decrease swaps the sides
//	loan imported           1301, 1302     4209                  opening balances; the other system's entries are not repeated
//	  its IVA               1410           2401
//	origination fee earned  5302            5301                  docs/rules/fees.md; evenly, see Amortised; the rest when the loan ends
//
// While a loan is overdue in the books, 1351 and 1352 replace 1301 and 1302 in all its
// entries. A mirror entry uses the accounts of the entry that it reverses;
// MirrorsReclassified moves the amounts to the current accounts of the loan.
//
// A write-off expenses the whole part of the debt that was income. The provision of the
// loan is released by the change of provisions of the same day; the result is the same
// as using the provision. Penalty interest, fees and insurance are recognised when they
// are collected, so their write-off is only in the memorandum accounts.
//
// Suspended interest that is capitalised becomes income as if it were collected.
// Refinanced interest must not affect results (docs/rules/write-offs.md#refinanced-interest),
// so it must be provisioned in full until sustained payment, by criterion B-6 [M]. The
// caller must compute this provision; Provisioned posts it.
//
// Before the entry of an operation, the caller posts the income between the two states
// with Accrued: for interest, the changes of income and of suspended interest
// (Recognition and InterestOf); for IVA, suspended or not, the change of
// servicing.Recognised. That function includes the IVA of the current period only when
// it is due, paid, moved by a restructuring or written off. In a write-off, the IVA
// becomes receivable and is undone on the same day; 1302, 1410 and 2401 are zero after
// it.
package entries
