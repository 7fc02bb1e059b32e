package product

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/wire"
)

// AppendJSON adds the product as the REST API writes it: its fields by their
// tags, texts as they are.
func (p Product) AppendJSON(b []byte) []byte { return wire.JSON(b, p) }

// MaxName is the longest name of a product, in characters.
const MaxName = 255

// CheckName refuses a name that could not be shown: one that is too long, has
// control characters or is not UTF-8. That there is a name is for Check to say.
func (p Product) CheckName() error {
	switch {
	case utf8.RuneCountInString(p.Name) > MaxName:
		return fault.Wrong(fault.At("name", fault.MaxLength, "most", MaxName))
	case !utf8.ValidString(p.Name) || bytes.ContainsFunc([]byte(p.Name), func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }):
		return fault.Wrong(fault.At("name", fault.Printable))
	}
	return nil
}
