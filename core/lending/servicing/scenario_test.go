package servicing_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// TestScenarios runs the files testdata/*.loan. testdata/README.md explains their language.
// Their figures are computed independently of the engine.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.loan")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d scenario files: got %v, want at least 40 files", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".loan"), func(t *testing.T) { play(t, file) })
	}
}

// TestScenariosSee: a wrong figure of each kind is detected.
func TestScenariosSee(t *testing.T) {
	good := []string{
		"amount 50000.00", "rate 15%", "periods 24", "penalty_interest rate 30%", "disburse 2026-01-15",
		"row 1 due 2026-02-15 principal 1799.33 interest 625.00 iva_interest 100.00", "day 2026-02-25", "due principal 1799.33 interest 625.00 iva_interest 100.00 penalty_interest 14.99 iva_penalty_interest 2.40",
		"late 10", "payoff 50984.05", "pay 2541.72", "split principal 1799.33 interest 625.00 iva_interest 100.00 penalty_interest 14.99 iva_penalty_interest 2.40",
		"balance 48200.67", "status ACTIVE", "level 2424.33", "left 23", "unapplied 0.00", "accrued interest 208.33 iva_interest 33.33", "pay 48442.34", "refused over_payment payoff 48442.33",
	}
	run := func(lines []string) []string {
		s := newScene()
		for i, line := range lines {
			s.line(fmt.Sprint(i), line)
		}
		s.finish("end")
		return s.wrong
	}
	if wrong := run(good); len(wrong) > 0 {
		t.Errorf("the sound scenario: got %v, want no failure", wrong)
	}
	for i, line := range good {
		spoilt := slices.Clone(good)
		at := strings.LastIndexAny(line, "012345678")
		if at < 0 || slices.Contains([]string{"amount", "rate", "periods", "penalty_interest", "disburse", "day", "pay"}, strings.Fields(line)[0]) {
			continue
		}
		spoilt[i] = line[:at] + string(line[at]+1) + line[at+1:]
		if wrong := run(spoilt); len(wrong) != 1 {
			t.Errorf("%s: got %v, want 1 failure", spoilt[i], wrong)
		}
	}
}

func play(t *testing.T, file string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := newScene()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text != "" {
			s.line(fmt.Sprintf("%s:%d", filepath.Base(file), n), text)
		}
	}
	s.finish(file)
	for _, w := range s.wrong {
		t.Error(w)
	}
	if s.checks == 0 {
		t.Errorf("%s: got no checks, want some", file)
	}
}

// scene is a running scenario.
type scene struct {
	product  product.Product
	terms    schedule.Terms
	contract schedule.Schedule
	history  servicing.History
	account  servicing.Account
	split    servicing.Split
	changed  []servicing.Difference
	today    civil.Date
	err      error // of the last operation, until a line expects it
	checks   int
	wrong    []string
	where    string
}

func newScene() *scene { return &scene{product: product.Seed()} }

func (s *scene) fail(format string, args ...any) {
	s.wrong = append(s.wrong, s.where+": "+fmt.Sprintf(format, args...))
}

func (s *scene) finish(where string) {
	if s.where = where; s.err != nil {
		s.fail("refused: %v", describe(s.err))
	}
}

// describe returns a refusal with its fields.
func describe(err error) string {
	return err.Error()
}

func (s *scene) line(where, text string) {
	s.where = where
	defer func() {
		if r := recover(); r != nil {
			s.fail("%q: %v", text, r)
		}
	}()
	words := strings.Fields(text)
	if s.err != nil && words[0] != "refused" {
		s.fail("refused: %v", describe(s.err))
		s.err = nil
	}
	switch {
	case s.set(words[0], words[1:]):
	case s.act(words[0], words[1:]):
	case s.expect(words[0], words[1:]):
		s.checks++
	default:
		s.fail("no such line: %s", text)
	}
}

func pesos(text string) money.Amount {
	a, err := money.Parse(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		panic(text + " is no amount")
	}
	return a
}

