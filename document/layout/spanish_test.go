package layout

import (
	"slices"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/nouns"
)

// TestNamesAreComplete finds the constants in the texts of the nouns, which have every one
// of them, and wants a name for each in the tables of this package.
func TestNamesAreComplete(t *testing.T) {
	seen := 0
	want := func(what string, found bool, code any) {
		if seen++; !found {
			t.Errorf("%v has no %s, want one", code, what)
		}
	}
	for _, n := range nouns.All {
		for key := range n.Texts {
			switch code := key.(type) {
			case product.Component:
				want("name", componentNames[code] != "", code)
				want("column", columnNames[code] != "", code)
				want("CSV column", csvNames[code] != "", code)
			case schedule.Method:
				want("name", methodNames[code] != "", code)
			case schedule.Frequency:
				want("name", frequencyNames[code][0] != "" || code == schedule.EveryNumDays, code)
			case servicing.Status:
				want("name", Label(code) != string(code), code)
			case servicing.Kind:
				want("name", kindName(code) != string(code), code)
			case civil.DayCount:
				want("name", Label(code) != string(code), code)
			}
		}
	}
	for _, status := range []servicing.Status{servicing.Applied, servicing.Approved, servicing.Rejected, servicing.Cancelled} {
		want("name of an application", applicationNames[status] != "", status)
	}
	for _, reason := range []string{"contract", string(product.ReduceInstalment), string(product.ReduceTerm), string(servicing.RestructureKind)} {
		want("name of a version", reasonNames[reason] != "", reason)
	}
	for _, c := range product.Components {
		want("place among the components shown", slices.Contains(shown, c), c)
	}
	if seen < 70 {
		t.Errorf("got %d constants, want 70 or more: the test does not see the texts", seen)
	}
}
