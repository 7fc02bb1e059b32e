// Package entries is the accounting guide of loans: each thing that happens to a
// loan gives one balanced ledger entry on the accounts of core/accounting. The
// entries follow docs/rules/accounting.md#entries, E below. Where that leaves a
// choice, the code does the following.
//
//	what                    debit           credit                source
//	lent                    1301            1102                  E: disbursement
//	origination fee      1102            5302                  E; inside the disbursement if deducted
//	  its IVA               1102            2402
//	interest earned         1302            5101                  E: daily accrual
//	  its IVA, when due     1410            2401                  E IVA at the due date
//	payment                 1102                                  E: payment
//	  principal                             1301
//	  interest                              1302
//	  its IVA               2401            1410, 2402
//	  penalty interest                            5102                  E: penalty interest, on collection
//	  fee                            5301                  on collection
//	  their IVA                             2402
//	  insurance                             2405                  a debt to the insurer, no income
//	kept as unapplied funds                         2404                  with the payment
//	advance used            2404            as a payment
//	interest capitalised    1301            1302
//	cancelled               1102            1301                  the principal comes back
//	write-off, principal    6201, 1390      1390, 1301            E; docs/rules/write-offs.md: provisioned in full first
//	  interest              6201, 1391      1391, 1302
//	  IVA on interest       2401            1410                  it was never caused
//	  the whole debt        7102            7902                  memorandum
//	  interest suspended    7901            7101                  it was never income, so that it is no loss
//	recovery                1102            6202 (insurance 2405) E, by the regime that takes it to results
//	  IVA in it             1102            2402                  caused as it is collected
//	  in memorandum         7902            7102
//	reversal                the sides of the entry, swapped       E: reversal
//	becomes overdue         1351            1301                  E: the loan becomes overdue
//	  interest              1352            1302
//	no longer overdue       1301, 1302      1351, 1352
//	interest suspended      7101            7901                  E: suspended interest
//	  then collected        1352, 7901      5101, 7101            E; out of 1352 by the payment
//	provided more           6201            1390, 1391            E: change of the provision; less the other way
//	origination fee      5302            5301                  docs/rules/fees.md; evenly, see Amortised; the rest when the loan ends
//
// While a loan is overdue in the books 1351 and 1352 take the place of 1301 and
// 1302 in all its entries. A mirror stays that of its entry, and Settled brings
// what it moved to the accounts of now.
//
// A write-off expenses the whole of what was income of the debt; what was provided
// for the loan is given back by the change of provisions of that day, which is
// the same result as using it up. Penalty interest, fees and insurance are
// recognised when they are collected: written off, they are in memorandum alone.
//
// Suspended interest that becomes principal is income as if collected. That
// refinanced interest shall be no result (docs/rules/write-offs.md#refinanced-interest) then asks for a reserve of all of
// it until sustained payment, as criterion B-6 has it [M]: Provisioned posts it,
// and the caller has to know it.
//
// What is earned between two states of a loan the caller posts with Accrued before
// the operation that it led to: of interest the change of what is income and of
// what is suspended, as Recognition tells of InterestOf; of its IVA, suspended or
// not, the change of servicing.Recognised. That has the IVA of the running
// period only when it is due, paid, carried by a restructure or written off, so
// that the one of a write-off becomes receivable and is undone on the same day,
// and 1302, 1410 and 2401 are zero after it.
package entries
