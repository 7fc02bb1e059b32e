package api

import (
	"sofipo/core/civil"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// loanStatuses are the states that a loan may have.
var loanStatuses = []any{
	string(servicing.Applied), string(servicing.Approved), string(servicing.Rejected), string(servicing.Active),
	string(servicing.Restructured), string(servicing.PaidOff), string(servicing.WrittenOff), string(servicing.Cancelled),
}

// TransactionSplit is the form of servicing.Split in JSON, for the document.
type TransactionSplit struct {
	SplitParts
	Before  []SplitBefore    `json:"before,omitempty" doc:"What happened by itself since the transaction before: an advance paid an instalment that fell due, or interest became principal."`
	Balance money.Amount     `json:"balance" doc:"The outstanding principal after it, pesos."`
	Status  servicing.Status `json:"status" doc:"The state of the loan after it."`
}

// SplitParts is what was paid of what.
type SplitParts struct {
	Totals        servicing.Amounts `json:"totals" doc:"By component, over all instalments; components of 0 are left out."`
	Lines         []servicing.Line  `json:"lines" doc:"By instalment and component, in the order in which they were paid."`
	ToUnapplied   money.Amount      `json:"to_unapplied,omitempty" doc:"Added to the unapplied funds, pesos."`
	FromUnapplied money.Amount      `json:"from_unapplied,omitempty" doc:"Taken from the unapplied funds, pesos."`
	Capitalised   money.Amount      `json:"capitalised_interest,omitempty" doc:"Interest that became principal, pesos."`
}

// SplitBefore is what happened by itself before a transaction.
type SplitBefore struct {
	Kind servicing.Kind `json:"kind" enum:"advance_applied,capitalisation" doc:"What happened."`
	Date civil.Date     `json:"value_date" doc:"The day on which it did."`
	SplitParts
	Balance money.Amount     `json:"balance" doc:"The outstanding principal after it, pesos."`
	Status  servicing.Status `json:"status" doc:"The state of the loan after it."`
}

// loanGlossary has the fields of loans, of their schedules and of what is done to them.
var loanGlossary = map[string]note{
	"Loan.status":            {"Its state: APPLIED, APPROVED, REJECTED, ACTIVE, RESTRUCTURED, PAID_OFF, WRITTEN_OFF or CANCELLED.", "ACTIVE"},
	"Loan.periods":           {"The number of instalments of the contract.", 24},
	"Loan.granted_at":        {"When the loan was disbursed, UTC; until then, when it was applied for.", "2026-11-23T09:22:42.392658+00:00"},
	"Loan.first_due_date":    {"The first due date, as agreed; absent until the disbursement if nothing was asked for.", "2026-12-23"},
	"Loan.term_months":       {"The months from the disbursement to the last due date; a month begun counts.", 24},
	"disbursed_on":           {"The business date of the disbursement; absent before it.", "2026-11-23"},
	"unapplied_funds":        {"What is kept for the coming instalments, pesos.", 0.00},
	"applied_by":             {"The user who applied for it.", "officer"},
	"approved_by":            {"The user who approved it; absent before.", "admin"},
	"LoanCreate.term_months": {"The number of monthly instalments, 1 to 600.", 24},

	"Payment.amount":        {"Pesos: received, recovered or disbursed; of a reversal, what is taken back.", 2500.50},
	"Payment.number":        {"The place in the loan's life; 0 is the disbursement.", 1},
	"Payment.status":        {"APPLIED, or REVERSED once it was taken back.", "APPLIED"},
	"Payment.payment_date":  {"When it was registered, UTC.", "2026-11-23T09:22:45.756296+00:00"},
	"Payment.kind":          {"payment, prepayment, advance, recovery, disbursement, restructure, write_off, cancellation or reversal.", "payment"},
	"value_date":            {"The day for which it counts.", "2026-11-23"},
	"new_terms":             {"What a restructure agreed to; absent otherwise.", nil},
	"reversed_by":           {"The id of the reversal; absent while it counts.", nil},
	"reverses":              {"The id of the transaction that a reversal took back; absent of all others.", nil},
	"Payment.business_date": {"The business date on which it was registered.", "2026-11-23"},
	"split":                 {"What it paid, and how it left the loan.", nil},
	"capitalise":            {"Whether the ordinary interest owed became principal.", false},
	"SplitLine.instalment":  {"The number of the instalment; absent for principal ahead of its date and for a debt written off.", 1},
	"component":             {"principal, interest, iva_interest, fee, iva_fee, penalty_interest, iva_penalty_interest or insurance.", "interest"},

	"Components.principal": {"Principal, pesos.", 100.00},
	"Components.interest":  {"Ordinary interest, pesos.", 10.00},
	"iva_interest":         {"IVA on ordinary interest, pesos.", 1.60},
	"penalty_interest":     {"Penalty interest, pesos.", 0.00},
	"iva_penalty_interest": {"IVA on penalty interest, pesos.", 0.00},

	"LoanSchedule.date":        {"The day on which it stands so.", "2026-11-23"},
	"LoanSchedule.status":      {"The state of the loan on the day.", "ACTIVE"},
	"LoanSchedule.version":     {"The version in force.", nil},
	"LoanSchedule.outstanding": {"The principal outstanding, pesos.", 47499.00},
	"LoanSchedule.paid":        {"What was paid in all, by component, but for what was recovered after a write-off.", nil},
	"contract":                 {"What was agreed at the disbursement.", nil},
	"instalments":              {"The instalments in force; those that a restructure or a payoff replaced are gone.", nil},
	"LoanInstalment.asked":     {"What the schedule asks for, and what a restructure carried to it.", nil},
	"LoanInstalment.total":     {"The sum of what is asked, pesos.", 2500.00},
	"LoanInstalment.paid":      {"What was paid of it.", nil},
	"LoanInstalment.owed":      {"What it owes on the day, with what being late costs; empty before it is due.", nil},
	"LoanInstalment.status":    {"PENDING, DUE, OVERDUE or PAID; of a loan that ended without being paid off, the loan's state.", "PENDING"},

	"serial":                 {"The place among the versions stored; a reversal stores an earlier version once more.", 1},
	"current":                {"Whether it is in force.", true},
	"from":                   {"The value date from which it holds.", "2026-11-23"},
	"reason":                 {"contract, reduce_instalment, reduce_term or restructure.", "contract"},
	"terms":                  {"What it was made from; after a prepayment, the terms of the remaining instalments.", nil},
	"level":                  {"The level payment, or the part of equal principal, pesos; 0 for other methods.", 2424.33},
	"made_at":                {"When it was stored, UTC.", "2026-11-23T09:22:42.392658Z"},
	"LoanVersion.number":     {"The number of the version: 1 is the contract.", 1},
	"ScheduleVersion.number": {"The number of the version: 1 is the contract.", 1},
	"LoanTerms.iva":          {"How interest is taxed.", nil},
	"annual_rate":            {"The annual rate as a fraction.", 0.24},
	"periods":                {"The number of instalments.", 24},
	"frequency":              {"weekly, every_14_days, quincenal, monthly or every_n_days.", "monthly"},
	"period_days":            {"The days of a period of every_n_days.", nil},
	"method":                 {"level, level_with_iva, equal_principal, bullet or single.", "level"},
	"day_count":              {"Days of interest over days of the year: 30/360, ACT/360, ACT/365, ACT/ACT or ACT/364.", "30/360"},
	"rounding":               {"half_up or half_even, to the centavo.", "half_up"},
	"residue":                {"The instalment that takes the centavos left by rounding: last or first.", "last"},
	"disbursement_date":      {"The day from which interest runs.", "2026-11-23"},
	"first_due_date":         {"The first due date.", "2026-12-23"},
	"month_end":              {"Due on the last day of each month.", nil},
	"level_by_periods":       {"Whether the level payment is that of equal parts of a year, whatever the days of interest.", nil},
	"collateral":             {"Cash left at signing, pesos.", nil},
	"holiday_rule":           {"none, or next: a due date without business moves to the next business day.", "none"},
	"interest_follows":       {"Whether interest runs to the moved date.", false},

	"Owing.date":               {"The day.", "2026-12-23"},
	"Payoff.date":              {"The only day on which it ends the loan.", "2026-12-23"},
	"Payoff.amounts":           {"What is due or has accrued, and the principal, by component.", nil},
	"Payoff.total":             {"What to pay: the sum of the amounts less the advance, pesos.", 47999.15},
	"Owing.lines":              {"The instalments that owe something and may be paid, the oldest first.", nil},
	"Owing.due":                {"The sum of the lines, by component.", nil},
	"Owing.accrued":            {"Interest of the running period with its IVA, and what a restructure carried; not due yet.", nil},
	"Owing.principal":          {"The principal that is not due, pesos.", 47499.00},
	"Owing.outstanding":        {"The principal outstanding, due or not, pesos.", 47499.00},
	"days_past_due":            {"The days since the oldest due date that is not fully paid.", 0},
	"oldest_due":               {"That due date; absent if nothing is overdue.", "2026-12-23"},
	"days_late":                {"The days since the due date; 0 if it has not passed.", 0},
	"DueInstalment.instalment": {"The number of the instalment.", 1},
	"DueInstalment.amounts":    {"What is not paid of it, by component.", nil},
}