func date(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// share reads "15%" and "0.15".
func share(text string) rate.Annual {
	percent, found := strings.CutSuffix(text, "%")
	places := 6
	if found {
		places = 4
	}
	n, err := money.ParseFixed(percent, places, 1e12)
	if err != nil {
		panic(text + " is no rate")
	}
	return rate.Annual(n)
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}

// pairs calls f with each name and value.
func pairs(words []string, f func(name, value string)) {
	if len(words)%2 != 0 {
		panic("names and values do not pair")
	}
	for i := 0; i < len(words); i += 2 {
		f(words[i], words[i+1])
	}
}

// set runs a line that sets the product or the terms.
func (s *scene) set(name string, words []string) bool {
	p, value := &s.product, strings.Join(words, " ")
	switch name {
	case "amount":
		s.terms.Amount = pesos(value)
	case "rate":
		s.terms.AnnualRate = share(value)
	case "periods":
		s.terms.Periods = number(value)
	case "method":
		p.Method = schedule.Method(value)
	case "frequency":
		p.Frequency = schedule.Frequency(words[0])
		if len(words) > 1 {
			p.PeriodDays = number(words[1])
		}
	case "month_end":
		p.MonthEnd = true
	case "day_count":
		p.DayCount = civil.DayCount(value)
	case "rounding":
		p.Rounding = money.Rounding(value)
	case "residue":
		p.Residue = schedule.Residue(value)
	case "holidays":
		p.Holidays, p.InterestFollows = schedule.NextBusinessDay, value == "interest_follows"
	case "grace":
		pairs(words, s.setGrace)
	case "iva":
		p.IVA = rate.IVA{Rate: share(words[0]), Base: rate.Nominal}
		pairs(words[1:], s.setIVA)
	case "fee":
		p.Fees.Periodic.Amount, p.Fees.IVARate = pesos(value), 160_000
	case "opening":
		p.Fees.Origination.Amount, p.Fees.IVARate, p.Limits.MinAmount = pesos(value), 160_000, s.terms.Amount
	case "insurance":
		p.Insurance = pesos(value)
	case "penalty_interest":
		pairs(words, s.setPenaltyInterest)
	case "allocation":
		p.Allocation = nil
		for _, c := range words {
			p.Allocation = append(p.Allocation, product.Component(c))
		}
	case "strategy":
		p.Strategy = product.Strategy(value)
	case "excess":
		p.Excess = product.Excess(value)
	default:
		return false
	}
	return true
}

func (s *scene) setGrace(name, value string) {
	g := &s.product.Grace
	s.product.Limits.MinPeriods = 0
	switch name {
	case "principal":
		g.PrincipalPeriods = number(value)
	case "interest":
		g.InterestPeriods = number(value)
	case "mode":
		g.Mode = schedule.GraceMode(value)
	default:
		panic(name)
	}
}

func (s *scene) setIVA(name, value string) {
	v := &s.product.IVA
	switch name {
	case "inflation":
		v.Base, v.Inflation = rate.RealUDI, share(value)
	case "percent":
		v.Base, v.Percent = rate.FixedPercent, share(value)
	default:
		panic(name)
	}
}

func (s *scene) setPenaltyInterest(name, value string) {
	m := &s.product.PenaltyInterest
	switch name {
	case "rate":
		m.Rate = share(value)
	case "base":
		m.Base = product.PenaltyBase(value)
	case "mode":
		m.Mode = product.PenaltyMode(value)
	case "grace_days":
		m.GraceDays = number(value)
	default:
		panic(name)
	}
}

// act runs a line that performs an operation.
func (s *scene) act(name string, words []string) bool {
	switch name {
	case "disburse":
		s.disburse(words)
	case "day":
		s.today = date(words[0])
		s.split = servicing.Split{}
		s.account, s.split.Before = servicing.Roll(s.account, s.today)
	case "pay":
		s.pay(words)
	case "writeoff":
		s.do(servicing.Operation{Kind: servicing.WriteOffKind, ValueDate: s.today})
	case "recover":
		s.do(servicing.Operation{Kind: servicing.RecoveryKind, ValueDate: s.today, Amount: pesos(words[0])})
	case "refund":
		s.do(servicing.Operation{Kind: servicing.RefundKind, ValueDate: s.today, Amount: pesos(words[0])})
	case "cancel":
		s.do(servicing.Operation{Kind: servicing.Cancellation, ValueDate: s.today})
	case "restructure":
		s.restructure(words)
	case "reverse":
		s.take(servicing.Reverse(s.history, number(words[0])))
	default:
		return false
	}
	return true
}

func (s *scene) disburse(words []string) {
	s.today = date(words[0])
	first := civil.Date{}
	if len(words) == 3 && words[1] == "first" {
		first = date(words[2])
	}
	terms, err := s.product.Terms(s.terms.Amount, s.terms.AnnualRate, s.terms.Periods, s.today, first)
	if err == nil {
		s.contract, err = schedule.Build(terms)
	}
	if s.err = err; err != nil {
		return
	}
	if err := s.product.Check(); err != nil {
		s.err = err
		return
	}
	s.history = servicing.History{Product: s.product, Contract: s.contract}
	s.account = servicing.Open(s.product, s.contract)
}

// pay runs: pay AMOUNT [prepayment|advance] [keep] [dated DATE].
func (s *scene) pay(words []string) {
	o := servicing.Operation{Kind: servicing.Ordinary, ValueDate: s.today, Amount: pesos(words[0])}
	for words = words[1:]; len(words) > 0; words = words[1:] {
		switch words[0] {
		case "dated":
			o.ValueDate = date(words[1])
			words = words[1:]
		case "keep":
			o.KeepExcess = true
		default:
			o.Kind = servicing.Kind(words[0])
		}
	}
	if o.ValueDate.Before(s.account.Day) {
		o.Number = s.lastNumber() + 1
		s.take(s.history.With(o, s.today))
		return
	}
	s.do(o)
}

// restructure runs: restructure rate R periods N [first DATE] [frequency F] [method M] [capitalise yes].
func (s *scene) restructure(words []string) {
	n := servicing.NewTerms{Terms: s.contract.Terms}
	n.Terms.FirstDue, n.Terms.Grace, n.Terms.Fees = civil.Date{}, schedule.Grace{}, schedule.Fees{}
	pairs(words, func(name, value string) {
		switch name {
		case "rate":
			n.Terms.AnnualRate = share(value)
		case "periods":
			n.Terms.Periods = number(value)
		case "first":
			n.Terms.FirstDue = date(value)
		case "frequency":
			n.Terms.Frequency = schedule.Frequency(value)
		case "method":
			n.Terms.Method = schedule.Method(value)
		case "capitalise":
			n.Capitalise = value == "yes"
		default:
			panic(name)
		}
	})
	s.do(servicing.Operation{Kind: servicing.RestructureKind, ValueDate: s.today, NewTerms: &n})
}

// do applies an operation to the account, as the bank does on its day.
func (s *scene) do(o servicing.Operation) {
	o.Number = s.lastNumber() + 1
	var after servicing.Account
	switch o.Kind {
	case servicing.Ordinary, servicing.Prepayment, servicing.AdvancePayment:
		after, s.split, s.err = servicing.Receive(s.account, o, s.today)
	default:
		after, s.split, s.err = servicing.Apply(s.account, o, o.ValueDate)
	}
	if s.err == nil {
		s.account = after
		s.history.Operations = append(s.history.Operations, o)
	}
}

// take continues with a recomputed history on the same day.
func (s *scene) take(c servicing.Change, err error) {
	if s.err = err; err != nil {
		return
	}
	s.history, s.changed = c.History, c.Differences
	s.account, _ = servicing.Roll(c.Account, s.today)
}

func (s *scene) lastNumber() (n int) {
	for _, o := range s.history.Operations {
		n = max(n, o.Number)
	}
	return n
}

// expect runs a line that states an expectation.
func (s *scene) expect(name string, words []string) bool {
	owing := servicing.Due(s.account, s.today)
	switch name {
	case "due":
		s.amounts("due", words, owing.Due)
	case "accrued":
		s.amounts("accrued", words, owing.Accrued)
	case "instalment":
		s.instalment(number(words[0]), words[1:], owing)
	case "split":
		s.expectSplit(words, s.split)
	case "resplit": // of an operation that a reversal or a back-dated payment changed
		s.resplit(number(words[0]), words[1:])
	case "from_unapplied":
		s.same("from_unapplied", pesos(words[0]), s.split.FromUnapplied)
	case "happened":
		s.happened(words)
	case "balance":
		s.same("balance", pesos(words[0]), s.account.Outstanding)
	case "unapplied":
		s.same("unapplied", pesos(words[0]), s.account.Unapplied)
	case "payoff":
		s.same("payoff", pesos(words[0]), servicing.PayoffOf(s.account, s.today).Total)
	case "status":
		s.same("status", words[0], string(s.account.Status))
	case "late":
		s.same("days past due", number(words[0]), owing.DaysPastDue)
	case "level":
		s.same("level", pesos(words[0]), s.account.Version.Level)
	case "version":
		s.same("version", number(words[0]), s.account.Version.Number)
	case "left":
		s.same("instalments left", number(words[0]), s.left())
	case "written_off":
		s.amounts("written off", words, s.account.WrittenOff)
	case "earned":
		s.amounts("earned", words, servicing.Recognised(s.account))
	case "row":
		s.row(number(words[0]), words[1:])
	case "refused":
		s.refused(words)
	default:
		return false
	}
	return true
}

func (s *scene) same(what string, want, got any) {
	if want != got {
		s.fail("%s is %v, want %v", what, got, want)
	}
}

// read converts "principal 1.00 interest 2.00" to amounts; "nothing" is none.
func read(words []string) (a servicing.Amounts) {
	if len(words) == 1 && words[0] == "nothing" {
		return a
	}
	var text []string
	pairs(words, func(name, value string) {
		if !slices.Contains(product.Components, product.Component(name)) {
			panic(name + " is no component")
		}
		text = append(text, fmt.Sprintf("%q:%s", name, pesos(value)))
	})
	if err := json.Unmarshal([]byte("{"+strings.Join(text, ",")+"}"), &a); err != nil {
		panic(err)
	}
	return a
}

func (s *scene) amounts(what string, words []string, got servicing.Amounts) {
	if want := read(words); want != got {
		w, _ := json.Marshal(want)
		g, _ := json.Marshal(got)
		s.fail("%s is %s (sum %s), want %s (sum %s)", what, g, got.Sum(), w, want.Sum())
	}
}

func (s *scene) instalment(n int, words []string, owing servicing.Owing) {
	for _, l := range owing.Lines {
		if l.Instalment == n {
			s.amounts(fmt.Sprintf("due of instalment %d", n), words, l.Amounts)
			return
		}
	}
	s.amounts(fmt.Sprintf("due of instalment %d", n), words, servicing.Amounts{})
}

// expectSplit takes components, ahead (principal paid before its due date) and
// to_unapplied.
func (s *scene) expectSplit(words []string, split servicing.Split) {
	var ahead, held, wantAhead, wantHeld money.Amount
	var rest []string
	if len(words) == 1 {
		words = nil
	}
	pairs(words, func(name, value string) {
		switch name {
		case "ahead":
			wantAhead = pesos(value)
		case "to_unapplied":
			wantHeld = pesos(value)
		default:
			rest = append(rest, name, value)
		}
	})
	got := split.Amounts()
	for _, l := range split.Lines {
		if l.Instalment == 0 && l.Component == product.Principal && split.Kind != servicing.RecoveryKind && split.Kind != servicing.WriteOffKind {
			ahead += l.Amount
		}
	}
	got.Principal -= ahead
	held = split.ToUnapplied
	s.amounts("split", rest, got)
	s.same("principal ahead", wantAhead, ahead)
	s.same("to_unapplied", wantHeld, held)
	if w := unsound(split); w != "" {
		s.fail("%s", w)
	}
}

func (s *scene) resplit(n int, words []string) {
	for _, d := range s.changed {
		if d.Operation == n {
			s.expectSplit(words, d.After)
			return
		}
	}
	s.fail("operation %d did not change", n)
}

// happened takes the automatic payments from unapplied funds up to the day, or before the
// last operation.
func (s *scene) happened(words []string) {
	var sum servicing.Amounts
	for _, b := range s.split.Before {
		sum = sum.Plus(b.Amounts())
	}
	s.amounts("happened", words, sum)
}

// left counts the instalments that are not fully paid.
func (s *scene) left() (n int) {
	for _, in := range s.account.Instalments {
		if in.Contract.Plus(in.Carried).Minus(in.Paid).Sum() > 0 {
			n++
		}
	}
	return n
}

// row takes: row N due DATE and the components in the schedule.
func (s *scene) row(n int, words []string) {
	for _, in := range s.account.Instalments {
		if in.Number == n {
			s.same(fmt.Sprintf("due date of %d", n), date(words[1]), in.Due)
			s.amounts(fmt.Sprintf("row %d", n), words[2:], in.Contract)
			return
		}
	}
	s.fail("no instalment %d", n)
}

// refused takes a code and, if given, the field or a value: refused
// over_payment payoff 10.00, refused invalid value_date.
func (s *scene) refused(words []string) {
	var e *fault.Error
	if !errors.As(s.err, &e) {
		s.fail("not refused")
		return
	}
	s.err = nil
	s.same("code", words[0], string(e.Code))
	switch len(words) {
	case 2:
		if len(e.Flaws) == 0 || e.Flaws[0].Name() != words[1] {
			s.fail("refused for %+v, want %s", e.Flaws, words[1])
		}
	case 3:
		s.same(words[1], words[2], fmt.Sprint(e.Values[words[1]]))
	}
}
