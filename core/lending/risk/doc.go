// Package risk holds the credit-risk rules of a loan portfolio: the stage of a
// loan, what is provided for it, what of its interest is reserved, and the
// indicators of a portfolio. It is pure: the day is an argument.
//
// # Rules as data
//
// Bounds of days, percentages and what proves sustained payment are rows of the
// files regimes.csv, provisions.csv and sustained.csv, each with its first and
// last day of the calendar, a mark of how sure it is, another of how sure its days
// are, and its source. docs/rules has the rules and the meaning of the marks: V
// verified, P practice, D derived, M from memory, ? open. A change of a rule ends the rows of
// its table on one day and begins new ones on the next. Classification runs from
// the first day of the files; days before it are refused with ErrDate.
//
//	regimes.csv     current/overdue to 31 December 2024   stages.md      M (B-4)
//	                stages from 1 January 2025            stages.md      V (Anexo D, DOF 18-04-2024)
//	                the day on which SOFIPOs change       stages.md      ?
//	provisions.csv  consumer, old and new                 provisions.md  V (Anexo D of each)
//	                microcredit, as consumer              provisions.md  M
//	                housing, commercial                   provisions.md  M
//	sustained.csv                                         write-offs.md  M (B-4, B-6)
//
// Where these rules leave a choice, the code does the following.
//
// Stage. Both views are answered on every day, and a loan is overdue (vencida)
// exactly if it is in stage 3. While vigente/vencida is in force that rule says
// what is overdue, by the payment type; of a loan that is not, stages 1 and 2 are
// told apart by the days of the stages to come. Each row counts the days of the
// first instalment that is not fully paid, or of principal or interest alone; of
// the counters that a payment type has, the worst holds.
//
// Restructured loans keep the stage that they had until sustained payment, and go
// to a worse one by their days as any other. Single principal with periodic
// interest proves it as a single payment does. What proves it is asked as of the
// day's rule; once proved it stays, for Restructure.OnTime is the longest run.
// Such a loan is provided for by its days, in the table of restructured loans,
// which has the figures of the others until its own are known.
//
// Provision. The base is the balance with the accrued interest that is still in
// the balance sheet. What a liquid guarantee covers takes the percentage of 0
// days, the rest that of its days; their sum is rounded once, half up. In stage 3
// interest is not accrued to income, what was accrued and not collected is
// reserved whole, and it is not in the base (Anexo D).
//
// Portfolio. IMOR, IMORA and ICOR count principal and interest in the balance
// sheet (docs/rules/provisions.md#indicators). PAR counts outstanding principal, all of a loan, of more than 30 or
// 90 days late, and PAR 1 of one day or more, as microfinance does (IRIS FP2635);
// so PAR 90 leaves out a loan of exactly 90 days, which is in stage 3.
package risk
