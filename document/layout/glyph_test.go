package layout

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"

	"sofipo/core/glyph"
)

// TestGlyphsAreThoseOfTheFonts: the characters of package glyph are those that both fonts
// show, in the order of the text and with a shape.
func TestGlyphsAreThoseOfTheFonts(t *testing.T) {
	regular, bold := characters(liberationsansregular.TTF), characters(liberationsansbold.TTF)
	if len(regular) < 2000 {
		t.Fatalf("got %d characters of the font, want at least 2,000", len(regular))
	}
	wrong, table, first := 0, strings.Builder{}, rune(-1)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		want := regular[r] && bold[r] && unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs) &&
			!unicode.In(r, unicode.Hebrew, unicode.Other_Default_Ignorable_Code_Point)
		if got := glyph.Has(r); got != want {
			if wrong++; wrong < 5 {
				t.Errorf("%U: got %t, want %t", r, got, want)
			}
		}
		switch {
		case want && first < 0:
			first = r
		case !want && first >= 0:
			fmt.Fprintf(&table, "{0x%04x, 0x%04x, 1}, ", first, r-1)
			first = -1
		}
	}
	if wrong > 0 {
		t.Errorf("got %d characters that differ, want the table\n%s", wrong, &table)
	}
}

// characters returns the characters of the basic plane that a TrueType font has a glyph for:
// those of its table "cmap" for Windows, in format 4.
func characters(font []byte) map[rune]bool {
	short := func(at int) int { return int(binary.BigEndian.Uint16(font[at:])) }
	long := func(at int) int { return int(binary.BigEndian.Uint32(font[at:])) }
	cmap, found := 0, map[rune]bool{}
	for i := range short(4) {
		if entry := 12 + 16*i; string(font[entry:entry+4]) == "cmap" {
			cmap = long(entry + 8)
		}
	}
	for i := range short(cmap + 2) {
		entry := cmap + 4 + 8*i
		table := cmap + long(entry+4)
		if short(entry) != 3 || short(table) != 4 {
			continue
		}
		size := short(table + 6) // of the columns: last and first characters, deltas, offsets
		for at := table + 14; at < table+14+size; at += 2 {
			last, first, delta, offset := short(at), short(at+size+2), short(at+2*size+2), short(at+3*size+2)
			for c := first; c <= last && c < 0xFFFF; c++ {
				id := c
				if offset != 0 {
					id = short(at + 3*size + 2 + offset + 2*(c-first))
				}
				if (offset == 0 || id != 0) && (id+delta)&0xFFFF != 0 {
					found[rune(c)] = true
				}
			}
		}
	}
	return found
}
