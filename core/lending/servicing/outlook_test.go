package servicing_test

import (
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/lending/servicing"
)

// The outlook must tell what rolling tells, on every day that it tells of.
func TestOutlookIsWhatRollingGives(t *testing.T) {
	told := 0
	rapid.Check(t, func(t *rapid.T) {
		p := anyProduct(t)
		contract := anyContract(t, p)
		l := life{history: servicing.History{Product: p, Contract: contract}, account: servicing.Open(p, contract)}
		for range rapid.IntRange(0, 4).Draw(t, "operations") {
			l.try(t, anyOperation(t, &l))
		}
		a, _ := servicing.Roll(l.account, l.account.Day.AddDays(rapid.IntRange(0, 40).Draw(t, "later")))
		o, found := servicing.OutlookOf(a)
		last := a.Instalments
		runs := len(last) > 0 && last[len(last)-1].Until.After(a.Day)
		if want := a.Status == servicing.Active && runs && len(servicing.Due(a, a.Day).Lines) == 0; found != want {
			t.Fatalf("found %v, want %v", found, want)
		}
		if !found {
			return
		}
		told++
		o, err := servicing.ParseOutlook(o.AppendOutlook([]byte("x"))[1:])
		if err != nil {
			t.Fatal(err)
		}
		for day := a.Day.AddDays(-1); !day.After(o.Until); day = day.AddDays(1) {
			got, tells := o.Interest(day)
			if inside := !day.Before(a.Day) && day.Before(o.Until); tells != inside {
				t.Fatalf("tells of %s: %v", day, tells)
			}
			if !tells {
				continue
			}
			later, happened := servicing.Roll(a, day)
			want, iva := servicing.Receivable(later)
			if len(happened) > 0 || got != want || iva != 0 || servicing.DaysPastDue(later, day) != 0 || later.Outstanding != a.Outstanding {
				t.Fatalf("%s: interest %s, want %s; %d things happened, IVA %s", day, got, want, len(happened), iva)
			}
		}
	})
	if told == 0 {
		t.Error("no account had an outlook")
	}
}

func TestParseOutlookRefusesOtherBytes(t *testing.T) {
	begin := date("2026-01-15")
	good := servicing.Outlook{From: begin, Until: begin.AddDays(31), Start: begin, Balance: 7, Rate: 150_000, DayCount: "ACT/360", Rounding: "half_up"}.AppendOutlook(nil)
	if _, err := servicing.ParseOutlook(good); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 4
		if _, err := servicing.ParseOutlook(bad); err == nil {
			t.Errorf("byte %d was altered and nobody saw", i)
		}
	}
	if _, err := servicing.ParseOutlook(nil); err == nil {
		t.Error("nothing is no outlook")
	}
}

func BenchmarkOutlook(b *testing.B) {
	stored := servicing.Outlook{From: date("2026-01-15"), Until: date("2026-02-15"), Start: date("2026-01-15"), Balance: 50_000_00, Whole: 30, Rate: 150_000, DayCount: "30/360", Rounding: "half_up"}.AppendOutlook(nil)
	on := date("2026-02-01")
	b.ReportAllocs()
	for b.Loop() {
		o, err := servicing.ParseOutlook(stored)
		if _, tells := o.Interest(on); err != nil || !tells {
			b.Fatal(err)
		}
	}
}
