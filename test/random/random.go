// Package random has the seed of the random tests. The seed is fixed, so that every run
// draws the same cases; make soak sets another seed and more cases.
package random

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// The environment variables that make soak sets.
const (
	seedVariable  = "TEST_SEED"
	timesVariable = "TEST_TIMES"
)

// defaultSeed is the seed of make test.
const defaultSeed = 20_260_116

// Seed returns the seed of all random tests: TEST_SEED, or a fixed one.
func Seed(t testing.TB) uint64 {
	t.Helper()
	return number(t, seedVariable, defaultSeed)
}

// Times returns n, or TEST_TIMES times n.
func Times(t testing.TB, n int) int {
	t.Helper()
	return n * int(number(t, timesVariable, 1))
}

// TimesOrFew is Times, but a tenth of n in the short form. It is for tests that need no certain
// number of cases.
func TimesOrFew(t testing.TB, n int) int {
	t.Helper()
	if testing.Short() {
		n = max(n/10, 1)
	}
	return Times(t, n)
}

func number(t testing.TB, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		t.Fatalf("%s: got %q, want a number from 1 to 4294967295", variable, text)
	}
	return n
}

// New returns a source of random numbers for a test. Each stream gives other numbers:
// goroutines do not share one.
func New(t testing.TB, stream uint64) *rand.Rand {
	t.Helper()
	return rand.New(rand.NewPCG(Seed(t), stream))
}

// calls counts the calls of Check by test, so that each draws other cases.
var calls = map[string]uint64{}

// Check is rapid.Check with the seed of the random tests and TEST_TIMES times as many cases.
// A failure prints the -rapid.seed that repeats it. Tests that call Check do not run in parallel.
func Check(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	checks, err := strconv.Atoi(flag.Lookup("rapid.checks").Value.String())
	if err != nil {
		t.Fatal(err)
	}
	defer set(t, "rapid.checks", fmt.Sprint(Times(t, checks)))()
	calls[t.Name()]++
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		defer set(t, "rapid.seed", fmt.Sprint(seedOf(t.Name(), Seed(t), calls[t.Name()])))()
	}
	rapid.Check(t, property)
}

// seedOf returns the seed of one call of Check, never zero.
func seedOf(name string, seed, call uint64) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, name, " ", seed, " ", call) // a hash takes everything
	return h.Sum64() | 1
}

// Set sets a flag of rapid until the test ends.
func Set(t *testing.T, name string, value int) {
	t.Helper()
	t.Cleanup(set(t, name, fmt.Sprint(value)))
}

// set sets a flag and returns the function that sets its value back.
func set(t *testing.T, name, value string) func() {
	t.Helper()
	f := flag.Lookup(name)
	before := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return func() { _ = f.Value.Set(before) } // it was the flag's value
}
