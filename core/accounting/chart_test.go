package accounting

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/ledger"
)

var today = civil.Date{Year: 2026, Month: 1, Day: 15}

// contra has the contra accounts, which reduce their kind.
var contra = []ledger.Account{Provision, ProvisionInterest, Recoveries}

// elsewhere has the accounts in a group of another kind, as docs/rules/accounting.md
// numbers them.
var elsewhere = []ledger.Account{"1420", OriginationFees}

var natures = map[Kind]Nature{Asset: Debit, Liability: Credit, Equity: Credit, Income: Credit, Expense: Debit}

// unsound describes the faults of a chart.
func unsound(lines []Account) (faults []string) {
	say := func(a Account, what string) { faults = append(faults, string(a.Code)+" "+what) }
	digits := regexp.MustCompile(`^([1-9]|[1-9][0-9]|[1-9][0-9]{3})$`)
	cnbv := regexp.MustCompile(`^([1-9][0-9]{11})?$`)
	kinds := map[ledger.Account]Kind{}
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b Account) int { return cmp.Or(cmp.Compare(a.Code, b.Code), a.From.Compare(b.From)) })
	for i, a := range lines {
		if !digits.MatchString(string(a.Code)) || !cnbv.MatchString(a.CNBV) {
			say(a, "has a code of another form")
		}
		if a.Spanish == "" || a.English == "" || strings.TrimSpace(a.Spanish+a.English) != a.Spanish+a.English {
			say(a, "has no name")
		}
		if !a.From.Valid() || !a.To.IsZero() && a.To.Before(a.From) {
			say(a, "has no days")
		}
		if i > 0 && lines[i-1].Code == a.Code && lines[i-1].To.AddDays(1) != a.From {
			say(a, "has a gap or an overlap on "+a.From.String())
		}
		want, known := natures[a.Kind]
		if slices.Contains(contra, a.Code) {
			want = map[Nature]Nature{Debit: Credit, Credit: Debit}[want]
		}
		if a.Kind == Memorandum {
			known, want = true, Debit
			if strings.HasPrefix(string(a.Code), "79") {
				want = Credit
			}
		}
		if !known || a.Nature != want {
			say(a, "is of another nature than its kind")
		}
		for n := 1; n < min(len(a.Code), 3); n++ {
			if group, found := kinds[a.Code[:n]]; !found || group != a.Kind && !slices.Contains(elsewhere, a.Code) {
				say(a, "has no group of its kind "+string(a.Code[:n]))
			}
		}
		kinds[a.Code] = a.Kind
	}
	return faults
}

func TestChartIsSound(t *testing.T) {
	lines, err := parseChart(chartCSV)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range unsound(lines) {
		t.Error(fault)
	}
	for _, a := range lines {
		if a.Kind == Memorandum && a.Postable() && !a.Control() { // manual entries do not check that these balance
			t.Errorf("got the memorandum account %s open to manual entries, want a control account", a.Code)
		}
	}
	for _, code := range append([]ledger.Account{Bank, Provision, ProvisionInterest, IVAPayable, InsurancePremiums, InterestIncome,
		PenaltyInterestIncome, FeeIncome, OriginationFees, ProvisionExpense, Recoveries}, controls...) {
		if a, found := Find(code, today); !found || !a.Postable() || a.Control() != slices.Contains(controls, code) {
			t.Errorf("%s: got %+v, want a postable account, control: %v", code, a, slices.Contains(controls, code))
		}
	}
}

