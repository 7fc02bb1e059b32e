package imports

import (
	"testing"
	"time"

	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/rate"
)

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		text  string
		comma bool
		want  money.Amount
		rule  fault.Rule
	}{
		{"1234.5", false, 123450, ""},
		{"$ 1,234.56", false, 123456, ""},
		{"1.234,56", false, 123456, ""},
		{"1 234,56", false, 123456, ""},
		{"1,234", false, 123400, ""},
		{"1.234", true, 123400, ""},
		{"1,234,567", false, 123456700, ""},
		{"1,5", false, 150, ""},
		{"(10.00)", false, -1000, ""},
		{"-800", false, -80000, ""},
		{"10.500", true, 1050000, ""},
		{"1.234", false, 0, TwoDecimals},
		{"1,234", true, 0, TwoDecimals},
		{"1.2345", false, 0, TwoDecimals},
		{"1,23,4", false, 0, AmountForm},
		{"1234.567", true, 0, AmountForm},
		{"1234,567", false, 0, AmountForm},
		{"0.500", true, 0, AmountForm},
		{"12a", false, 0, AmountForm},
		{"1e5", false, 0, AmountForm},
	} {
		if got, rule := ParseAmount(c.text, c.comma); got != c.want || rule != c.rule {
			t.Errorf("ParseAmount(%q, %v): got %s, %q, want %s, %q", c.text, c.comma, got, rule, c.want, c.rule)
		}
	}
}

func TestWhole(t *testing.T) {
	for text, want := range map[string]int64{"24": 24, "24.0": 24, "24,00": 24, "1,200": 1200, "": 0, "2,4": -1, "24.5": -1, "-1": -1, "x": -1} {
		l := Read(1, []string{text}, map[Field]int{TermMonths: 0}, &Form{})
		if got := l.whole(TermMonths); want >= 0 && (got != want || len(l.Flaws()) > 0) || want < 0 && len(l.Flaws()) != 1 {
			t.Errorf("whole number %q: got %d, %v, want %d, or a flaw for -1", text, got, l.Flaws(), want)
		}
	}
}

func TestRatesAndDates(t *testing.T) {
	form := &Form{Location: time.UTC, Serial: true}
	line := func(text string) Line { return Read(1, []string{text}, map[Field]int{InterestRate: 0}, form) }
	for text, want := range map[string]rate.Annual{"36%": 360_000, "0.36": 360_000, "36,5 %": 365_000, "120%": 1_200_000, "0": 0, "1": rate.One} {
		if l := line(text); l.rate(InterestRate) != want || len(l.Flaws()) > 0 {
			t.Errorf("rate %q: got %v, %v, want %v", text, l.rate(InterestRate), l.Flaws(), want)
		}
	}
	for _, text := range []string{"36", "x", "-1%", "1/3", ""} {
		l := line(text)
		if l.rate(InterestRate); len(l.Flaws()) != 1 {
			t.Errorf("rate %q: got %v, want a flaw", text, l.Flaws())
		}
	}
	for text, want := range map[string]string{
		"2025-03-15": "2025-03-15T12:00:00Z", "15/03/2025": "2025-03-15T12:00:00Z", "5/3/2025": "2025-03-05T12:00:00Z", "2025-03-15 08:30": "2025-03-15T08:30:00Z",
		"45731": "2025-03-15T12:00:00Z", "45731.5": "2025-03-15T12:00:00Z", "2026-11-23T09:20:31.182806+00:00": "2026-11-23T09:20:31Z",
	} {
		l := line(text)
		if got := l.moment(InterestRate).Truncate(time.Second).Format(time.RFC3339); got != want {
			t.Errorf("date %q: got %s, %v, want %s", text, got, l.Flaws(), want)
		}
	}
	for _, text := range []string{"30/02/2025", "03/15/2025", "15/03/25", "12"} {
		l := line(text)
		if l.moment(InterestRate); len(l.Flaws()) != 1 {
			t.Errorf("date %q: got %v, want a flaw", text, l.Flaws())
		}
	}
}

func TestColumns(t *testing.T) {
	at, ignored, err := Columns(Clients, []string{"No. de cliente", "NOMBRE COMPLETO", "r.f.c.", "Zona", "Mail del socio"}, map[string]Field{"mail del SOCIO": Email})
	if err != nil || at[Number] != 0 || at[FullName] != 1 || at[RFC] != 2 || at[Email] != 4 || len(ignored) != 1 || ignored[0] != "Zona" {
		t.Errorf("got %v, %q, %v, want the four columns and Zona ignored", at, ignored, err)
	}
	for name, c := range map[string]struct {
		heading []string
		mapped  map[string]Field
	}{
		"a required column is missing": {[]string{"nombre"}, nil},
		"a column is repeated":         {[]string{"cliente", "clave"}, nil},
		"a mapped column is missing":   {[]string{"cliente"}, map[string]Field{"x": Email}},
		"the field is unknown":         {[]string{"cliente", "x"}, map[string]Field{"x": "zona"}},
	} {
		if _, _, err := Columns(Clients, c.heading, c.mapped); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want %s", name, err, fault.Invalid)
		}
	}
	for _, k := range Kinds {
		rows := Template(k)
		if at, ignored, err := Columns(k, rows[0], nil); err != nil || len(at) != len(rows[0]) || len(ignored) > 0 {
			t.Errorf("template of %s: got %v, %v, %v, want a column for each field", k, at, ignored, err)
		}
	}
}
