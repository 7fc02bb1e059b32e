package settlement

import (
	"fmt"
	"strings"
)

// A payment reference is a number that a client writes in the concept of a transfer or that
// a shop reads from a bar code. It names one loan. It has 14 digits:
//
//	c nnnnnnnnnnn kk
//
// c is the channel, n the number of the loan with zeros before it, and k the check digits:
// 98 less the remainder of c n 00 divided by 97, as in ISO 7064 MOD 97-10. The whole
// reference then leaves the remainder 1. One wrong digit and two exchanged neighbours are
// always found: they change the number by d·10^i or 9·d·10^i with 0 < |d| < 10, which the
// prime 97 never divides. The numeric reference of SPEI has only 7 digits, so a transfer
// carries the reference in its concept. An even number of digits fits the bar codes
// Code 128 C and Interleaved 2 of 5.

// Channel is how a reference is paid.
type Channel byte

// The channels, as the first digit of a reference.
const (
	ByTransfer Channel = '1'
	ByShop     Channel = '2'
)

// ReferenceLength is the number of digits of a reference.
const ReferenceLength = 14

// MaxReferenced is the largest number of a loan that a reference can have.
const MaxReferenced = 99_999_999_999

// Reference is a payment reference: 14 digits.
type Reference string

// ReferenceOf returns the reference of the loan with the number, which must be from 1 to
// MaxReferenced, for a channel.
func ReferenceOf(c Channel, number int64) Reference {
	body := fmt.Sprintf("%c%011d", c, number)
	return Reference(fmt.Sprintf("%s%02d", body, 98-remainder(body+"00")))
}

// Channel returns the channel of the reference.
func (r Reference) Channel() Channel { return Channel(r[0]) }

// Number returns the number of the loan.
func (r Reference) Number() (n int64) {
	for _, digit := range []byte(r[1 : ReferenceLength-2]) {
		n = 10*n + int64(digit-'0')
	}
	return n
}

// Printed returns the reference in groups of four digits, as documents show it.
func (r Reference) Printed() string {
	return string(r[:4] + " " + r[4:8] + " " + r[8:12] + " " + r[12:])
}

// Valid reports whether the text is a reference: 14 digits with a known channel, a number
// and the right check digits.
func (r Reference) Valid() bool {
	return len(r) == ReferenceLength && digitsIn(string(r)) == ReferenceLength &&
		(r.Channel() == ByTransfer || r.Channel() == ByShop) && remainder(string(r)) == 1 && r.Number() > 0
}

// FindReference finds the reference in a text that a bank reports, such as the concept of a
// transfer. The digits may be grouped by single spaces or hyphens. It returns "" if there
// is none or if there are several different ones. wrong reports that there is no valid
// reference but a number of 14 digits, probably one with a typing error.
func FindReference(text string) (found Reference, wrong bool) {
	for _, run := range append(runs(text, ""), runs(text, " -")...) {
		switch r := Reference(run); {
		case !r.Valid():
			wrong = wrong || len(run) == ReferenceLength
		case found == "":
			found = r
		case found != r:
			return "", true
		}
	}
	return found, wrong && found == ""
}

// runs returns the longest runs of digits in a text. A single separator between two digits
// does not end a run.
func runs(text, separators string) (all []string) {
	var run []byte
	for i := range len(text) {
		c := text[i]
		switch {
		case isDigit(c):
			run = append(run, c)
			continue
		case len(run) > 0 && strings.IndexByte(separators, c) >= 0 && isDigit(text[i-1]):
			continue
		}
		all, run = append(all, string(run)), nil
	}
	return append(all, string(run))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digitsIn returns the number of ASCII digits in a text.
func digitsIn(s string) (n int) {
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

// remainder returns the remainder of a decimal number divided by 97.
func remainder(digits string) (r int) {
	for i := range len(digits) {
		r = (10*r + int(digits[i]-'0')) % 97
	}
	return r
}
