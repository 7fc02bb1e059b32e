package product

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/wire"
)

// AppendJSON adds the product as the REST API writes it: the fields by their tags,
// without HTML escapes.
func (p Product) AppendJSON(b []byte) []byte { return wire.JSON(b, p) }

// MaxName is the maximum length of the name of a product, in characters.
const MaxName = 255

// CheckName refuses a name that is too long, has control characters or is not UTF-8.
// Check refuses an empty name.
func (p Product) CheckName() error {
	switch {
	case utf8.RuneCountInString(p.Name) > MaxName:
		return fault.Wrong(fault.At("name", fault.MaxLength, "most", MaxName))
	case !utf8.ValidString(p.Name) || bytes.ContainsFunc([]byte(p.Name), func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }):
		return fault.Wrong(fault.At("name", fault.Printable))
	}
	return nil
}
