package api

import (
	"sofipo/core/civil"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// loanStatuses are all states of a loan.
var loanStatuses = []any{
	string(servicing.Applied), string(servicing.Returned), string(servicing.Approved), string(servicing.Rejected), string(servicing.Active),
	string(servicing.Restructured), string(servicing.PaidOff), string(servicing.WrittenOff), string(servicing.Cancelled),
}

// TransactionSplit describes the JSON form of servicing.Split.
type TransactionSplit struct {
	SplitParts
	Before  []SplitBefore    `json:"before,omitempty" doc:"Automatic operations since the previous transaction: unapplied funds used for an instalment, or interest capitalised."`
	Balance money.Amount     `json:"balance" doc:"Outstanding principal after the transaction, in pesos."`
	Status  servicing.Status `json:"status" doc:"Status of the loan after the transaction."`
}

// SplitParts is the allocation of an amount.
type SplitParts struct {
	Totals        servicing.Amounts `json:"totals" doc:"Totals by component. Components of 0 are omitted."`
	Lines         []servicing.Line  `json:"lines" doc:"Allocation by instalment and component, in the order of payment."`
	ToUnapplied   money.Amount      `json:"to_unapplied,omitempty" doc:"Amount added to unapplied funds, in pesos."`
	FromUnapplied money.Amount      `json:"from_unapplied,omitempty" doc:"Amount taken from unapplied funds, in pesos."`
	Capitalised   money.Amount      `json:"capitalised_interest,omitempty" doc:"Interest added to the principal, in pesos."`
}

// SplitBefore is an automatic operation before a transaction.
type SplitBefore struct {
	Kind servicing.Kind `json:"kind" enum:"advance_applied,capitalisation" doc:"Kind of operation: advance_applied (unapplied funds used) or capitalisation."`
	Date civil.Date     `json:"value_date" doc:"Date of the operation."`
	SplitParts
	Balance money.Amount     `json:"balance" doc:"Outstanding principal after the operation, in pesos."`
	Status  servicing.Status `json:"status" doc:"Status of the loan after the operation."`
}

// loanGlossary describes the fields of loans, schedules and transactions.
var loanGlossary = map[string]note{
	"Loan.number":            {"Short number of the loan, with a check digit. An application keeps it.", "P-104-273"},
	"Loan.status":            {"Status: APPLIED, RETURNED, APPROVED, REJECTED, ACTIVE, RESTRUCTURED, PAID_OFF, WRITTEN_OFF or CANCELLED.", "ACTIVE"},
	"Loan.periods":           {"Number of instalments in the contract.", 24},
	"Loan.granted_at":        {"Time of disbursement, UTC. Before the disbursement, time of the application.", "2026-11-23T09:22:42.392658+00:00"},
	"Loan.first_due_date":    {"First due date. Absent until the disbursement unless the application sets it.", "2026-12-23"},
	"Loan.term_months":       {"Months from the disbursement to the last due date, rounded up.", 24},
	"disbursed_on":           {"Business date of the disbursement. Absent until then.", "2026-11-23"},
	"unapplied_funds":        {"Unapplied funds, in pesos, kept for future instalments.", 0.00},
	"applied_by":             {"User who applied for the loan.", "officer"},
	"approved_by":            {"User who approved the loan. Absent until then.", "admin"},
	"branch_id":              {"Branch of the client and the loan.", "00000000-0000-7000-8000-000000000001"},
	"officer":                {"User who looks after the client. Absent if nobody does.", "officer"},
	"LoanCreate.term_months": {"Number of monthly instalments, 1 to 600.", 24},

	"Payment.amount":        {"Amount in pesos: received, recovered, disbursed or, for a reversal, taken back.", 2500.50},
	"Payment.number":        {"Number of the transaction within the loan. 0 is the disbursement.", 1},
	"Payment.folio":         {"Short number of the receipt, with a check digit. Absent for transactions without a receipt.", "R-104-273"},
	"Payment.status":        {"Status: APPLIED or REVERSED.", "APPLIED"},
	"Payment.payment_date":  {"Time of registration, UTC.", "2026-11-23T09:22:45.756296+00:00"},
	"Payment.kind":          {"Kind: payment, prepayment, advance, recovery, disbursement, restructure, write_off, cancellation or reversal.", "payment"},
	"value_date":            {"Value date: the date on which the transaction takes effect.", "2026-11-23"},
	"new_terms":             {"Terms agreed in a restructure. Absent in other transactions.", nil},
	"reversed_by":           {"Id of the reversal. Absent unless the transaction was reversed.", nil},
	"reverses":              {"Id of the reversed transaction. Present only in reversals.", nil},
	"Payment.business_date": {"Business date of the registration.", "2026-11-23"},
	"split":                 {"Allocation of the amount, with the balance and status of the loan after the transaction.", nil},
	"capitalise":            {"Whether the ordinary interest owed was added to the principal.", false},
	"SplitLine.instalment":  {"Instalment number. Absent for principal paid ahead of its due date and for written-off debt.", 1},
	"component":             {"Component: principal, interest, iva_interest, fee, iva_fee, penalty_interest, iva_penalty_interest or insurance.", "interest"},

	"Components.principal": {"Principal, in pesos.", 100.00},
	"Components.interest":  {"Ordinary interest, in pesos.", 10.00},
	"iva_interest":         {"IVA on ordinary interest, in pesos.", 1.60},
	"penalty_interest":     {"Penalty interest, in pesos.", 0.00},
	"iva_penalty_interest": {"IVA on penalty interest, in pesos.", 0.00},

	"LoanSchedule.date":        {"Date of the calculation.", "2026-11-23"},
	"LoanSchedule.status":      {"Status of the loan on the date.", "ACTIVE"},
	"LoanSchedule.version":     {"Current version of the schedule.", nil},
	"LoanSchedule.outstanding": {"Outstanding principal, in pesos.", 47499.00},
	"LoanSchedule.paid":        {"Total paid by component. Recoveries after a write-off are not included.", nil},
	"contract":                 {"Terms and totals agreed at the disbursement.", nil},
	"instalments":              {"Instalments of the current version. Instalments replaced by a restructure or a payoff are not included.", nil},
	"LoanInstalment.asked":     {"Scheduled amounts, including amounts carried over by a restructure.", nil},
	"LoanInstalment.total":     {"Total of the scheduled amounts, in pesos.", 2500.00},
	"LoanInstalment.paid":      {"Amounts paid.", nil},
	"LoanInstalment.owed":      {"Amounts owed on the date, including penalty interest. Empty before the due date.", nil},
	"LoanInstalment.status":    {"Status: PENDING, DUE, OVERDUE or PAID. If the loan ended without being paid off, the status of the loan.", "PENDING"},

	"serial":                 {"Sequence number of the stored version. A reversal stores an earlier version again.", 1},
	"current":                {"Whether the version is current.", true},
	"from":                   {"Value date from which the version applies.", "2026-11-23"},
	"reason":                 {"Reason of the version: contract, reduce_instalment, reduce_term or restructure.", "contract"},
	"terms":                  {"Terms of the schedule. After a prepayment, the terms of the remaining instalments.", nil},
	"level":                  {"Level payment or, for equal_principal, the principal of each instalment, in pesos. 0 for other methods.", 2424.33},
	"made_at":                {"Time at which the version was stored, UTC.", "2026-11-23T09:22:42.392658Z"},
	"LoanVersion.number":     {"Version number. 1 is the contract.", 1},
	"ScheduleVersion.number": {"Version number. 1 is the contract.", 1},
	"LoanTerms.iva":          {"IVA on interest.", nil},
	"annual_rate":            {"Annual rate as a fraction.", 0.24},
	"periods":                {"Number of instalments.", 24},
	"frequency":              {"Payment frequency: weekly, every_14_days, quincenal, monthly or every_n_days.", "monthly"},
	"period_days":            {"Days per period. Only for every_n_days.", nil},
	"method":                 {"Amortization method: level, level_with_iva, equal_principal, bullet or single.", "level"},
	"day_count":              {"Day-count convention: 30/360, ACT/360, ACT/365, ACT/ACT or ACT/364.", "30/360"},
	"rounding":               {"Rounding to the centavo: half_up or half_even.", "half_up"},
	"residue":                {"Instalment that absorbs the rounding difference: last or first.", "last"},
	"disbursement_date":      {"Date from which interest accrues.", "2026-11-23"},
	"first_due_date":         {"First due date.", "2026-12-23"},
	"month_end":              {"Whether monthly instalments are due on the last day of the month.", nil},
	"level_by_periods":       {"Whether the level payment uses equal fractions of a year, regardless of the days of interest.", nil},
	"rules":                  {"Version of the calculation rules. Absent for terms agreed before version 2.", 2},
	"collateral":             {"Cash collateral deposited at signing, in pesos.", nil},
	"holiday_rule":           {"Due dates on non-business days: none keeps them, next moves them to the next business day; disbursement dates from 2007 on.", "none"},
	"interest_follows":       {"Whether interest accrues to the moved due date.", false},

	"Owing.date":               {"Date of the calculation.", "2026-12-23"},
	"Payoff.date":              {"Date for which the payoff amount is valid.", "2026-12-23"},
	"Payoff.amounts":           {"Amounts due, accrued interest and principal, by component.", nil},
	"Payoff.total":             {"Payoff amount in pesos: the sum of the components less unapplied funds.", 47999.15},
	"Owing.lines":              {"Instalments with an amount due, oldest first.", nil},
	"Owing.due":                {"Total amount due, by component.", nil},
	"Owing.accrued":            {"Amounts not yet due: accrued interest of the current period with its IVA, and amounts carried over by a restructure.", nil},
	"Owing.principal":          {"Principal not yet due, in pesos.", 47499.00},
	"Owing.outstanding":        {"Outstanding principal, due or not, in pesos.", 47499.00},
	"days_past_due":            {"Days since the due date of the oldest instalment that is not fully paid.", 0},
	"oldest_due":               {"Due date of the oldest instalment that is not fully paid. Absent if nothing is overdue.", "2026-12-23"},
	"days_late":                {"Days since the due date. 0 if it has not passed.", 0},
	"DueInstalment.instalment": {"Instalment number.", 1},
	"DueInstalment.amounts":    {"Unpaid amounts, by component.", nil},
}
