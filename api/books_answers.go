package api

import (
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/view"
)

// TrialBalance is what every account had, moved and has over some days.
type TrialBalance struct {
	From   civil.Date    `json:"from" doc:"The first day."`
	To     civil.Date    `json:"to" doc:"The last day."`
	Lines  []BalanceLine `json:"accounts" doc:"One line an account, or a code of the CNBV, in the order of the codes."`
	Totals BalanceTotals `json:"totals" doc:"The sums of the lines."`
}

// BalanceLine is an account, or all accounts of a code of the CNBV. Balances are
// above zero on the side of the nature.
type BalanceLine struct {
	Account  ledger.Account    `json:"account,omitempty" doc:"The code of the account; absent of a line of a code of the CNBV."`
	Accounts []ledger.Account  `json:"accounts,omitempty" doc:"The accounts of the code of the CNBV."`
	CNBV     string            `json:"cnbv_code,omitempty" doc:"The code in the CNBV's minimum catalogue; absent if none is known."`
	Spanish  string            `json:"name_es" doc:"The name in Spanish."`
	English  string            `json:"name_en" doc:"The name in English."`
	Nature   accounting.Nature `json:"nature" doc:"The side on which it grows: debit or credit."`
	Kind     accounting.Kind   `json:"kind" doc:"asset, liability, equity, income, expense or memorandum."`
	Opening  money.Amount      `json:"opening_balance" doc:"Before the first day, pesos, above zero on the side of the nature."`
	Debits   money.Amount      `json:"debits" doc:"Of the days, pesos."`
	Credits  money.Amount      `json:"credits" doc:"Of the days, pesos."`
	Closing  money.Amount      `json:"closing_balance" doc:"After the last day, pesos."`
}

// BalanceTotals are the sums of the lines, of balances by the nature of their
// accounts: the two of each pair are equal.
type BalanceTotals struct {
	OpeningDebit  money.Amount `json:"opening_debit" doc:"Opening balances of the accounts of debit nature, pesos."`
	OpeningCredit money.Amount `json:"opening_credit" doc:"Opening balances of the accounts of credit nature; the same."`
	Debits        money.Amount `json:"debits" doc:"All debits of the days, pesos."`
	Credits       money.Amount `json:"credits" doc:"All credits of the days; the same."`
	ClosingDebit  money.Amount `json:"closing_debit" doc:"Closing balances of the accounts of debit nature, pesos."`
	ClosingCredit money.Amount `json:"closing_credit" doc:"Closing balances of the accounts of credit nature; the same."`
}

func trialBalanceOf(b view.TrialBalance) TrialBalance {
	return TrialBalance{b.From, b.To, each(b.Lines, func(l view.BalanceLine) BalanceLine { return BalanceLine(l) }), BalanceTotals(b.Totals)}
}

// LedgerPage is a part of the ledger of an account over some days.
type LedgerPage struct {
	Account  ledger.Account    `json:"account" doc:"The code of the account."`
	CNBV     string            `json:"cnbv_code,omitempty" doc:"Its code in the CNBV's minimum catalogue; absent if none is known."`
	Spanish  string            `json:"name_es" doc:"The name in Spanish."`
	English  string            `json:"name_en" doc:"The name in English."`
	Nature   accounting.Nature `json:"nature" doc:"The side on which it grows: debit or credit."`
	From     civil.Date        `json:"from" doc:"The first day."`
	To       civil.Date        `json:"to" doc:"The last day."`
	Opening  money.Amount      `json:"opening_balance" doc:"Before the first day, pesos, above zero on the side of the nature."`
	Debits   money.Amount      `json:"debits" doc:"Of all the days, pesos."`
	Credits  money.Amount      `json:"credits" doc:"Of all the days, pesos."`
	Closing  money.Amount      `json:"closing_balance" doc:"After the last day, pesos."`
	Postings []LedgerLine      `json:"postings" doc:"The postings of this page."`
}

// LedgerLine is a posting with what its entry tells and the balance after it.
type LedgerLine struct {
	Entry     id.ID        `json:"entry_id" doc:"The id of the entry."`
	Kind      string       `json:"kind" doc:"What happened, as in docs/books.md."`
	Date      civil.Date   `json:"business_date" doc:"The business date."`
	PostedAt  time.Time    `json:"posted_at" doc:"When it was posted, UTC."`
	Reference id.ID        `json:"reference" doc:"The transaction or the manual entry that the entry tells of."`
	Subject   id.ID        `json:"subject" doc:"The loan, or the manual entry."`
	Debit     money.Amount `json:"debit" doc:"Pesos; 0 of a credit."`
	Credit    money.Amount `json:"credit" doc:"Pesos; 0 of a debit."`
	Balance   money.Amount `json:"balance" doc:"Of the account after it, pesos."`
}

