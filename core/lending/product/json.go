package product

import (
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/wire"
)

// AppendJSON adds the product as the REST API writes it: the fields by their tags,
// without HTML escapes.
func (p Product) AppendJSON(b []byte) []byte { return wire.JSON(b, p) }

// MaxName is the maximum length of the name of a product, in characters.
const MaxName = 255

// CheckName refuses a name that is too long or that documents cannot show. Check refuses a
// blank name.
func (p Product) CheckName() error {
	var flaws fault.Flaws
	if utf8.RuneCountInString(p.Name) > MaxName {
		flaws.Add(fault.At("name", fault.MaxLength, "most", MaxName))
	} else {
		glyph.Check(p.Name, "name", &flaws)
	}
	return flaws.Err()
}
