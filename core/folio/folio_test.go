package folio_test

import (
	"strconv"
	"testing"

	"sofipo/core/fault"
	"sofipo/core/folio"
)

// TestTheCheckDigitDetectsSlips changes each digit and exchanges each pair of adjacent digits.
func TestTheCheckDigitDetectsSlips(t *testing.T) {
	for value := int64(folio.First); value < folio.First+3_000; value += 7 {
		for _, number := range []folio.Number{folio.Of(value), folio.Of(value * 10_007)} {
			if !number.Valid() {
				t.Fatalf("%d: got an invalid number, want a valid one", number)
			}
			digits := []byte(strconv.FormatInt(int64(number), 10))
			for i, digit := range digits {
				for other := byte('0'); other <= '9'; other++ {
					if digits[i] = other; other != digit && valid(t, digits) {
						t.Errorf("%d: got %s accepted, want it refused", number, digits)
					}
				}
				digits[i] = digit
				if i == 0 || digit == digits[i-1] {
					continue
				}
				digits[i-1], digits[i] = digits[i], digits[i-1]
				if valid(t, digits) {
					t.Errorf("%d: got %s accepted, want it refused", number, digits)
				}
				digits[i-1], digits[i] = digits[i], digits[i-1]
			}
		}
	}
}

func valid(t *testing.T, digits []byte) bool {
	t.Helper()
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return folio.Number(n).Valid()
}

func TestPrint(t *testing.T) {
	for value, want := range map[int64]string{10_001: "C-100-014", 10_002: "C-100-023", 999_999: "C-9-999-990", 1_234_567: "C-12-345-671"} {
		if got := folio.Client.Print(folio.Of(value)); got != want {
			t.Errorf("%d: got %s, want %s", value, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	n := folio.Of(folio.First)
	printed := folio.Loan.Print(n)
	for _, text := range []string{printed, n.String(), strconv.FormatInt(int64(n), 10), " p " + n.String(), "p" + strconv.FormatInt(int64(n), 10), "P–100 – " + printed[len("P-100-"):], "000" + n.String()} {
		if got, flaw := folio.Loan.Parse(text); got != n || flaw != "" {
			t.Errorf("%q: got %d, %q, want %d", text, got, flaw, n)
		}
	}
	wrong := strconv.FormatInt(int64(n)+1, 10)
	for text, want := range map[string]fault.Rule{
		"": folio.Malformed, "P": folio.Malformed, "PP" + wrong: folio.Malformed, "12a": folio.Malformed, "7": folio.Malformed, "0": folio.Malformed,
		"1234567890123456": folio.Malformed, wrong: folio.WrongDigit, folio.Client.Print(n): folio.OtherKind, "X" + n.String(): folio.Malformed,
	} {
		if got, flaw := folio.Loan.Parse(text); got != 0 || flaw != want {
			t.Errorf("%q: got %d, %q, want %q", text, got, flaw, want)
		}
	}
	if kind, _, flaw := folio.Parse("r" + n.String()); kind != folio.Receipt || flaw != "" {
		t.Errorf("got %q, %q, want %q", kind, flaw, folio.Receipt)
	}
}
