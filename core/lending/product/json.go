package product

import (
	"bytes"
	"encoding/json"
	"unicode"
	"unicode/utf8"

	"sofipo/core/fault"
)

// AppendJSON adds the product as the REST API writes it: its fields by their
// tags, texts as they are.
func (p Product) AppendJSON(b []byte) []byte {
	buffer := bytes.NewBuffer(b)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(p); err != nil {
		panic(err) // a product holds texts, numbers and dates
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

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
