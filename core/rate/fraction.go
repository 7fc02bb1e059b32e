package rate

import (
	"strings"

	"sofipo/core/fault"
)

// The field rules of rates and shares. Their texts say how a percentage is written.
const (
	FractionBetween fault.Rule = "fraction_between" // a fraction from {least} to {most}
	FractionAtMost  fault.Rule = "fraction_at_most" // a fraction of at most {most}
)

// Fraction is a rate or a share in a text that says how it is written: "0.36", "10".
type Fraction Annual

// String returns the fraction without unnecessary decimals.
func (f Fraction) String() string { return strings.TrimSuffix(Annual(f).String(), ".0") }

// MarshalJSON writes a JSON number.
func (f Fraction) MarshalJSON() ([]byte, error) { return []byte(f.String()), nil }

// Within adds a flaw if a rate is not between least and most, inclusive.
func Within(f *fault.Flaws, given, least, most Annual, path string) {
	if given < least || given > most {
		f.Add(fault.At(path, FractionBetween, Limits(given, least, most)...))
	}
}

// Limits returns the values for the text of a rule of rates: least and most, and as an
// example a percentage with its fraction. The example is what was probably meant, because
// 36 is often written for 36 %; otherwise it is the upper limit.
func Limits(given, least, most Annual) []any {
	meant := most
	if whole := given / 100; whole*100 == given && whole > 0 && whole >= least && whole <= most {
		meant = whole
	}
	return []any{"least", Fraction(least), "most", Fraction(most), "percent", Fraction(meant * 100), "fraction", Fraction(meant)}
}
