package accounting

import (
	"testing"

	"sofipo/core/civil"
)

func TestNextToClose(t *testing.T) {
	day := func(d int) civil.Date { return civil.Date{Year: 2026, Month: 3, Day: d} }
	for _, c := range []struct {
		what           string
		last           civil.Date
		closed         bool
		first, through civil.Date
		want           civil.Date
	}{
		{"a close that goes on", day(9), false, day(1), civil.Date{}, day(9)},
		{"the day after the last closed", day(9), true, day(1), day(20), day(10)},
		{"the first entry", civil.Date{}, false, day(5), day(4), day(5)},
		{"the first open day", civil.Date{}, false, day(5), day(5), day(6)},
		{"no entry", civil.Date{}, false, civil.Date{}, day(5), civil.Date{}},
	} {
		if got := NextToClose(c.last, c.closed, c.first, c.through); got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, got, c.want)
		}
	}
}
