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

// TrialBalance has the opening balance, debits, credits and closing balance of each account
// in a period.
type TrialBalance struct {
	From   civil.Date    `json:"from" doc:"First date of the period."`
	To     civil.Date    `json:"to" doc:"Last date of the period."`
	Lines  []BalanceLine `json:"accounts" doc:"One line per account, or per CNBV code, ordered by code."`
	Totals BalanceTotals `json:"totals" doc:"Totals of all lines."`
}

// BalanceLine is one account, or all accounts with the same CNBV code. Balances are
// positive on the account's normal side.
type BalanceLine struct {
	Account  ledger.Account    `json:"account,omitempty" doc:"Account code. Absent in lines that merge several accounts."`
	Accounts []ledger.Account  `json:"accounts,omitempty" doc:"Codes of the merged accounts, with cnbv=true."`
	CNBV     string            `json:"cnbv_code,omitempty" doc:"Code in the CNBV's minimum catalogue of accounts. Absent if unknown."`
	Spanish  string            `json:"name_es" doc:"Name in Spanish."`
	English  string            `json:"name_en" doc:"Name in English."`
	Nature   accounting.Nature `json:"nature" doc:"Normal side of the balance: debit or credit."`
	Kind     accounting.Kind   `json:"kind" doc:"Type of account: asset, liability, equity, income, expense or memorandum."`
	Opening  money.Total       `json:"opening_balance" doc:"Balance before the first date, in pesos, positive on the normal side."`
	Debits   money.Total       `json:"debits" doc:"Total debits in the period, in pesos."`
	Credits  money.Total       `json:"credits" doc:"Total credits in the period, in pesos."`
	Closing  money.Total       `json:"closing_balance" doc:"Balance after the last date, in pesos."`
}

// BalanceTotals are the totals of a trial balance. The debit and the credit total of
// each pair are equal.
type BalanceTotals struct {
	OpeningDebit  money.Total `json:"opening_debit" doc:"Total opening balance of accounts with a debit balance, in pesos."`
	OpeningCredit money.Total `json:"opening_credit" doc:"Total opening balance of accounts with a credit balance. Equal to opening_debit."`
	Debits        money.Total `json:"debits" doc:"Total debits in the period, in pesos."`
	Credits       money.Total `json:"credits" doc:"Total credits in the period. Equal to debits."`
	ClosingDebit  money.Total `json:"closing_debit" doc:"Total closing balance of accounts with a debit balance, in pesos."`
	ClosingCredit money.Total `json:"closing_credit" doc:"Total closing balance of accounts with a credit balance. Equal to closing_debit."`
}

func trialBalanceOf(b view.TrialBalance) TrialBalance {
	return TrialBalance{b.From, b.To, each(b.Lines, func(l view.BalanceLine) BalanceLine { return BalanceLine(l) }), BalanceTotals(b.Totals)}
}

// LedgerPage is one page of an account's ledger in a period.
type LedgerPage struct {
	Account  ledger.Account    `json:"account" doc:"Account code."`
	CNBV     string            `json:"cnbv_code,omitempty" doc:"Code in the CNBV's minimum catalogue of accounts. Absent if unknown."`
	Spanish  string            `json:"name_es" doc:"Name in Spanish."`
	English  string            `json:"name_en" doc:"Name in English."`
	Nature   accounting.Nature `json:"nature" doc:"Normal side of the balance: debit or credit."`
	From     civil.Date        `json:"from" doc:"First date of the period."`
	To       civil.Date        `json:"to" doc:"Last date of the period."`
	Opening  money.Total       `json:"opening_balance" doc:"Balance before the first date, in pesos, positive on the normal side."`
	Debits   money.Total       `json:"debits" doc:"Total debits in the period, on all pages, in pesos."`
	Credits  money.Total       `json:"credits" doc:"Total credits in the period, on all pages, in pesos."`
	Closing  money.Total       `json:"closing_balance" doc:"Balance after the last date, in pesos."`
	Postings []LedgerLine      `json:"postings" doc:"Postings of this page."`
}

// LedgerLine is a posting with the data of its entry and the balance after it.
type LedgerLine struct {
	Entry     id.ID        `json:"entry_id" doc:"Entry id."`
	Kind      string       `json:"kind" doc:"Kind of entry. See docs/books.md."`
	Date      civil.Date   `json:"business_date" doc:"Business date."`
	PostedAt  time.Time    `json:"posted_at" doc:"Time of posting, UTC."`
	Reference id.ID        `json:"reference" doc:"Id of the loan transaction or manual entry that made the entry."`
	Subject   id.ID        `json:"subject" doc:"Id of the loan or manual entry that the posting is for."`
	Loan      string       `json:"loan_number,omitempty" doc:"Number of the loan. Absent if the posting is not for a loan." example:"P-100-014"`
	Debit     money.Amount `json:"debit" doc:"Debit in pesos. 0 in a credit line."`
	Credit    money.Amount `json:"credit" doc:"Credit in pesos. 0 in a debit line."`
	Balance   money.Total  `json:"balance" doc:"Balance of the account after the posting, in pesos."`
}

