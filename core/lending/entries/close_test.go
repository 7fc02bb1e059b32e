package entries_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/accounting"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/test/random"
)

// overdue is the booking of a loan in stage 3.
func overdue() entries.Booking {
	k := booking
	k.Overdue = true
	return k
}

func TestReclassified(t *testing.T) {
	expect(t, entries.Reclassified(booking, 50_000_00, 1_875_00, true), "loan_reclassified", "1351 50000.00 1352 1875.00 | 1301 50000.00 1302 1875.00")
	expect(t, entries.Reclassified(overdue(), 50_000_00, 1_875_00, false), "loan_reclassified", "1301 50000.00 1302 1875.00 | 1351 50000.00 1352 1875.00")
	expect(t, entries.Reclassified(booking, 1, -2, true), "loan_reclassified", "1302 0.02 1351 0.01 | 1301 0.01 1352 0.02")
	expect(t, entries.Reclassified(booking, 7, 0, true), "loan_reclassified", "1351 0.07 | 1301 0.07")
}

// TestOverdue: every entry of a loan in stage 3 has 1351 and 1352.
func TestOverdue(t *testing.T) {
	a := readme(t, nil)
	_, s := pay(t, a, servicing.Ordinary, 2_524_33, "2026-02-15")
	expect(t, entries.OfOperation(overdue(), s), "payment_received", "1102 2524.33 2401 100.00 | 1351 1799.33 1352 625.00 1410 100.00 2402 100.00")
	day := date("2026-03-25")
	_, s, err := servicing.WriteOff(a, day, day)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, entries.OfOperation(overdue(), s), "loan_written_off",
		"1390 50000.00 1391 1458.33 2401 233.33 6201 51458.33 7102 51691.66 | 1351 50000.00 1352 1458.33 1390 50000.00 1391 1458.33 1410 233.33 7902 51691.66")
	k := overdue()
	k.Suspended = 833_33
	expect(t, entries.OfOperation(k, s), "loan_written_off",
		"1390 50000.00 1391 625.00 2401 233.33 6201 50625.00 7102 51691.66 7901 833.33 | "+
			"1351 50000.00 1352 625.00 1390 50000.00 1391 625.00 1410 233.33 7101 833.33 7902 51691.66")
	terms := a.Version.Terms
	terms.FirstDue = terms.FirstDue.AddDays(90)
	_, s, err = servicing.Restructure(a, servicing.NewTerms{Terms: terms, Capitalise: true}, day, day)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, entries.OfOperation(overdue(), s), "loan_restructured", "1351 1458.33 | 1352 1458.33")
}

func TestUnlost(t *testing.T) {
	expect(t, entries.WriteOffRestated(overdue(), 25_00), "write_off_restated", "1352 25.00 | 6201 25.00")
	expect(t, entries.WriteOffRestated(booking, -25_00), "write_off_restated", "6201 25.00 | 1302 25.00")
	if e := entries.WriteOffRestated(booking, 0); len(e.Postings) > 0 {
		t.Errorf("a change of 0: got %+v, want no postings", e)
	}
}

func TestSuspended(t *testing.T) {
	expect(t, entries.Accrued(overdue(), 0, 0, 208_33), "interest_accrued", "7101 208.33 | 7901 208.33")
	expect(t, entries.Accrued(overdue(), 150_00, 0, -150_00), "interest_accrued", "1352 150.00 7901 150.00 | 5101 150.00 7101 150.00")
	expect(t, entries.Accrued(overdue(), -150_00, 24_00, 150_00), "interest_accrued", "1410 24.00 5101 150.00 7101 150.00 | 1352 150.00 2401 24.00 7901 150.00")
}

func TestSettled(t *testing.T) {
	_, s := pay(t, readme(t, nil), servicing.Ordinary, 2_524_33, "2026-02-15")
	mirror := func(k entries.Booking) ledger.Entry {
		return accounting.Mirror(id.ID{8}, booking.Day, booking.At, id.ID{4}, entries.OfOperation(k, s))
	}
	expect(t, entries.MirrorsReclassified(overdue(), mirror(booking)), "loan_reclassified", "1351 1799.33 1352 625.00 | 1301 1799.33 1302 625.00")
	expect(t, entries.MirrorsReclassified(overdue(), mirror(booking), mirror(booking), mirror(overdue())), "loan_reclassified", "1351 3598.66 1352 1250.00 | 1301 3598.66 1302 1250.00")
	expect(t, entries.MirrorsReclassified(booking, mirror(overdue())), "loan_reclassified", "1301 1799.33 1302 625.00 | 1351 1799.33 1352 625.00")
	expect(t, entries.MirrorsReclassified(overdue(), entries.OfOperation(booking, s)), "loan_reclassified", "1301 1799.33 1302 625.00 | 1351 1799.33 1352 625.00")
}