func ledgerOf(p view.LedgerPage) LedgerPage {
	return LedgerPage{
		Account: p.Account, CNBV: p.CNBV, Spanish: p.Spanish, English: p.English, Nature: p.Nature, From: p.From, To: p.To,
		Opening: p.Opening, Debits: p.Debits, Credits: p.Credits, Closing: p.Closing,
		Postings: each(p.Postings.Items, func(l view.LedgerLine) LedgerLine { return LedgerLine(l) }),
	}
}

// Entry is an entry with all that it hangs together with.
type Entry struct {
	ID          id.ID                   `json:"id" doc:"The id of the entry."`
	Kind        string                  `json:"kind" doc:"What happened, as in docs/books.md."`
	Date        civil.Date              `json:"business_date" doc:"The business date."`
	PostedAt    time.Time               `json:"posted_at" doc:"When it was posted, UTC."`
	Reference   id.ID                   `json:"reference" doc:"The transaction or the manual entry that it tells of."`
	Reverses    id.ID                   `json:"reverses,omitzero" doc:"The entry that it mirrors, if it is a mirror."`
	ReversedBy  id.ID                   `json:"reversed_by,omitzero" doc:"The entry that mirrors it, if one does."`
	Postings    []EntryPosting          `json:"postings" doc:"The lines, in order."`
	Transaction *EntryTransaction       `json:"transaction,omitempty" doc:"The transaction of a loan that it tells of; absent of an entry by hand."`
	ManualEntry *accounting.ManualEntry `json:"manual_entry,omitempty" doc:"The entry by hand as it was proposed; absent of others."`
}

// EntryPosting is a line of an entry.
type EntryPosting struct {
	Account ledger.Account `json:"account" doc:"The code of the account."`
	Spanish string         `json:"name_es" doc:"The name in Spanish."`
	English string         `json:"name_en" doc:"The name in English."`
	Subject id.ID          `json:"subject" doc:"The loan, or the manual entry."`
	Debit   money.Amount   `json:"debit" doc:"Pesos; 0 of a credit."`
	Credit  money.Amount   `json:"credit" doc:"Pesos; 0 of a debit."`
}

// EntryTransaction is the operation that an entry records.
type EntryTransaction struct {
	Loan      id.ID          `json:"loan_id" doc:"The id of the loan."`
	ID        id.ID          `json:"id" doc:"The id of the transaction."`
	Number    int            `json:"number" doc:"Its number in the loan, from 0."`
	Kind      servicing.Kind `json:"kind" doc:"What was done."`
	ValueDate civil.Date     `json:"value_date" doc:"The day for which it counts."`
	Amount    money.Amount   `json:"amount" doc:"Pesos."`
	Actor     string         `json:"actor" doc:"The user who did it."`
}

func entryOf(e view.Entry) Entry {
	return Entry{
		ID: e.ID, Kind: e.Kind, Date: e.Date, PostedAt: e.PostedAt, Reference: e.Reference, Reverses: e.Reverses, ReversedBy: e.ReversedBy,
		Postings:    each(e.Postings, func(p view.EntryPosting) EntryPosting { return EntryPosting(p) }),
		Transaction: (*EntryTransaction)(e.Transaction), ManualEntry: e.ManualEntry,
	}
}

// Periods tells which months of the books take entries.
type Periods struct {
	ClosedThrough civil.Date `json:"closed_through" doc:"The last day that takes no entry any more."`
	FirstOpen     civil.Date `json:"first_open_day" doc:"The first day that takes entries."`
	Months        []Month    `json:"months" doc:"The months, the first one first."`
}

// Month is a period of the books.
type Month struct {
	Month  string `json:"month" doc:"YYYY-MM."`
	Status string `json:"status" doc:"OPEN or CLOSED."`
}

func periodsOf(p view.Periods) Periods {
	return Periods{p.ClosedThrough, p.FirstOpen, each(p.Months, func(m view.Month) Month { return Month(m) })}
}
