// Package folio has the short numbers by which people name clients, loans and receipts, such
// as C-104-273. The last digit is a check digit: it detects every wrong digit and every
// exchange of two adjacent digits.
package folio

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"sofipo/core/fault"
)

// Number is a short number with its check digit as the last digit. 0 means that there is none.
// Numbers are unique within their kind.
type Number int64

// Kind is a kind of number.
type Kind string

// The kinds of numbers. An application keeps its number when it becomes a loan.
const (
	Client  Kind = "client"
	Loan    Kind = "loan"
	Receipt Kind = "receipt"
)

// Kinds lists the kinds.
var Kinds = []Kind{Client, Loan, Receipt}

// prefixes are the first letters of cliente, préstamo and recibo.
var prefixes = map[Kind]byte{Client: 'C', Loan: 'P', Receipt: 'R'}

// First is the first value that is numbered, so that numbers have at least six digits.
const First = 10_001

// damm is the table of the Damm algorithm: row by row, the next state for each digit.
const damm = "0317598642" + "7092154863" + "4206871359" + "1750983426" + "6123045978" +
	"3674209581" + "5869720134" + "8945362017" + "9438617205" + "2581436790"

// state returns the state of the Damm algorithm after the digits of n. It is 0 for a number
// with a correct check digit. Leading zeros do not change it.
func state(n int64) int {
	at := 0
	for _, digit := range []byte(strconv.FormatInt(n, 10)) {
		at = int(damm[10*at+int(digit-'0')] - '0')
	}
	return at
}

// Of returns the number of a value: the value and its check digit.
func Of(value int64) Number { return Number(10*value + int64(state(value))) }

// Value returns the number without its check digit.
func (n Number) Value() int64 { return int64(n) / 10 }

// Valid reports whether the number is positive and its check digit is correct.
func (n Number) Valid() bool { return n >= 10 && state(int64(n)) == 0 }

// String returns the digits in groups of three, such as 104-273.
func (n Number) String() string { return string(n.append(nil)) }

func (n Number) append(b []byte) []byte {
	digits := strconv.FormatInt(int64(n), 10)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b = append(b, '-')
		}
		b = append(b, digits[i])
	}
	return b
}

// UnmarshalText reads a printed number of any kind.
func (n *Number) UnmarshalText(text []byte) error {
	_, read, flaw := Parse(string(text))
	if flaw != "" {
		return errors.New("not a number: " + string(flaw))
	}
	*n = read
	return nil
}

// Print returns the printed form of a number, such as C-104-273.
func (k Kind) Print(n Number) string { return string(k.Append(make([]byte, 0, 16), n)) }

// Append adds the printed form of a number.
func (k Kind) Append(b []byte, n Number) []byte {
	return n.append(append(b, prefixes[k], '-'))
}

// maxDigits is the maximum length of a number.
const maxDigits = 15

// Parse reads a printed number, in upper or lower case, with or without its prefix, spaces
// and hyphens. The kind is empty if there is no prefix. If the text is not a number, flaw is
// Malformed or WrongDigit; otherwise it is empty.
func Parse(text string) (kind Kind, n Number, flaw fault.Rule) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, text)
	for k, prefix := range prefixes {
		if text != "" && text[0] == prefix {
			kind, text = k, text[1:]
			break
		}
	}
	if text == "" || len(text) > maxDigits || strings.Trim(text, "0123456789") != "" {
		return "", 0, Malformed
	}
	read, err := strconv.ParseInt(text, 10, 64)
	if err != nil || read < 10 {
		return "", 0, Malformed
	}
	if !Number(read).Valid() {
		return kind, 0, WrongDigit
	}
	return kind, Number(read), ""
}

// Parse reads a number of this kind. If the text is not one, flaw is Malformed, WrongDigit or
// OtherKind; otherwise it is empty.
func (k Kind) Parse(text string) (n Number, flaw fault.Rule) {
	kind, n, flaw := Parse(text)
	if kind != "" && kind != k {
		return 0, OtherKind
	}
	return n, flaw
}
