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
)

// The accounts that entries of operations post to.
const (
	Bank                  ledger.Account = "1102" // bank and SPEI settlement
	LoansPrincipal        ledger.Account = "1301" // by loan
	LoansInterest         ledger.Account = "1302" // accrued, by loan
	OverduePrincipal      ledger.Account = "1351" // by loan
	OverdueInterest       ledger.Account = "1352" // accrued, by loan
	Provision             ledger.Account = "1390" // of principal
	ProvisionInterest     ledger.Account = "1391" // of interest
	IVAReceivable         ledger.Account = "1410" // on interest that is due, by loan
	IVANotCaused          ledger.Account = "2401" // the other side of it
	IVAPayable            ledger.Account = "2402" // caused, for it was collected
	UnappliedFunds        ledger.Account = "2404" // payments held, by loan
	InsurancePremiums     ledger.Account = "2405" // collected for insurers
	InterestIncome        ledger.Account = "5101" //
	PenaltyInterestIncome ledger.Account = "5102" //
	FeeIncome             ledger.Account = "5301" //
	OriginationFees       ledger.Account = "5302" // deferred
	ProvisionExpense      ledger.Account = "6201" //
	Recoveries            ledger.Account = "6202" // of loans written off
	SuspendedInterest     ledger.Account = "7101" // memorandum: earned and not recognised
	SuspendedContra       ledger.Account = "7901" // the other side of it
	WrittenOffLoans       ledger.Account = "7102" // memorandum, by loan
	WrittenOffContra      ledger.Account = "7902" // the other side of it
)

// controls are the accounts whose balance is the sum of a sub-ledger, by loan or
// by deposit, and those that move only with them.
var controls = []ledger.Account{
	LoansPrincipal, LoansInterest, OverduePrincipal, OverdueInterest, Provision, ProvisionInterest, IVAReceivable, "2101", "2105", "2111",
	IVANotCaused, UnappliedFunds, OriginationFees, SuspendedInterest, SuspendedContra, WrittenOffLoans, WrittenOffContra,
}

// common are the accounts that nearly every payment posts to.
var common = []ledger.Account{Bank, LoansPrincipal, LoansInterest, IVAReceivable, IVANotCaused, IVAPayable, InterestIncome}

// Common reports whether nearly every payment posts to the account. The entries of the
// other accounts are listed in the table journal_accounts; a change of the accounts
// needs a migration that lists what was posted before.
func Common(a ledger.Account) bool { return slices.Contains(common, a) }

// CommonAccounts lists the accounts that Common is about.
func CommonAccounts() []ledger.Account { return slices.Clone(common) }

// Nature is the side on which an account grows.
type Nature string

// The natures.
const (
	Debit  Nature = "debit"
	Credit Nature = "credit"
)

// Kind is the part of the statements that an account belongs to.
type Kind string

// The kinds. Memorandum accounts are outside of the balance sheet.
const (
	Asset      Kind = "asset"
	Liability  Kind = "liability"
	Equity     Kind = "equity"
	Income     Kind = "income"
	Expense    Kind = "expense"
	Memorandum Kind = "memorandum"
)

// Account is a line of the chart: an account, or a group of those whose codes
// begin with its code, as it is over some days.
type Account struct {
	Code    ledger.Account `json:"code"` // 4 digits; a group 1 or 2
	Spanish string         `json:"name_es"`
	English string         `json:"name_en"`
	Nature  Nature         `json:"nature"`
	Kind    Kind           `json:"kind"`
	CNBV    string         `json:"cnbv_code,omitempty"` // 12 digits of the minimum catalogue (R01 A-0111), "" if none is known
	From    civil.Date     `json:"valid_from"`          // first day
	To      civil.Date     `json:"valid_to,omitzero"`   // last day; open if zero
}

// Postable tells whether entries may post to it: it is no group.
func (a Account) Postable() bool { return len(a.Code) == 4 }

// Control tells whether its balance is the sum of a sub-ledger, so that only the
// operations of that may move it.
func (a Account) Control() bool { return slices.Contains(controls, a.Code) }

func (a Account) validOn(d civil.Date) bool {
	return !d.Before(a.From) && (a.To.IsZero() || !d.After(a.To))
}

// Chart is the chart of a day, groups and accounts, sorted by code so that each
// group comes before its accounts.
func Chart(on civil.Date) (all []Account) {
	for _, code := range slices.Sorted(maps.Keys(chart())) {
		if a, found := Find(code, on); found {
			all = append(all, a)
		}
	}
	return all
}

// Find is the line of an account or group on a day.
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

// chart is the file's lines by code. A test proves the file sound, so that there
// is no error to give.
var chart = sync.OnceValue(func() map[ledger.Account][]Account {
	lines := map[ledger.Account][]Account{}
	all, _ := parseChart(chartCSV)
	for _, a := range all {
		lines[a.Code] = append(lines[a.Code], a)
	}
	return lines
})

// parseChart reads the lines of a chart file, the first of which names the columns.
func parseChart(text string) ([]Account, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != "code,name_es,name_en,nature,kind,cnbv_code,valid_from,valid_to" {
		return nil, fmt.Errorf("the columns are not those of a chart")
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