// TestSoundnessIsSeen: unsound detects each kind of fault.
func TestSoundnessIsSeen(t *testing.T) {
	row := func(code string, n Nature, k Kind, from, to string) Account {
		a := Account{Code: ledger.Account(code), Spanish: "a", English: "a", Nature: n, Kind: k}
		_ = a.From.UnmarshalText([]byte(from))
		if to != "" {
			_ = a.To.UnmarshalText([]byte(to))
		}
		return a
	}
	groups := []Account{row("1", Debit, Asset, "2020-01-01", ""), row("11", Debit, Asset, "2020-01-01", "")}
	for name, c := range map[string]struct {
		lines []Account
		want  int
	}{
		"good":            {[]Account{row("1101", Debit, Asset, "2020-01-01", "2020-12-31"), row("1101", Debit, Asset, "2021-01-01", "")}, 0},
		"gap":             {[]Account{row("1101", Debit, Asset, "2020-01-01", "2020-12-30"), row("1101", Debit, Asset, "2021-01-01", "")}, 1},
		"overlap":         {[]Account{row("1101", Debit, Asset, "2020-01-01", ""), row("1101", Debit, Asset, "2021-01-01", "")}, 1},
		"twice":           {[]Account{row("1101", Debit, Asset, "2020-01-01", ""), row("1101", Debit, Asset, "2020-01-01", "")}, 1},
		"nature":          {[]Account{row("1101", Credit, Asset, "2020-01-01", "")}, 1},
		"kind":            {[]Account{row("1101", Debit, "assets", "2020-01-01", "")}, 3},
		"group of a kind": {[]Account{row("1101", Credit, Liability, "2020-01-01", "")}, 2},
		"no group":        {[]Account{row("1201", Debit, Asset, "2020-01-01", "")}, 1},
		"code":            {[]Account{row("11x1", Debit, Asset, "2020-01-01", "")}, 1},
		"backwards":       {[]Account{row("1101", Debit, Asset, "2020-01-01", "2019-01-01")}, 1},
	} {
		if got := unsound(append(slices.Clone(groups), c.lines...)); len(got) != c.want {
			t.Errorf("%s: got %q, want %d findings", name, got, c.want)
		}
	}
}

func TestChartFileFaults(t *testing.T) {
	const columns = "code,name_es,name_en,nature,kind,cnbv_code,valid_from,valid_to\n"
	for _, text := range []string{
		"", "code,name\n", columns + "1101,a,b,debit\n", columns + "1101,a,b,debit,asset,,2020-13-01,\n", columns + "1101,a,b,debit,asset,,2020-01-01,x\n",
	} {
		if lines, err := parseChart(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, lines)
		}
	}
	lines, err := parseChart(columns + "1101,a,b,debit,asset,110000000000,2020-01-01,2020-12-31\n")
	if err != nil || len(lines) != 1 || !lines[0].validOn(civil.Date{Year: 2020, Month: 12, Day: 31}) ||
		lines[0].validOn(civil.Date{Year: 2021, Month: 1, Day: 1}) || lines[0].validOn(civil.Date{Year: 2019, Month: 12, Day: 31}) {
		t.Errorf("got %+v, %v, want 1 account that is valid on 2020-12-31 and neither after it nor in 2019", lines, err)
	}
}

func TestChartOfADay(t *testing.T) {
	all := Chart(today)
	if len(all) != strings.Count(chartCSV, "\n")-1 || !slices.IsSortedFunc(all, func(a, b Account) int { return cmp.Compare(a.Code, b.Code) }) {
		t.Errorf("%d accounts: got %+v, want %d in order of codes", len(all), all, strings.Count(chartCSV, "\n")-1)
	}
	all[0].Spanish = "changed"
	if Chart(today)[0].Spanish != "Activo" {
		t.Errorf("a caller changed the chart: got %q, want Activo", Chart(today)[0].Spanish)
	}
	if before := Chart(civil.Date{Year: 2006, Month: 12, Day: 31}); len(before) != 0 {
		t.Errorf("before its first day: got %+v, want none", before)
	}
	a, found := Find("1391", today)
	if text, _ := json.Marshal(a); !found || string(text) != `{"code":"1391","name_es":"Estimación preventiva por intereses vencidos",`+
		`"name_en":"Loan loss provision for overdue interest","nature":"credit","kind":"asset","cnbv_code":"139605000000","valid_from":"2007-01-01"}` {
		t.Errorf("got %s, want account 1391 with all its members", text)
	}
	if _, found := Find("9999", today); found {
		t.Error("got an account 9999, want none")
	}
	if a, _ := Find("13", today); a.Postable() {
		t.Error("got a postable group, want one that is not postable")
	}
}

// TestOverdrawn: contra accounts have the other side, and equity, income and expenses may
// have both.
func TestOverdrawn(t *testing.T) {
	for code, want := range map[ledger.Account][2]bool{ // of a debit balance, of a credit balance
		"1102": {false, true}, "1390": {true, false}, "2404": {true, false}, "5302": {true, false},
		"4203": {}, "5101": {}, "6201": {}, "7101": {},
	} {
		a, _ := Find(code, today)
		if got := [2]bool{a.Overdrawn(1), a.Overdrawn(-1)}; got != want || a.Overdrawn(0) {
			t.Errorf("%s: got %v, with a balance of zero %t, want %v, false", code, got, a.Overdrawn(0), want)
		}
	}
}
