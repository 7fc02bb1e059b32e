package risk

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/money"
	"sofipo/test/random"
)

// TestExamplePortfolio is docs/rules/provisions.md#example.
func TestExamplePortfolio(t *testing.T) {
	var p Portfolio
	for days, balance := range map[int]money.Amount{0: 1_000_000_00, 5: 200_000_00, 20: 100_000_00, 45: 80_000_00, 75: 50_000_00, 100: 40_000_00, 150: 30_000_00, 200: 20_000_00} {
		class, err := Classify(firstNew, Loan{Payment: Periodic, DaysPastDue: DaysPastDue{days, days, days}})
		if err != nil {
			t.Fatal(err)
		}
		base, _ := ProvisionBase(class.Stage, balance, 0)
		provision, _, err := Provision(firstNew, Exposure{Classification: Consumer, DaysLate: days, Base: base})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Add(Position{"consumo", days, class.Stage, Sums{1, balance, 0, provision}}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := p.Sums(), (Sums{8, 1_520_000_00, 0, 159_000_00}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := p.Overdue(); got.Total() != 90_000_00 || got.Count != 3 {
		t.Errorf("stage 3: got %+v, want total 90000.00, count 3", got)
	}
	got := []string{p.IMOR().String(), p.ICOR().String(), p.IMORA(10_000_00).String(), p.PAR(PAR1).String(), p.PAR(PAR30).String(), p.PAR(PAR90).String()}
	if want := []string{"5.92 %", "176.67 %", "6.54 %", "34.21 %", "14.47 %", "5.92 %"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for i, want := range []Stage{1, 1, 1, 2, 2, 3, 3, 3} {
		for stage, sums := range p.products["consumo"].sums[i] {
			if counted := Stage(stage+1) == want; (sums.Count == 1) != counted || (sums == Sums{}) == counted {
				t.Errorf("bucket %s, stage %d: got %+v, want the loan in stage %d", Bucket(i), stage+1, sums, want)
			}
		}
	}
	if got, want := p.products["consumo"].sums[7][Stage3-1], (Sums{1, 20_000_00, 0, 20_000_00}); got != want {
		t.Errorf("181+: got %+v, want %+v", got, want)
	}
}

// TestBuckets: the limits are those of the consumer table in force.
func TestBuckets(t *testing.T) {
	table, err := bandsOn(firstNew, Consumer, false, false)
	if err != nil || len(table.rows) != len(Buckets()) {
		t.Fatalf("got %v, %v, want %v rows", table, err, len(Buckets()))
	}
	bands := table.rows
	names := []string{"0", "1-7", "8-30", "31-60", "61-89", "90-120", "121-180", "181+"}
	for i, b := range Buckets() {
		days := b.Days()
		if days != bands[i].Days || b.String() != names[i] || BucketOf(days.First) != b || BucketOf(days.Last) != b ||
			i > 0 && BucketOf(days.First-1) != b-1 || i+1 < len(bands) && BucketOf(days.Last+1) != b+1 {
			t.Errorf("%s: got %+v, want %s: %+v, with its bounds in it", b, days, names[i], bands[i].Days)
		}
	}
	if BucketOf(-1) != 0 || BucketOf(math.MaxInt) != 7 {
		t.Errorf("beyond the ends: got %v and %v, want 0 and 7", BucketOf(-1), BucketOf(math.MaxInt))
	}
}

// TestPAR tests each PAR at its limit. Only principal counts.
func TestPAR(t *testing.T) {
	for _, c := range []struct {
		days int
		want [3]string
	}{
		{0, [3]string{"0.00 %", "0.00 %", "0.00 %"}}, {1, [3]string{"50.00 %", "0.00 %", "0.00 %"}},
		{30, [3]string{"50.00 %", "0.00 %", "0.00 %"}}, {31, [3]string{"50.00 %", "50.00 %", "0.00 %"}},
		{90, [3]string{"50.00 %", "50.00 %", "0.00 %"}}, {91, [3]string{"50.00 %", "50.00 %", "50.00 %"}},
	} {
		var p Portfolio
		for _, x := range []Position{{"a", c.days, Stage1, Sums{1, 100, 7, 0}}, {"b", 0, Stage1, Sums{1, 100, 900, 0}}} {
			if err := p.Add(x); err != nil {
				t.Fatal(err)
			}
		}
		for i, n := range pars {
			if got := p.PAR(n).String(); got != c.want[i] {
				t.Errorf("%d days: got %s for PAR %d, want %v", c.days, got, n, c.want[i])
			}
		}
		if r := p.PAR(60); r != (Ratio{}) {
			t.Errorf("PAR 60: got %+v, want none", r)
		}
	}
	if PAR30.From() != 31 || PAR1.From() != 1 || PAR90.From() != 91 {
		t.Errorf("got %v, %v, %v, want from 31, from 1, from 91", PAR30.From(), PAR1.From(), PAR90.From())
	}
}

func TestRatio(t *testing.T) {
	for _, c := range []struct {
		r          Ratio
		text, json string
	}{
		{Ratio{90_000_00, 1_520_000_00}, "5.92 %", "5.92"},
		{Ratio{0, 1}, "0.00 %", "0.00"}, {Ratio{1, 1}, "100.00 %", "100.00"},
		{Ratio{1, 20_000}, "0.01 %", "0.01"}, {Ratio{1, 20_001}, "0.00 %", "0.00"}, // half up
		{Ratio{}, "—", "null"}, {Ratio{5, 0}, "—", "null"}, {Ratio{5, -1}, "—", "null"},
		{Ratio{math.MaxInt64, 1}, "—", "null"}, {Ratio{math.MaxInt64, math.MaxInt64}, "100.00 %", "100.00"},
	} {
		if text, err := json.Marshal(c.r); c.r.String() != c.text || string(text) != c.json || err != nil {
			t.Errorf("%+v: got %s, %s, %v, want %s, %s", c.r, c.r, text, err, c.text, c.json)
		}
	}
}

func TestEmptyPortfolio(t *testing.T) {
	var p Portfolio
	for _, r := range []Ratio{p.IMOR(), p.IMORA(0), p.ICOR(), p.PAR(PAR30), p.Of("none").IMOR()} {
		if _, known := r.Hundredths(); known {
			t.Errorf("got a known ratio %+v, want an unknown one", r)
		}
	}
	if p.IMORA(5).String() != "100.00 %" || len(p.products) != 0 || p.Sums() != (Sums{}) {
		t.Errorf("of an empty portfolio: got %+v, IMORA %s, want none, 100.00 %%", p.Sums(), p.IMORA(5))
	}
	for _, s := range []Stage{-1, 0, 4} {
		if err := p.Add(Position{Stage: s}); !errors.Is(err, ErrStage) {
			t.Errorf("stage %d: got %v, want %v", s, err, ErrStage)
		}
	}
	if err := p.Add(Position{"a", 0, Stage1, Sums{1, 100, 0, 1}}); err != nil || p.IMOR().String() != "0.00 %" || p.ICOR().String() != "—" {
		t.Errorf("got %v, %v, %v, want IMOR 0.00 %%, ICOR —", p.IMOR(), p.ICOR(), err)
	}
}

// TestAddInAnyOrder: the portfolio does not depend on the order of positions, and its sums
// are those of its products.
func TestAddInAnyOrder(t *testing.T) {
	position := rapid.Custom(func(t *rapid.T) Position {
		amount := rapid.Int64Range(0, int64(money.Max)/1000)
		return Position{
			rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "product"), rapid.IntRange(0, 250).Draw(t, "days"), Stage(rapid.IntRange(1, 3).Draw(t, "stage")),
			Sums{1, money.Amount(amount.Draw(t, "balance")), money.Amount(amount.Draw(t, "interest")), money.Amount(amount.Draw(t, "provision"))},
		}
	})
	random.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(position, 0, 60).Draw(t, "positions")
		var whole, shuffled Portfolio
		var sum, parts Sums
		for _, x := range all {
			sum = sum.Plus(x.Sums)
			if err := whole.Add(x); err != nil {
				t.Fatal(err)
			}
		}
		for _, x := range rapid.Permutation(all).Draw(t, "order") {
			if err := shuffled.Add(x); err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(whole, shuffled) {
			t.Fatalf("got %+v, want %+v", shuffled.products, whole.products)
		}
		for _, product := range []string{"a", "b", "c", "none"} {
			parts = parts.Plus(whole.Of(product).Sums())
		}
		if whole.Sums() != sum || parts != sum {
			t.Fatalf("got %+v, in its parts %+v, want %+v", whole.Sums(), parts, sum)
		}
	})
}

// TestOfIsACopy: adding to the part of a product does not change the portfolio.
func TestOfIsACopy(t *testing.T) {
	var p Portfolio
	x := Position{"a", 0, Stage1, Sums{1, 100, 0, 1}}
	if err := p.Add(x); err != nil {
		t.Fatal(err)
	}
	part := p.Of("a")
	if err := part.Add(x); err != nil || p.Sums().Count != 1 || part.Sums().Count != 2 {
		t.Errorf("got %v, %v, %v, want 1 and 2 loans", p.Sums(), part.Sums(), err)
	}
}
