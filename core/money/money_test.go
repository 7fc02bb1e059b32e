package money

import (
	"encoding/json"
	"errors"
	"math/big"
	"testing"

	"sofipo/test/random"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	cases := []struct {
		text string
		want Amount
		err  error
	}{
		{"2500", 250000, nil}, {"2500.0", 250000, nil}, {"2500.10", 250010, nil}, {".5", 50, nil}, {"5.", 500, nil},
		{"2.5e3", 250000, nil}, {"1E+2", 10000, nil}, {"1050e-2", 1050, nil}, {"0.000", 0, nil}, {"1.2300", 123, nil},
		{"-0.01", -1, nil}, {"9999999999999.99", Max, nil}, {" 12 ", 1200, nil},
		{"10000000000000", 0, ErrRange}, {"1e999", 0, ErrRange}, {"1e9999999999", 0, ErrRange}, {"9e17", 0, ErrRange},
		{"10.005", 0, ErrPrecision}, {"0.001", 0, ErrPrecision}, {"1e-3", 0, ErrPrecision}, {"1e-1000", 0, ErrPrecision},
		{"", 0, ErrNumber}, {"-", 0, ErrNumber}, {".", 0, ErrNumber}, {"abc", 0, ErrNumber}, {"1,000", 0, ErrNumber},
		{"1.2.3", 0, ErrNumber}, {"1e", 0, ErrNumber}, {"1e+-2", 0, ErrNumber}, {"NaN", 0, ErrNumber}, {"0x10", 0, ErrNumber}, {"--1", 0, ErrNumber},
		{"1_000", 0, ErrNumber}, {"١", 0, ErrNumber},
	}
	for _, c := range cases {
		got, err := Parse(c.text)
		if !errors.Is(err, c.err) || got != c.want {
			t.Errorf("Parse(%q) = %d, %v; want %d, %v", c.text, got, err, c.want, c.err)
		}
	}
}

func TestStringAndBack(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		a := Amount(rapid.Int64Range(-int64(Max), int64(Max)).Draw(t, "centavos"))
		back, err := Parse(a.String())
		if err != nil || back != a {
			t.Fatalf("got %d from %s, %v, want %d", back, a, err, a)
		}
		exact, _ := new(big.Rat).SetString(a.String())
		if exact.Cmp(big.NewRat(int64(a), 100)) != 0 {
			t.Fatalf("got %s, want %d centavos", a, a)
		}
	})
}

func TestJSON(t *testing.T) {
	out, err := json.Marshal(map[string]Amount{"a": 250000, "b": -5})
	if err != nil || string(out) != `{"a":2500.00,"b":-0.05}` {
		t.Errorf(`got %s %v, want {"a":2500.00,"b":-0.05}`, out, err)
	}
	var in struct{ A, B Amount }
	if err := json.Unmarshal([]byte(`{"A":"1234.56","B":1e2}`), &in); err != nil || in.A != 123456 || in.B != 10000 {
		t.Errorf("got %+v %v, want 1234.56 and 100.00", in, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1e-2")
	f.Add("99.995")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if err != nil {
			return
		}
		if back, err := Parse(got.String()); err != nil || back != got {
			t.Errorf("%q read as %s: got back %v, %v, want %v", s, got, back, err, got)
		}
	})
}
