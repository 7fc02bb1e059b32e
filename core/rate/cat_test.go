package rate

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strconv"
	"testing"

	"sofipo/core/money"
)

type vector struct {
	ID            string
	Disbursements []datedAmount
	Payments      []datedAmount
	Fraction      float64 `json:"cat_fraction"`
	Percent       string  `json:"cat_percent_1dp"`
}

type datedAmount struct {
	Amount money.Amount
	Years  string `json:"t_years"`
}

func load(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func TestCATVectors(t *testing.T) {
	var file struct{ Vectors []vector }
	load(t, "mx-cat.json", &file)
	if len(file.Vectors) != 16 {
		t.Fatalf("got %d vectors, want 16", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		var flows []Flow
		add := func(list []datedAmount, sign money.Amount) {
			for _, a := range list {
				years, err := strconv.ParseFloat(a.Years, 64)
				if err != nil {
					t.Fatal(err)
				}
				flows = append(flows, Flow{years, sign * a.Amount})
			}
		}
		add(v.Payments, -1)
		add(v.Disbursements, 1)
		got, err := SolveCAT(flows)
		if err != nil || math.Abs(float64(got)-v.Fraction) > 5e-7 || got.Percent() != v.Percent {
			t.Errorf("%s: got %.8f %s, %v; want %.8f %s", v.ID, got, got.Percent(), err, v.Fraction, v.Percent)
		}
	}
}

type published struct {
	ID      string
	PerYear float64 `json:"per_year"`
	Flows   [][3]any
	Repeat  struct {
		Amount  money.Amount
		First   float64
		Count   int
		PerYear float64 `json:"per_year"`
	}
	Percent, Within float64
}

// flows returns the flows of the vector. Its time is in units of a fraction of a year.
func (v published) flows(t *testing.T) (flows []Flow) {
	for _, f := range v.Flows {
		amount, err := money.Parse(f[0].(string))
		if err != nil {
			t.Fatal(err)
		}
		flows = append(flows, Flow{f[1].(float64) / f[2].(float64), amount})
	}
	for k := range v.Repeat.Count {
		flows = append(flows, Flow{(v.Repeat.First + float64(k)) / max(v.Repeat.PerYear, 1), v.Repeat.Amount})
	}
	return flows
}

func TestPublishedAPRs(t *testing.T) {
	var file map[string]struct{ Vectors []published }
	load(t, "apr.json", &file)
	checked := 0
	for family, f := range file {
		for _, v := range f.Vectors {
			got, err := SolveCAT(v.flows(t))
			percent := 100 * float64(got)
			if v.PerYear > 0 { // nominal, and the flows count unit-periods
				percent *= v.PerYear
			}
			if checked++; err != nil || math.Abs(percent-v.Percent) > v.Within {
				t.Errorf("%s %s: got %.5f, %v; want %v", family, v.ID, percent, err, v.Percent)
			}
		}
	}
	if checked != 19 {
		t.Errorf("got %d vectors, want 19", checked)
	}
}

func TestCATWithoutRoot(t *testing.T) {
	for name, flows := range map[string][]Flow{
		"nothing":              nil,
		"only received":        {{0, 100}, {1, 100}},
		"paid back too little": {{0, 100}, {1, -90}},
		"all at once":          {{0, 100}, {0, -90}},
		"beyond any number":    {{0, 1}, {0.0001, -1_000_000_00}},
		"no real root":         {{0, 100}, {1, -150}, {2, 100}},
	} {
		if got, err := SolveCAT(flows); !errors.Is(err, ErrNoCAT) {
			t.Errorf("%s: got %v %v, want %v", name, got, err, ErrNoCAT)
		}
	}
}

// TestCATNearestZero uses flows with known roots: 100,000 (1-av)(1-bv) has the roots a-1 and
// b-1. SolveCAT returns the smallest positive one.
func TestCATNearestZero(t *testing.T) {
	for _, c := range []struct {
		flows []Flow
		want  float64
	}{
		{[]Flow{{2, 165_000}, {0, 100_000}, {1, -260_000}}, 0.1},  // 10 % and 50 %
		{[]Flow{{0, 100_000}, {1, -207_000}, {2, 107_100}}, 0.02}, // 2 % and 5 %
		{[]Flow{{0, 100_000}, {1, -210_000}, {2, 110_000}}, 0.1},  // 0 % and 10 %
		{[]Flow{{0, 100_000}, {1, -190_000}, {2, 90_000}}, 0},     // 0 % and -10 %
		{[]Flow{{0, 12_000}, {1, -12_000}}, 0},
	} {
		for range 2 {
			if got, err := SolveCAT(c.flows); err != nil || math.Abs(float64(got)-c.want) > 1e-9 {
				t.Errorf("%v: got %v %v, want %v", c.flows, float64(got), err, c.want)
			}
			for i := range c.flows {
				c.flows[i].Amount = -c.flows[i].Amount
			}
		}
	}
	if got, err := SolveCAT([]Flow{{0, 100}, {0, -100}, {1, 50}, {1, -50}}); err == nil {
		t.Errorf("flows that cancel: got %v, want an error", got)
	}
	if got, err := SolveCAT([]Flow{{0, 12_000}, {1, -12_000}}); err != nil || got != 0 || got.Percent() != "0.0" {
		t.Errorf("without cost: got %v %v, want 0, 0.0", got, err)
	}
}

func TestCATText(t *testing.T) {
	for c, want := range map[CAT]string{0.1607: "16.1", 0.16049: "16.0", 0: "0.0", 4.47634: "447.6", 12.8623: "1286.2", 0.0005: "0.1"} {
		if got := c.Percent(); got != want {
			t.Errorf("%v: got %s, want %s", float64(c), got, want)
		}
	}
	text, err := json.Marshal(struct{ CAT CAT }{0.16075457})
	var back struct{ CAT CAT }
	if err != nil || string(text) != `{"CAT":16.1}` || json.Unmarshal(text, &back) != nil || math.Abs(float64(back.CAT)-0.161) > 1e-12 {
		t.Errorf(`got %s %v %v, want {"CAT":16.1}, and 0.161 read back`, text, err, back)
	}
}

func BenchmarkSolveCAT24(b *testing.B) {
	flows := []Flow{{0, 50_000_00}, {0, -1_500_00}}
	for k := range 24 {
		flows = append(flows, Flow{float64(k+1) / 12, -2_424_33})
	}
	for b.Loop() {
		if _, err := SolveCAT(flows); err != nil {
			b.Fatal(err)
		}
	}
}
