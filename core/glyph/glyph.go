// Package glyph knows the characters that documents can show: those with a glyph in the
// fonts of package document/layout. Left out are letters that are written from right to
// left, because documents write from left to right, and characters without a shape.
package glyph

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"sofipo/core/fault"
)

// Has reports whether documents can show a character.
func Has(r rune) bool { return unicode.Is(shown, r) }

// Blank reports whether a text has neither a letter nor a digit, punctuation or symbol.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) })
}

// Check adds a flaw for the text of a field that is not a line that documents can show. It
// names the first character that they cannot show.
func Check(s, path string, flaws *fault.Flaws) {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		flaws.Add(fault.At(path, fault.Printable))
		return
	}
	for _, r := range s {
		if !Has(r) {
			flaws.Add(fault.At(path, fault.Shown, "character", fmt.Sprintf("%#U", r)))
			return
		}
	}
}
