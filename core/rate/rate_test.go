package rate

import (
	"errors"
	"testing"

	"sofipo/core/money"
)

func TestParseAndString(t *testing.T) {
	for text, want := range map[string]string{"0.15": "0.15", "1": "1.0", "0": "0.0", "0.123456": "0.123456", ".5000": "0.5", "12.25": "12.25", "-0.1": "-0.1"} {
		got, err := Parse(text)
		if err != nil || got.String() != want {
			t.Errorf("Parse(%q) = %s, %v; want %s", text, got, err, want)
		}
	}
	if _, err := Parse("0.1234567"); !errors.Is(err, money.ErrPrecision) {
		t.Errorf("a seventh decimal: got %v, want %v", err, money.ErrPrecision)
	}
}

func TestFixed(t *testing.T) {
	for r, want := range map[Annual]string{150_000: "0.1500", 123_456: "0.123456", 0: "0.0000", One: "1.0000"} {
		if got := r.Fixed(4); got != want {
			t.Errorf("%d: got %s, want %s", r, got, want)
		}
	}
}
