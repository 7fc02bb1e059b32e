package accounting

import (
	"cmp"
	_ "embed" // the chart
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"sofipo/core/civil"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

// The accounts that entries of operations post to.
const (
	Cash                  ledger.Account = "1101" // by till; a line of another subject belongs to the main vault
	Bank                  ledger.Account = "1102" // bank and SPEI settlement, by bank account; a line of another subject belongs to the main account
	Cheques               ledger.Account = "1103" // to be collected, by bank account
	LoansPrincipal        ledger.Account = "1301" // performing loans, by loan
	LoansInterest         ledger.Account = "1302" // accrued, by loan
	OverduePrincipal      ledger.Account = "1351" // by loan
	OverdueInterest       ledger.Account = "1352" // accrued, by loan
	Provision             ledger.Account = "1390" // of principal
	ProvisionInterest     ledger.Account = "1391" // of interest
	IVAReceivable         ledger.Account = "1410" // IVA on interest that is due, by loan
	UnidentifiedDeposits  ledger.Account = "1420" // by incoming payment
	CardProcessors        ledger.Account = "1431" // card payments that they owe, by bank account
	PayrollDeductors      ledger.Account = "1432" // deductions that employers owe, by bank account
	Shops                 ledger.Account = "1433" // payments that they owe, by bank account
	CashAdvances          ledger.Account = "1450" // cash paid out of tills, to be accounted for
	IVANotCaused          ledger.Account = "2401" // contra account of IVAReceivable: not payable until collected
	IVAPayable            ledger.Account = "2402" // collected, so payable to the SAT
	UnappliedFunds        ledger.Account = "2404" // payments for later instalments, by loan
	InsurancePremiums     ledger.Account = "2405" // collected for insurers
	CashReceipts          ledger.Account = "2420" // cash received at tills, to be accounted for
	OpeningBalances       ledger.Account = "4209" // contra account of imported loans and opening balances
	InterestIncome        ledger.Account = "5101"
	PenaltyInterestIncome ledger.Account = "5102"
	FeeIncome             ledger.Account = "5301"
	OriginationFees       ledger.Account = "5302" // deferred income
	OtherIncome           ledger.Account = "5401"
	CashOverages          ledger.Account = "5402"
	ProvisionExpense      ledger.Account = "6201"
	Recoveries            ledger.Account = "6202" // of written-off loans
	CashShortages         ledger.Account = "6402"
	SuspendedInterest     ledger.Account = "7101" // memorandum: earned but not recognised
	SuspendedContra       ledger.Account = "7901" // contra account of SuspendedInterest
	WrittenOffLoans       ledger.Account = "7102" // memorandum, by loan
	WrittenOffContra      ledger.Account = "7902" // contra account of WrittenOffLoans
)

// controls lists the control accounts: their balance is the sum of a sub-ledger by loan
// or by deposit. It includes their contra accounts.
var controls = []ledger.Account{
	LoansPrincipal, LoansInterest, OverduePrincipal, OverdueInterest, Provision, ProvisionInterest, IVAReceivable, UnidentifiedDeposits, "2101", "2105", "2111",
	IVANotCaused, UnappliedFunds, OriginationFees, SuspendedInterest, SuspendedContra, WrittenOffLoans, WrittenOffContra,
}

// places lists the accounts of the places where money is: tills and bank accounts.
var places = []ledger.Account{Cash, Bank, Cheques, CardProcessors, PayrollDeductors, Shops}

// Place reports whether the subject of the account's lines is a till or a bank account. A
// line with the subject of its entry belongs to the main vault or the main bank account.
func Place(a ledger.Account) bool { return slices.Contains(places, a) }

// Places lists the accounts for which Place is true.
func Places() []ledger.Account { return slices.Clone(places) }

// common lists the accounts to which nearly every payment posts.
var common = []ledger.Account{Bank, LoansPrincipal, LoansInterest, IVAReceivable, IVANotCaused, IVAPayable, InterestIncome}

// Common reports whether nearly every payment posts to the account. The entries of the
// other accounts are listed in the table journal_accounts; a change of the accounts
// needs a migration that lists what was posted before.
func Common(a ledger.Account) bool { return slices.Contains(common, a) }

// CommonAccounts lists the accounts for which Common is true.
func CommonAccounts() []ledger.Account { return slices.Clone(common) }

// Nature is the side on which the balance of an account increases.
type Nature string

// The natures.
const (
	Debit  Nature = "debit"
	Credit Nature = "credit"
)

// Kind is the section of the financial statements of an account.
type Kind string

// The kinds. Memorandum accounts are outside the balance sheet.
const (
	Asset      Kind = "asset"
	Liability  Kind = "liability"
	Equity     Kind = "equity"
	Income     Kind = "income"
	Expense    Kind = "expense"
	Memorandum Kind = "memorandum"
)

// Account is a line of the chart of accounts in a period: an account, or a group of the
// accounts with codes that begin with its code.
type Account struct {
	Code    ledger.Account `json:"code"` // 4 digits; 1 or 2 for a group
	Spanish string         `json:"name_es"`
	English string         `json:"name_en"`
	Nature  Nature         `json:"nature"`
	Kind    Kind           `json:"kind"`
	CNBV    string         `json:"cnbv_code,omitempty"` // 12 digits of the minimum catalogue (R01 A-0111), "" if unknown
	From    civil.Date     `json:"valid_from"`          // first day
	To      civil.Date     `json:"valid_to,omitzero"`   // last day; none if zero
}

// Postable reports whether entries may post to the account. Groups take no postings.
func (a Account) Postable() bool { return len(a.Code) == 4 }

// Control reports whether the account is a control account: its balance is the sum of a
// sub-ledger, so manual entries may not post to it.
func (a Account) Control() bool { return slices.Contains(controls, a.Code) }

// Overdrawn reports whether a balance, debits less credits, is on the wrong side: a credit
// balance of an asset, such as an overdrawn bank account, or a debit balance of a
// liability. For a contra account, such as the loan loss provision, the sides are the
// opposite, as its nature says. Accounts of other kinds may have both.
func (a Account) Overdrawn(balance money.Amount) bool {
	if a.Kind != Asset && a.Kind != Liability {
		return false
	}
	if a.Nature == Debit {
		return balance < 0
	}
	return balance > 0
}

func (a Account) validOn(d civil.Date) bool {
	return !d.Before(a.From) && (a.To.IsZero() || !d.After(a.To))
}

// Chart returns the groups and accounts in force on a day, sorted by code. Each group
// comes before its accounts.
func Chart(on civil.Date) (all []Account) {
	for _, code := range slices.Sorted(maps.Keys(chart())) {
		if a, found := Find(code, on); found {
			all = append(all, a)
		}
	}
	return all
}

// Find returns the account or group with the code on a day.
func Find(code ledger.Account, on civil.Date) (Account, bool) {
	for _, a := range chart()[code] {
		if a.validOn(on) {
			return a, true
		}
	}
	return Account{}, false
}

//go:embed chart.csv
var chartCSV string

// chart returns the lines of the embedded file by code. A test proves that the file is
// valid, so reading it cannot fail.
var chart = sync.OnceValue(func() map[ledger.Account][]Account {
	lines := map[ledger.Account][]Account{}
	all, _ := parseChart(chartCSV)
	for _, a := range all {
		lines[a.Code] = append(lines[a.Code], a)
	}
	return lines
})

// parseChart reads a chart file. Its first line names the columns.
func parseChart(text string) ([]Account, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != "code,name_es,name_en,nature,kind,cnbv_code,valid_from,valid_to" {
		return nil, fmt.Errorf("the first line must name the columns of a chart")
	}
	var all []Account
	for i, r := range rows[1:] {
		a := Account{Code: ledger.Account(r[0]), Spanish: r[1], English: r[2], Nature: Nature(r[3]), Kind: Kind(r[4]), CNBV: r[5]}
		a.From, err = civil.Parse(r[6])
		if r[7] != "" {
			var ends error
			a.To, ends = civil.Parse(r[7])
			err = cmp.Or(err, ends)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		all = append(all, a)
	}
	return all, nil
}
