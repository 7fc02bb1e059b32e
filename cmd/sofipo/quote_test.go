package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"sofipo/api"
	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/rate"
)

const readme = "quote --amount 50000 --rate 0.15 --periods 24 --frequency monthly --method level --day-count 30/360 --disbursement 2026-01-15 --first-due 2026-02-15 --iva 0.16"

// sofipo runs a command line in this process and returns its output.
func sofipo(t *testing.T, line string) (status int, stdout, stderr string) {
	t.Helper()
	folder, real := t.TempDir(), [2]*os.File{os.Stdout, os.Stderr}
	defer func() { os.Stdout, os.Stderr = real[0], real[1] }()
	var printed [2]string
	for i, stream := range []**os.File{&os.Stdout, &os.Stderr} {
		file, err := os.Create(filepath.Join(folder, string(rune('0'+i))))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		*stream = file
	}
	status = run(strings.Fields(line))
	for i := range printed {
		text, err := os.ReadFile(filepath.Join(folder, string(rune('0'+i))))
		if err != nil {
			t.Fatal(err)
		}
		printed[i] = string(text)
	}
	return status, printed[0], printed[1]
}

// TestQuoteTable has the README's loan to the centavo.
func TestQuoteTable(t *testing.T) {
	status, table, _ := sofipo(t, readme)
	if status != 0 {
		t.Fatalf("got exit code %v, want 0", status)
	}
	lines := strings.Split(table, "\n")
	for at, want := range map[int]string{
		0:  "# due date days opening principal interest IVA total balance",
		1:  "1 2026-02-15 30 50000.00 1799.33 625.00 100.00 2524.33 48200.67",
		2:  "2 2026-03-15 30 48200.67 1821.82 602.51 96.40 2520.73 46378.85",
		23: "23 2027-12-15 30 4759.31 2364.84 59.49 9.52 2433.85 2394.47",
		24: "24 2028-01-15 30 2394.47 2394.47 29.93 4.79 2429.19 0.00",
		25: "total 50000.00 8183.99 1309.42 59493.41",
		27: "level payment 2424.33",
		28: "disbursed 50000.00 on 2026-01-15",
		29: "total to pay 59493.41",
		30: "CAT 16.1% sin IVA",
	} {
		if got := strings.Join(strings.Fields(lines[at]), " "); got != want {
			t.Errorf("line %d: got %q, want %q", at, got, want)
		}
	}
	for _, line := range lines[1:25] {
		if len(line) != len(lines[0]) {
			t.Errorf("got the line\n%q\nwant it as long as\n%q", line, lines[0])
		}
	}
	_, explained, _ := sofipo(t, readme+" --explain --origination-fee-rate 0.03 --fee-iva-rate 0.16")
	for _, want := range []string{"origination fee  1500.00 and IVA 240.00, apart", "#2 interest", "48200.67 × 0.15 × 30/360 = 602.51", "CAT              19.7% sin IVA"} {
		if !strings.Contains(explained, want) {
			t.Errorf("got\n%s\nwant %q in it", explained, want)
		}
	}
}

func TestQuoteCSV(t *testing.T) {
	for line, columns := range map[string]int{readme + " --format csv": 16, readme + " --format csv --explain": 25} {
		_, text, _ := sofipo(t, line)
		records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(records) != 25 || len(records[0]) != columns || strings.Count(text, "\r\n") != 25 {
			t.Fatalf("got %d records of %d columns, %v\n%q\nwant 25 records of %d columns, 25 lines that end with CRLF, no error", len(records), len(records[0]), err, text, columns)
		}
		second := map[string]string{}
		for i, name := range records[0] {
			second[name] = records[2][i]
		}
		for name, want := range map[string]string{"number": "2", "due_date": "2026-03-15", "principal": "1821.82", "interest": "602.51", "iva": "96.40", "total": "2520.73", "balance": "46378.85"} {
			if second[name] != want {
				t.Errorf("%s: got %q, want %q", name, second[name], want)
			}
		}
		if formula := second["interest_formula"]; columns == 25 && formula != "48200.67 × 0.15 × 30/360 = 602.51" {
			t.Errorf("got %v, want 48200.67 × 0.15 × 30/360 = 602.51", formula)
		}
	}
}

// TestQuoteJSON: it is the REST API's answer.
func TestQuoteJSON(t *testing.T) {
	day, due := civil.Date{Year: 2026, Month: 1, Day: 15}, civil.Date{Year: 2026, Month: 2, Day: 15}
	_, legend, _ := strings.Cut(mustPrint(t, readme+" --format json"), "Fecha de cálculo: ")
	today, err := civil.Parse(legend[:10])
	if err != nil {
		t.Fatal(err)
	}
	for _, explain := range []bool{false, true} {
		want, err := api.QuoteTerms{Amount: 50_000_00, AnnualRate: 150_000, Periods: 24, DayCount: civil.Thirty360, Disbursement: &day, FirstDue: &due, IVARate: rate.Share(160_000), Rules: schedule.LatestRules}.Quote(today, explain)
		if err != nil {
			t.Fatal(err)
		}
		line := readme + " --format json"
		if explain {
			line += " --explain"
		}
		if got := mustPrint(t, line); got != string(want.AppendJSON(nil))+"\n" {
			t.Errorf("got %s\nwant %s", got, want.AppendJSON(nil))
		}
	}
}

