package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// errPayload is the error for JSON that is not an object.
var errPayload = errors.New("not a JSON object")

// canonical adds a JSON object in the form of RFC 8785: sorted keys, no spaces and no
// unnecessary escapes. Equal objects give equal bytes. A flat object of plain strings
// and integers, like nearly every payload, is only sorted; any other object is decoded
// and encoded.
func canonical(b, object []byte) ([]byte, error) {
	var room [16]member
	if members, plain := flat(room[:0], object); plain {
		return appendMembers(b, members), nil
	}
	var fields map[string]any
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, errPayload
	}
	return appendValue(b, fields), nil
}

// member is a field of a flat object as text: the key with its quotes, and the value.
type member struct{ key, value []byte }

func appendMembers(b []byte, members []member) []byte {
	b = append(b, '{')
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, m.key...), ':'), m.value...)
	}
	return append(b, '}')
}

// flat returns the members of a flat object sorted by key. plain is false for every text
// that it does not handle, including invalid JSON.
func flat(members []member, text []byte) (sorted []member, plain bool) {
	text, open := token(text, '{')
	if !open {
		return nil, false
	}
	if text, closed := token(text, '}'); closed {
		return nil, len(text) == 0
	}
	for len(members) < cap(members) {
		var m member
		var colon bool
		if m.key, text = plainString(skip(text)); m.key == nil {
			return nil, false
		}
		if text, colon = token(text, ':'); !colon {
			return nil, false
		}
		if m.value, text = plainValue(skip(text)); m.value == nil {
			return nil, false
		}
		if members, plain = insert(members, m); !plain {
			return nil, false
		}
		if rest, closed := token(text, '}'); closed {
			return members, len(skip(rest)) == 0
		}
		if text, plain = token(text, ','); !plain {
			return nil, false
		}
	}
	return nil, false
}

// insert inserts the member in order. It returns false if the key is a duplicate or is
// not ASCII, because other keys are ordered by UTF-16.
func insert(members []member, m member) ([]member, bool) {
	for _, c := range m.key {
		if c >= utf8.RuneSelf {
			return nil, false
		}
	}
	at := len(members)
	for ; at > 0; at-- {
		if order := bytes.Compare(unquoted(members[at-1].key), unquoted(m.key)); order == 0 {
			return nil, false
		} else if order < 0 {
			break
		}
	}
	return slices.Insert(members, at, m), true
}

// unquoted removes the quotes, which would change the order.
func unquoted(key []byte) []byte { return key[1 : len(key)-1] }

// skip skips JSON white space.
func skip(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t' || text[0] == '\n' || text[0] == '\r') {
		text = text[1:]
	}
	return text
}

// token skips white space and one character, and reports whether it found it.
func token(text []byte, c byte) (rest []byte, found bool) {
	if text = skip(text); len(text) > 0 && text[0] == c {
		return text[1:], true
	}
	return text, false
}

// plainString takes a string, with its quotes, that is already in the form of RFC 8785.
func plainString(text []byte) (taken, rest []byte) {
	if len(text) == 0 || text[0] != '"' {
		return nil, text
	}
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			if !utf8.Valid(text[:i]) {
				return nil, text
			}
			return text[:i+1], text[i+1:]
		case c == '\\' || c < 0x20:
			return nil, text
		}
	}
	return nil, text
}

// plainValue takes a plain string, or an integer of at most fifteen digits.
func plainValue(text []byte) (taken, rest []byte) {
	if len(text) > 0 && text[0] == '"' {
		return plainString(text)
	}
	n := 0
	if n < len(text) && text[n] == '-' {
		n++
	}
	first := n
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	if digits := n - first; digits == 0 || digits > 15 || text[first] == '0' && n > 1 {
		return nil, text
	}
	return text[:n], text[n:]
}

// appendValue adds a value decoded by encoding/json.
func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case float64:
		return appendNumber(b, v)
	case string:
		return appendString(b, v)
	case []any:
		b = append(b, '[')
		for i, element := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, element)
		}
		return append(b, ']')
	}
	return appendObject(b, value.(map[string]any)) // the only remaining type
}

func appendObject(b []byte, fields map[string]any) []byte {
	keys := make([]string, 0, len(fields))
	for key := range fields {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y string) int {
		return slices.Compare(utf16.Encode([]rune(x)), utf16.Encode([]rune(y)))
	})
	b = append(b, '{')
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(append(appendString(b, key), ':'), fields[key])
	}
	return append(b, '}')
}

// appendNumber adds a number as ECMAScript writes it. encoding/json does the same except
// for negative zero.
func appendNumber(b []byte, v float64) []byte {
	if v == 0 {
		return append(b, '0')
	}
	text, _ := json.Marshal(v) // a number from JSON is finite
	return append(b, text...)
}

// appendString adds a JSON string with only the required escapes in their shortest form.
// Invalid UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if r >= 0x20 && r != '"' && r != '\\' && (r != utf8.RuneError || size > 1) {
			i += size
			continue
		}
		b = appendEscape(append(b, s[start:i]...), r)
		i += size
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

func appendEscape(b []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\b':
		return append(b, '\\', 'b')
	case '\t':
		return append(b, '\\', 't')
	case '\n':
		return append(b, '\\', 'n')
	case '\f':
		return append(b, '\\', 'f')
	case '\r':
		return append(b, '\\', 'r')
	case utf8.RuneError:
		return utf8.AppendRune(b, r)
	}
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
}
