package wire

import (
	"encoding/json"
	"testing"
	"time"
)

func FuzzQuote(f *testing.F) {
	f.Add("Ñandú <b>&\"\\\n\x00")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(Quote(nil, s), &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := string([]rune(s)); back != want {
			t.Errorf("%q: got %q back, want %q", s, back, want)
		}
	})
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 11, 23, 3, 22, 33, 989_649_000, time.FixedZone("CST", -6*3600))
	if got := string(Time(nil, at)); got != `"2026-11-23T09:22:33.989649+00:00"` {
		t.Errorf(`got %v, want "2026-11-23T09:22:33.989649+00:00"`, got)
	}
}