func mustPrint(t *testing.T, line string) string {
	t.Helper()
	status, text, errors := sofipo(t, line)
	if status != 0 {
		t.Fatalf("%s: got %d %s, want 0", line, status, errors)
	}
	return text
}

// TestQuoteErrors: one line that names the flag, exit status 2, no table.
func TestQuoteErrors(t *testing.T) {
	for more, want := range map[string]string{
		"--amount=0":                            "--amount: must be above 0 and at most 9999999999999.99",
		"--amount 1.234":                        `--amount: "1.234" is not pesos with at most two decimals, such as 50000.00`,
		"--rate 15%":                            `--annual-rate: "15%" is not a fraction with at most six decimals, such as 0.15`,
		"--rate 11 --periods 0":                 "--annual-rate: must be a fraction from 0 to 10 (11 % is 0.11); --periods: must be from 1 to 1560",
		"--periods 2.5":                         `--periods: "2.5" is not a whole number, such as 24`,
		"--periods 99999999999999999999":        `--periods: "99999999999999999999" is not a whole number, such as 24`,
		"--period-days=":                        `--period-days: "" is not a whole number, such as 24`,
		"--first-due 2026-01-15":                "--first-due-date: must be after the disbursement date (2026-01-15)",
		"--iva-percent 0.5":                     "--iva-percent: is accepted only with the IVA base fixed_percent",
		"--month-end --frequency weekly":        "--month-end: is accepted only with the frequency monthly",
		"--disbursement 2026-02-30":             `--disbursement-date: "2026-02-30" is not a date as YYYY-MM-DD`,
		"--method french":                       `--method must be one of "level","level_with_iva","equal_principal","bullet","single" but got "french"`,
		"--format xml":                          `--format must be one of "table","csv","json"`,
		"--iva 2":                               "--iva-rate: must be a fraction from 0 to 1 (2 % is 0.02)",
		"--collateral 50000":                    "--collateral: is too high: origination fee",
		"--anual-rate 0.2":                      "unknown flag --anual-rate",
		"--time-zone Nowhere --format json":     "SOFIPO_TIME_ZONE",
		"--rules 3":                             "--rules: must be from 1 to 2",
		"--amount 0.01":                         "--periods: must be fewer for this amount: each instalment must be at least 0.01",
		"--grace-interest-periods 1":            "--grace-mode: must be one of",
		"--origination-fee-amount=-1 --explain": "--origination-fee-amount: must be from 0.00",
	} {
		status, stdout, stderr := sofipo(t, readme+" "+more)
		if status != 2 || stdout != "" || !strings.HasPrefix(stderr, "sofipo: ") || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: got %d %q %q, want exit code 2 and one line with %q", more, status, stdout, stderr, want)
		}
	}
	if status, _, stderr := sofipo(t, "quote --amount 1"); status != 2 || !strings.Contains(stderr, "missing flags: --annual-rate=FRACTION, --periods=N") {
		t.Errorf("got %d %s, want exit code 2 with `missing flags: --annual-rate=FRACTION, --periods=N`", status, stderr)
	}
}

// TestQuoteFlags: each field of the API is a flag of the same name.
func TestQuoteFlags(t *testing.T) {
	var cli commands
	parser, err := kong.New(&cli, append(figures, kong.Vars{"roles": roleNames()})...)
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]bool{}
	for _, command := range parser.Model.Children {
		if command.Name == "quote" {
			for _, flag := range command.Flags {
				flags[flag.Name] = true
			}
		}
	}
	fields := reflect.VisibleFields(reflect.TypeFor[api.QuoteTerms]())
	for _, f := range fields {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !flags[strings.ReplaceAll(name, "_", "-")] {
			t.Errorf("got no flag for %s in %v, want one", name, flags)
		}
	}
	if len(fields) != 32 {
		t.Errorf("got %d fields, want 32", len(fields))
	}
}

// TestQuoteDocument: docs/loans.md names every field with its default, and its
// example prints what stands there.
func TestQuoteDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/loans.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(text), "```\n$ sofipo ")
	example, _, _ = strings.Cut(example, "```")
	line, table, _ := strings.Cut(example, "\n")
	if got := mustPrint(t, line); got != table {
		t.Errorf("%s: got\n%s\nwant\n%s", line, got, table)
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[api.QuoteTerms]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if row := "| `" + name + "` | " + f.Tag.Get("default"); !strings.Contains(string(text), row) || !strings.Contains(string(text), f.Tag.Get("help")) {
			t.Errorf("got no row %s with %q, want one", row, f.Tag.Get("help"))
		}
	}
}
