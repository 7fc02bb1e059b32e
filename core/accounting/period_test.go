package accounting_test

import (
	"testing"

	"sofipo/core/accounting"
)

func TestNextToClose(t *testing.T) {
	clock, through := date("2026-03-05"), date("2026-01-31")
	for _, c := range []struct {
		name   string
		closes accounting.CloseState
		want   string
	}{
		{"no entries", accounting.CloseState{Through: through, Clock: clock}, "2026-03-05"},
		{"first entry in an open period", accounting.CloseState{First: date("2026-02-03"), Through: through, Clock: clock}, "2026-02-03"},
		{"first entry in a closed period", accounting.CloseState{First: date("2026-01-03"), Through: through, Clock: clock}, "2026-02-01"},
		{"a close begun", accounting.CloseState{Begun: date("2026-02-28"), First: date("2026-02-03"), Through: through, Clock: clock}, "2026-02-28"},
		{"a day closed", accounting.CloseState{Begun: date("2026-02-28"), Closed: true, First: date("2026-02-03"), Through: through, Clock: clock}, "2026-03-01"},
	} {
		if got := c.closes.Next(); got != date(c.want) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
