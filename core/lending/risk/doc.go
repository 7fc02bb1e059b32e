// Package risk computes the credit risk of loans and portfolios: the stage of a loan
// (Classify), its provision (Provision, the EPRC of the CNBV) and the indicators of a
// portfolio (Portfolio: IMOR, IMORA, ICOR, PAR). It reads no clock: the day is an
// argument.
//
// # Rules as data
//
// The limits of days, the percentages and the conditions of sustained payment are rows
// of regimes.csv, provisions.csv and sustained.csv. Each row has its first and last
// day, a mark for the certainty of its figures, a mark for the certainty of its days,
// and its source. docs/rules has the rules and the meaning of the marks: V verified, P
// practice, D derived, M from memory, ? open. To change a rule, end the rows of its
// table on one day and add rows that begin on the next. Functions return ErrDate
// for days before the first row.
//
//	regimes.csv     vigente/vencida to 31 December 2024  stages.md      M (B-4)
//	                stages from 1 January 2025            stages.md      V (Anexo D, DOF 18-04-2024)
//	                first day of stages for SOFIPOs       stages.md      ?
//	provisions.csv  consumer, old and new                 provisions.md  V (Anexo D of each)
//	                microcredit, as consumer              provisions.md  M
//	                housing, commercial                   provisions.md  M
//	sustained.csv                                         write-offs.md  M (B-4, B-6)
//
// Where the rules leave a choice, the code does the following.
//
// Stage. A loan is overdue (vencida) if and only if it is in stage 3, in both
// regimes. In the regime vigente/vencida, the payment type decides whether a loan is
// overdue; other loans are in stage 1 or 2 by the days of the later regime. Each row
// counts the days past due of the oldest instalment that is not fully paid, or only of
// principal or of interest. If a payment type has several counters, the worst result
// applies.
//
// Restructured loans keep their stage until sustained payment (pago sostenido) is
// proven, and move to a worse stage by their days like any other loan. Loans with a
// single principal payment and periodic interest use the condition of single-payment
// loans. The condition in force on the day applies. When it is proven, the caller
// removes the restructuring, so that the condition stays proven. The provision of
// restructured loans is computed by days past due in the table of restructured loans. This
// table has the figures of the normal table until its own figures are known.
//
// Provision. The base is the outstanding principal plus the accrued interest in the
// balance sheet. The part covered by a liquid guarantee is provisioned with the percentage
// of 0 days, the rest with the percentage of the loan's days; the sum is rounded once,
// half up. In stage
// 3, interest is not accrued to income. Accrued interest that has not been collected is
// provisioned in full and is not part of the base (Anexo D).
//
// Portfolio. IMOR, IMORA and ICOR count the principal and interest in the balance
// sheet (docs/rules/provisions.md#indicators). PAR 30 and PAR 90 count the whole
// outstanding principal of loans more than 30 or 90 days past due; PAR 1 counts loans
// at least 1 day past due, as in microfinance (IRIS FP2635). PAR 90 therefore excludes
// a loan of exactly 90 days, which is in stage 3.
package risk
