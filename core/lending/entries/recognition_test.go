package entries_test

import (
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/lending/entries"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/test/random"
)

func TestRecognition(t *testing.T) {
	var n entries.Recognition
	at := func(step string, earned, collected, income, suspended money.Amount) {
		t.Helper()
		if b, s := n.Recognised(earned, collected); b != income || s != suspended {
			t.Errorf("%s: of %s, collected %s: got income %s, suspended %s; want %s and %s", step, earned, collected, b, s, income, suspended)
		}
	}
	at("accrues", 500_00, 200_00, 500_00, 0)
	n = n.Suspend(500_00, 200_00)
	at("suspended", 500_00, 200_00, 500_00, 0)
	at("earns", 800_00, 200_00, 500_00, 300_00)
	at("collects what was income", 800_00, 500_00, 500_00, 300_00)
	at("collects what was not", 800_00, 650_00, 650_00, 150_00)
	if again := n.Suspend(800_00, 650_00); again != n {
		t.Errorf("suspended again: got %+v, want %v", again, n)
	}
	n = n.Resume(800_00, 650_00)
	at("resumed", 800_00, 650_00, 650_00, 150_00)
	at("earns again", 900_00, 650_00, 750_00, 150_00)
	at("collects the suspended before the new", 900_00, 700_00, 800_00, 100_00)
	at("collected all of it", 900_00, 800_00, 900_00, 0)
	at("goes on", 1_000_00, 800_00, 1_000_00, 0)
	at("a payment is reversed", 1_000_00, 500_00, 700_00, 300_00)
	if again := n.Resume(900_00, 700_00); again != n {
		t.Errorf("resumed again: got %+v, want %v", again, n)
	}
	n = n.Suspend(900_00, 700_00)
	at("suspended a second time", 900_00, 700_00, 800_00, 100_00)
	at("the rest of the first time is the last to be collected", 950_00, 800_00, 800_00, 150_00)
	at("a replay: less was earned than before the suspension", 600_00, 550_00, 600_00, 0)
	if n = n.Resume(600_00, 550_00); n != (entries.Recognition{}) {
		t.Errorf("nothing is suspended: got %+v, want none", n)
	}
}

// TestRecognitionOfAnyLoan: for any history, the income is between the collected and the
// earned interest, never decreases, and equals it once everything is collected.
func TestRecognitionOfAnyLoan(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		var n entries.Recognition
		var earned, collected, income, suspended money.Amount
		step := rapid.Custom(func(t *rapid.T) money.Amount { return money.Amount(rapid.Int64Range(0, 100).Draw(t, "amount")) })
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			what := rapid.SampledFrom([]string{"earn", "collect", "collect all", "suspend", "resume", "both"}).Draw(t, "what")
			before, wasIncome, wasSuspended := n, income, suspended
			switch what {
			case "earn":
				earned += step.Draw(t, "earned")
			case "collect":
				collected = min(earned, collected+step.Draw(t, "collected"))
			case "collect all":
				collected = earned
			case "suspend":
				n = n.Suspend(earned, collected)
			case "resume":
				n = n.Resume(earned, collected)
			case "both":
				if n.Suspended {
					continue
				}
				if n = n.Suspend(earned, collected).Resume(earned, collected); suspended == 0 && before == (entries.Recognition{}) && n != before {
					t.Fatalf("once suspended and resumed: got %+v, want %+v", n, before)
				}
			}
			income, suspended = n.Recognised(earned, collected)
			switch {
			case income+suspended != earned, suspended < 0, income < collected, income < wasIncome:
				t.Fatalf("%s: got %+v: of %s, collected %s: income %s, suspended %s, want the two to be what was earned, income at least what was collected and %s", what, n, earned, collected, income, suspended, wasIncome)
			case collected == earned && suspended != 0:
				t.Fatalf("got %s suspended when all is collected, want none", suspended)
			case what != "earn" && what[0] != 'c' && income != wasIncome:
				t.Fatalf("%s: got income %s, want %s unchanged", what, income, wasIncome)
			case what == "earn" && n.Suspended && income != wasIncome, what == "earn" && !n.Suspended && suspended != wasSuspended:
				t.Fatalf("earned by %+v: got income %s after %s and suspended %s after %s, want the same income while suspended, else the same suspended interest", n, income, wasIncome, suspended, wasSuspended)
			}
		}
	})
}

// TestRecognitionOfAnyFigures: for any figures after a replay, no result is negative and
// collected interest is not suspended.
func TestRecognitionOfAnyFigures(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		draw := func(name string, most money.Amount) money.Amount {
			return money.Amount(rapid.Int64Range(0, int64(most)).Draw(t, name))
		}
		n := entries.Recognition{Suspended: rapid.Bool().Draw(t, "suspended"), Frozen: draw("frozen", 1_000), Carried: draw("carried", 1_000)}
		earned := draw("earned", 3_000)
		collected := draw("collected", earned)
		if income, suspended := n.Recognised(earned, collected); income < collected || suspended < 0 || income+suspended != earned {
			t.Fatalf("got income %s, suspended %s, want at least %s of income, at least 0 suspended, %s in all", income, suspended, collected, earned)
		}
	})
}

// TestInterestOfAWrittenOffLoan: the income before the write-off does not change.
func TestInterestOfAWrittenOffLoan(t *testing.T) {
	day := date("2026-03-25")
	a := readme(t, nil)
	first, _ := servicing.Roll(a, date("2026-02-15"))
	n := entries.Recognition{}.Suspend(entries.InterestOf(first))
	late, _ := servicing.Roll(first, day)
	off, _, err := servicing.WriteOff(late, day, day)
	if err != nil {
		t.Fatal(err)
	}
	back, _, err := servicing.Recover(off, 51_000_00, day, day)
	if err != nil {
		t.Fatal(err)
	}
	for name, state := range map[string]servicing.Account{"late": late, "written off": off, "recovered": back} {
		if income, suspended := n.Recognised(entries.InterestOf(state)); income != 625_00 || suspended != 833_33 {
			t.Errorf("%s: got income %s, suspended %s, want income 625.00, suspended 833.33", name, income, suspended)
		}
	}
}
