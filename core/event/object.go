package event

import (
	"strconv"
	"time"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/wire"
)

// maxMembers is the maximum number of members with a recorded position.
const maxMembers = 32

// Object writes a payload as a flat JSON object. It records the position of each member,
// so the hash of the event can be computed without a parser. Names are ASCII without
// quotes and backslashes.
type Object struct {
	text    []byte
	names   [maxMembers]string
	lengths [maxMembers]int
	count   int
	mark    int  // start of the current value of the envelope
	odd     bool // a string differs from its form in RFC 8785, or there are too many members

	describe bool
	fields   []Field
}

// Text writes a string.
func (o *Object) Text(name, value string) {
	start := o.begin(name, "string", false)
	text, canonical := appendQuoted(o.text, value)
	o.text, o.odd = text, o.odd || !canonical
	o.end(name, start)
}

// Optional writes a string, or nothing if value is nil.
func (o *Object) Optional(name string, value *string) {
	switch {
	case value != nil:
		o.Text(name, *value)
	case o.describe:
		o.begin(name, "string", true)
	}
}

// ID writes an id.
func (o *Object) ID(name string, value id.ID) {
	start := o.begin(name, "string", false)
	o.text = append(value.Append(append(o.text, '"')), '"')
	o.end(name, start)
}

// Amount writes pesos with two decimals, as a string.
func (o *Object) Amount(name string, value money.Amount) {
	start := o.begin(name, "string", false)
	o.text = append(value.Append(append(o.text, '"')), '"')
	o.end(name, start)
}

// Date writes a date.
func (o *Object) Date(name string, value civil.Date) {
	start := o.begin(name, "string", false)
	o.text = append(value.Append(append(o.text, '"')), '"')
	o.end(name, start)
}

// Moment writes a time in UTC in the layout wire.PayloadMoment.
func (o *Object) Moment(name string, value time.Time) {
	start := o.begin(name, "string", false)
	o.text = append(value.UTC().AppendFormat(append(o.text, '"'), wire.PayloadMoment), '"')
	o.end(name, start)
}

// Int writes a whole number.
func (o *Object) Int(name string, value int32) {
	start := o.begin(name, "integer", false)
	o.text = strconv.AppendInt(o.text, int64(value), 10)
	o.end(name, start)
}

// begin writes the name and returns the position at which the member begins.
func (o *Object) begin(name, kind string, optional bool) int {
	if o.describe {
		o.fields = append(o.fields, Field{name, kind, optional})
	}
	if o.count > 0 {
		o.text = append(o.text, ',')
	}
	start := len(o.text)
	o.text = append(append(append(o.text, '"'), name...), '"', ':')
	return start
}

// end records the member that began at start.
func (o *Object) end(name string, start int) {
	if o.count++; o.count > maxMembers {
		o.odd = true
		return
	}
	o.names[o.count-1], o.lengths[o.count-1] = name, len(o.text)-start
}

// appendOrder adds the index of each member, in the order of their names.
func (o *Object) appendOrder(b []byte) []byte {
	first := len(b)
	for i := range o.count {
		b = append(b, byte(i))
		order := b[first:]
		for at := i; at > 0 && o.names[order[at-1]] > o.names[order[at]]; at-- {
			order[at-1], order[at] = order[at], order[at-1]
		}
	}
	return b
}

// appendQuoted adds a JSON string as encoding/json writes it without HTML escapes.
// canonical reports whether RFC 8785 writes it the same way: it has no escapes for
// U+2028, U+2029 and the replacement of invalid UTF-8.
func appendQuoted(b []byte, s string) (out []byte, canonical bool) {
	b, canonical = append(b, '"'), true
	start := 0
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		invalid := r == utf8.RuneError && size == 1
		separator := r == '\u2028' || r == '\u2029'
		if r >= 0x20 && r != '"' && r != '\\' && !invalid && !separator {
			i += size
			continue
		}
		b = append(b, s[start:i]...)
		switch {
		case invalid:
			b, canonical = append(b, `\ufffd`...), false
		case separator:
			b, canonical = append(b, `\u202`...), false
			b = append(b, "89"[r-'\u2028'])
		default:
			b = appendEscape(b, r)
		}
		i += size
		start = i
	}
	return append(append(b, s[start:]...), '"'), canonical
}