func TestDayAccrued(t *testing.T) {
	for _, k := range []entries.Booking{booking, overdue()} {
		expect(t, entries.DayAccrued(k, 625_00, 100_00, 208_33), "interest_accrued",
			"1302 625.00 1410 100.00 7101 208.33 | 2401 100.00 5101 625.00 7901 208.33")
	}
	expect(t, entries.DayAccrued(booking, 0, 0, -1), "interest_accrued", "7901 0.01 | 7101 0.01")
}

func TestProvisioned(t *testing.T) {
	expect(t, entries.Provisioned(booking, 100_00, 25_00), "provision_changed", "6201 125.00 | 1390 100.00 1391 25.00")
	expect(t, entries.Provisioned(booking, -100_00, -25_00), "provision_changed", "1390 100.00 1391 25.00 | 6201 125.00")
	expect(t, entries.Provisioned(booking, -100_00, 25_00), "provision_changed", "1390 100.00 6201 25.00 | 1391 25.00 6201 100.00")
	expect(t, entries.Provisioned(booking, 0, 25_00), "provision_changed", "6201 25.00 | 1391 25.00")
}

func TestFeesAmortised(t *testing.T) {
	expect(t, entries.FeesAmortised(booking, 2_05), "opening_fee_amortised", "5302 2.05 | 5301 2.05")
	expect(t, entries.FeesAmortised(booking, -2_05), "opening_fee_amortised", "5301 2.05 | 5302 2.05")
}

func TestNothingToPost(t *testing.T) {
	for name, e := range map[string]ledger.Entry{
		"reclassified": entries.Reclassified(booking, 0, 0, true), "settled": entries.MirrorsReclassified(booking),
		"settled in place": entries.MirrorsReclassified(booking, entries.Reclassified(booking, 0, 0, true)),
		"accrued":          entries.DayAccrued(booking, 0, 0, 0), "provisioned": entries.Provisioned(booking, 0, 0),
		"amortised": entries.FeesAmortised(booking, 0),
	} {
		if !reflect.DeepEqual(e, ledger.Entry{}) {
			t.Errorf("%s: got %+v, want none", name, e)
		}
	}
}

func TestAmortised(t *testing.T) {
	opened, last := date("2026-01-15"), date("2028-01-15") // 730 days
	for on, want := range map[string]money.Amount{
		"2026-01-14": 0, "2026-01-15": 2_05, "2026-01-16": 4_11, "2026-02-14": 63_70, "2027-01-14": 750_00, "2028-01-13": 1_497_95,
		"2028-01-14": 1_500_00, "2028-01-15": 1_500_00, "2030-01-01": 1_500_00, "2020-01-01": 0,
	} {
		if got := entries.Amortised(1_500_00, opened, last, date(on)); got != want {
			t.Errorf("through %s: got %s, want %s", on, got, want)
		}
	}
	if got := entries.Amortised(7, opened, opened, opened); got != 7 {
		t.Errorf("a loan that ends on its first day: got %s, want 7", got)
	}
	if got := entries.Amortised(7, opened, opened.AddDays(-1), opened.AddDays(-1)); got != 0 {
		t.Errorf("before the disbursement: got %s, want 0", got)
	}
}

// TestAmortisedEvenly: the parts of all the days are the fee, and no two differ by
// more than a centavo.
func TestAmortisedEvenly(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		fee := money.Amount(rapid.OneOf(rapid.Int64Range(0, 1_000_00), rapid.Int64Range(0, int64(money.Max))).Draw(t, "fee"))
		opened := date("2024-01-01").AddDays(rapid.IntRange(0, 800).Draw(t, "opened"))
		days := rapid.IntRange(1, 400).Draw(t, "days")
		least, most, sum := fee, money.Amount(0), money.Amount(0)
		for i := range days {
			on := opened.AddDays(i)
			part := entries.Amortised(fee, opened, opened.AddDays(days), on) - entries.Amortised(fee, opened, opened.AddDays(days), on.AddDays(-1))
			least, most, sum = min(least, part), max(most, part), sum+part
		}
		if sum != fee || most-least > 1 || least < 0 {
			t.Fatalf("%s over %d days: got parts from %s to %s and the sum %s, want parts that differ by at most 0.01, none negative, and the sum %s", fee, days, least, most, sum, fee)
		}
	})
}
