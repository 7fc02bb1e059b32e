package codec_test

import (
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/lending/codec"
	"sofipo/core/lending/servicing"
	"sofipo/test/loans"
	"sofipo/test/random"
)

// TestStoredOutlook: an outlook is unchanged after it was stored and read.
func TestStoredOutlook(t *testing.T) {
	stored := 0
	random.Check(t, func(t *rapid.T) {
		p := loans.AnyProduct(t)
		s := loans.AnyContract(t, p)
		h, a := servicing.History{Product: p, Contract: s}, servicing.Open(p, s)
		for range rapid.IntRange(0, 4).Draw(t, "operations") {
			o := usualOperation(t, h, a)
			if after, _, err := servicing.Apply(a, o, o.ValueDate); err == nil {
				a = after
			}
		}
		want, found := servicing.OutlookOf(a)
		if !found {
			return
		}
		stored++
		got, err := codec.ParseOutlook(codec.AppendOutlook([]byte("x"), want)[1:])
		if err != nil || got != want {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	})
	if stored == 0 {
		t.Error("got no account with an outlook, want some")
	}
}

func TestParseOutlookRefusesOtherBytes(t *testing.T) {
	begin := date("2026-01-15")
	good := codec.AppendOutlook(nil, servicing.Outlook{From: begin, Until: begin.AddDays(31), Start: begin, Balance: 7, Rate: 150_000, DayCount: "ACT/360", Rounding: "half_up"})
	if _, err := codec.ParseOutlook(good); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 4
		if _, err := codec.ParseOutlook(bad); err == nil {
			t.Errorf("byte %d altered: got no error, want one", i)
		}
	}
	if _, err := codec.ParseOutlook(nil); err == nil {
		t.Error("an empty outlook: got no error, want one")
	}
}

func BenchmarkOutlook(b *testing.B) {
	stored := codec.AppendOutlook(nil, servicing.Outlook{From: date("2026-01-15"), Until: date("2026-02-15"), Start: date("2026-01-15"), Balance: 50_000_00, Whole: 30, Rate: 150_000, DayCount: "30/360", Rounding: "half_up"})
	on := date("2026-02-01")
	b.ReportAllocs()
	for b.Loop() {
		o, err := codec.ParseOutlook(stored)
		if _, ok := o.Interest(on); err != nil || !ok {
			b.Fatalf("got %v, %t, want the interest of the outlook", err, ok)
		}
	}
}
