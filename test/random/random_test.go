package random

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawn returns the numbers that a call of Check draws.
func drawn(t *testing.T) (all []uint64) {
	t.Helper()
	Check(t, func(r *rapid.T) { all = append(all, rapid.Uint64().Draw(r, "n")) })
	return all
}

func TestCheckRepeatsItsCases(t *testing.T) {
	t.Setenv(seedVariable, "7")
	Set(t, "rapid.checks", 5)
	first, second := drawn(t), drawn(t)
	if slices.Equal(first, second) {
		t.Errorf("a second call in one test: got the cases of the first, %d, want others", second)
	}
	clear(calls)
	if again := drawn(t); !slices.Equal(again, first) {
		t.Errorf("the same seed: got %d, want %d", again, first)
	}
	clear(calls)
	t.Setenv(seedVariable, "8")
	if other := drawn(t); slices.Equal(other, first) {
		t.Errorf("another seed: got the same cases, %d, want others", other)
	}
}

func TestTimes(t *testing.T) {
	t.Setenv(timesVariable, "")
	if got := Times(t, 5); got != 5 {
		t.Errorf("without %s: got %d, want 5", timesVariable, got)
	}
	t.Setenv(timesVariable, "3")
	if got := Times(t, 5); got != 15 {
		t.Errorf("with %s=3: got %d, want 15", timesVariable, got)
	}
	Set(t, "rapid.checks", 10) // with -short rapid draws a fifth of them
	tripled := len(drawn(t))
	t.Setenv(timesVariable, "")
	if once := len(drawn(t)); once == 0 || tripled != 3*once {
		t.Errorf("cases of Check with %s=3: got %d, want three times %d", timesVariable, tripled, once)
	}
}

func TestStreamsDiffer(t *testing.T) {
	if a, b := New(t, 1).Uint64(), New(t, 2).Uint64(); a == b {
		t.Errorf("streams 1 and 2: got the same number, %d, want others", a)
	}
	if a, b := New(t, 1).Uint64(), New(t, 1).Uint64(); a != b {
		t.Errorf("stream 1 twice: got %d and %d, want the same", a, b)
	}
}