func ledgerOf(p view.LedgerPage) LedgerPage {
	return LedgerPage{
		Account: p.Account, CNBV: p.CNBV, Spanish: p.Spanish, English: p.English, Nature: p.Nature, From: p.From, To: p.To,
		Opening: p.Opening, Debits: p.Debits, Credits: p.Credits, Closing: p.Closing,
		Postings: each(p.Postings.Items, func(l view.LedgerLine) LedgerLine { return LedgerLine(l) }),
	}
}

// Entry is a journal entry with its postings and its source.
type Entry struct {
	ID          id.ID                   `json:"id" doc:"Entry id."`
	Kind        string                  `json:"kind" doc:"Kind of entry. See docs/books.md."`
	Date        civil.Date              `json:"business_date" doc:"Business date."`
	PostedAt    time.Time               `json:"posted_at" doc:"Time of posting, UTC."`
	Reference   id.ID                   `json:"reference" doc:"Id of the loan transaction or manual entry that made the entry."`
	Reverses    id.ID                   `json:"reverses,omitzero" doc:"Id of the entry that this entry reverses. Absent otherwise."`
	ReversedBy  id.ID                   `json:"reversed_by,omitzero" doc:"Id of the entry that reverses this entry. Absent otherwise."`
	Postings    []EntryPosting          `json:"postings" doc:"Lines of the entry, in order."`
	Transaction *EntryTransaction       `json:"transaction,omitempty" doc:"Loan transaction that made the entry. Absent for manual entries."`
	ManualEntry *accounting.ManualEntry `json:"manual_entry,omitempty" doc:"Manual entry that made the entry. Absent for loan transactions."`
}

// EntryPosting is a line of an entry.
type EntryPosting struct {
	Account ledger.Account `json:"account" doc:"Account code."`
	Spanish string         `json:"name_es" doc:"Name in Spanish."`
	English string         `json:"name_en" doc:"Name in English."`
	Subject id.ID          `json:"subject" doc:"Id of the loan or manual entry that the posting is for."`
	Debit   money.Amount   `json:"debit" doc:"Debit in pesos. 0 in a credit line."`
	Credit  money.Amount   `json:"credit" doc:"Credit in pesos. 0 in a debit line."`
}

// EntryTransaction is the loan transaction that made an entry.
type EntryTransaction struct {
	Loan      id.ID          `json:"loan_id" doc:"Loan id."`
	ID        id.ID          `json:"id" doc:"Transaction id."`
	Number    int            `json:"number" doc:"Number of the transaction within the loan, starting at 0."`
	Kind      servicing.Kind `json:"kind" doc:"Kind of transaction."`
	ValueDate civil.Date     `json:"value_date" doc:"Value date."`
	Amount    money.Amount   `json:"amount" doc:"Amount in pesos."`
	Actor     string         `json:"actor" doc:"User who made the transaction."`
}

func entryOf(e view.Entry) Entry {
	return Entry{
		ID: e.ID, Kind: e.Kind, Date: e.Date, PostedAt: e.PostedAt, Reference: e.Reference, Reverses: e.Reverses, ReversedBy: e.ReversedBy,
		Postings:    each(e.Postings, func(p view.EntryPosting) EntryPosting { return EntryPosting(p) }),
		Transaction: (*EntryTransaction)(e.Transaction), ManualEntry: e.ManualEntry,
	}
}

// Periods lists the accounting periods with their status.
type Periods struct {
	ClosedThrough civil.Date `json:"closed_through" doc:"Last date of the last closed month."`
	FirstOpen     civil.Date `json:"first_open_day" doc:"First date that accepts entries."`
	Months        []Month    `json:"months" doc:"Months, oldest first."`
}

// Month is an accounting period.
type Month struct {
	Month  string `json:"month" doc:"Month as YYYY-MM."`
	Status string `json:"status" doc:"Status: OPEN or CLOSED."`
}

func periodsOf(p view.Periods) Periods {
	return Periods{p.ClosedThrough, p.FirstOpen, each(p.Months, func(m view.Month) Month { return Month(m) })}
}
