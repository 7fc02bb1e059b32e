package schedule_test

import (
	"math/big"
	"reflect"
	"strings"
	"testing"

	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/test/formula"
	"sofipo/test/loans"
	"sofipo/test/random"
)

func TestExplainReadme(t *testing.T) {
	terms := loans.Readme()
	terms.Fees = schedule.Fees{Origination: schedule.Fee{Rate: 30_000}, OriginationPayment: schedule.Deducted, IVARate: 160_000}
	e := must(t, terms).Explain()
	for got, want := range map[string]string{
		e.Opening:           "50000.00 × 0.03 = 1500.00",
		e.OpeningIVA:        "1500.00 × 0.16 = 240.00",
		e.Disbursed:         "50000.00 - 1500.00 - 240.00 = 48260.00",
		e.Level:             "50000.00 / Σ(k=1..24) 1/Π(1+i), i = rate × days/base = 2424.33",
		e.Rows[1].Interest:  "48200.67 × 0.15 × 30/360 = 602.51",
		e.Rows[1].IVA:       "602.51 × 0.16 = 96.40",
		e.Rows[1].Principal: "2424.33 - 602.51 = 1821.82",
		e.Rows[1].Total:     "1821.82 + 602.51 + 96.40 + 0.00 + 0.00 + 0.00 = 2520.73",
		e.Rows[1].Balance:   "48200.67 + 0.00 - 1821.82 = 46378.85",
		e.TotalToPay:        "59493.41 + 1500.00 + 240.00 = 61233.41",
		e.CATTime:           "periods / periods of a year",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if !strings.HasPrefix(e.CAT, "50000.00/(1+i)^0.000000 = 1500.00/(1+i)^0.000000 + 2424.33/(1+i)^0.083333 + ") || !strings.HasSuffix(e.CAT, "; i = 0.19713329; CAT 19.7% sin IVA") {
		t.Errorf("CAT: got %s, want the equation of 50000.00 and of the payments, i = 0.19713329 and CAT 19.7%% sin IVA", e.CAT)
	}
}

// TestFormulasAreTrue evaluates every formula that has only numbers.
func TestFormulasAreTrue(t *testing.T) {
	r := random.New(t, 7)
	numeric, words := 0, 0
	for range 300 {
		s, err := schedule.Build(loans.RandomTerms(r))
		if err != nil {
			continue
		}
		e := s.Explain()
		texts := []string{e.Opening, e.OpeningIVA, e.Disbursed, e.TotalToPay}
		for _, row := range e.Rows {
			v := reflect.ValueOf(row)
			for i := range v.NumField() {
				if text, ok := v.Field(i).Interface().(string); ok && text != "" {
					texts = append(texts, text)
				}
			}
		}
		for _, text := range texts {
			at := strings.LastIndex(text, " = ")
			if at < 0 {
				t.Fatalf("got %q, want a formula with an equals sign", text)
			}
			if strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz") {
				words++
				continue
			}
			numeric++
			if got, ok := formula.Value(text[:at]); !ok || !isRounded(got, text[at+3:], s.Terms.Rounding) {
				t.Errorf("%q: got %v, want %s, rounded", text, got, text[at+3:])
			}
		}
	}
	if numeric < 20_000 || words > numeric/4 {
		t.Errorf("got %d formulas with numbers and %d with words, want at least 20,000 with numbers and at most %d with words", numeric, words, numeric/4)
	}
}

func isRounded(exact *big.Rat, text string, mode money.Rounding) bool {
	o := &oracle{t: schedule.Terms{Rounding: mode}}
	want, ok := new(big.Rat).SetString(text)
	return ok && times(o.round(times(exact, whole(100))), big.NewRat(1, 100)).Cmp(want) == 0
}
