package id

import (
	"bytes"
	"testing"
	"time"
)

func TestParseForms(t *testing.T) {
	want := "7025e990-e787-409a-aee5-6526149de156"
	for _, s := range []string{want, "7025E990E787409AAEE56526149DE156", "{" + want + "}", "urn:uuid:" + want} {
		got, err := Parse(s)
		if err != nil || got.String() != want {
			t.Errorf("Parse(%q) = %v, %v, want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "nope", want + "0", "7025e990-e787-409a-aee5-6526149de15g", "7025e990e-787-409a-aee5-6526149de156"} {
		if _, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) was accepted, want an error", s)
		}
	}
}

func TestNewSortsByTimeAndIsVersion7(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 1_000, time.UTC)
	first := New(at, [10]byte{255, 255})
	second := New(at.Add(time.Microsecond), [10]byte{})
	if bytes.Compare(first[:], second[:]) >= 0 {
		t.Errorf("got %s, then %s, want identifiers that sort in the order they were made", first, second)
	}
	if first[6]>>4 != 7 || first[8]>>6 != 2 {
		t.Errorf("%s: got version %d, variant %d, want 7, 2", first, first[6]>>4, first[8]>>6)
	}
	if got := first.Time(); !got.Equal(at.Truncate(time.Millisecond)) {
		t.Errorf("made at %s: got %s, want %v", at, got, at.Truncate(time.Millisecond))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("7025e990-e787-409a-aee5-6526149de156")
	f.Add("{7025e990-e787-409a-aee5-6526149de156}")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(got.String())
		if err != nil || again != got {
			t.Errorf("%q: got %v %v, want again %v", s, again, err, got)
		}
	})
}
