package mx

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxInput is the maximum length in bytes of the input of a Parse function. It is ample
// for any identifier with separators.
const maxInput = 256

// composed replaces an N and a combining tilde with one character.
var composed = strings.NewReplacer("n\u0303", "Ñ", "N\u0303", "Ñ")

// normalize trims white space around s, turns a-z and ñ to upper case, composes
// a decomposed Ñ and drops the separators. Other characters stay, so the check refuses
// them.
func normalize(s, separators string) string {
	s = composed.Replace(strings.TrimSpace(s))
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(separators, r):
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r == 'ñ':
			return 'Ñ'
		}
		return r
	}, s)
}

// printable reports whether every character of s is printable. Invalid bytes are not.
func printable(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// realDate reports whether the calendar has that day.
func realDate(year int, month time.Month, day int) bool {
	y, m, d := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Date()
	return y == year && m == month && d == day
}

// yymmdd reads six ASCII digits as a year of the century, a month and a day.
// The caller has checked that they are digits.
func yymmdd(s string) (year int, month time.Month, day int) {
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	return two(0), time.Month(two(2)), two(4)
}

// wordSet makes a set of the words in a space-separated list.
func wordSet(list string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}
