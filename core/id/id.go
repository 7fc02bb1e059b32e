// Package id has the identifier of rows and events: a UUID of 16 bytes. New makes
// version 7 (RFC 9562), so ids sort by the time of their creation.
package id

import (
	"encoding/hex"
	"errors"
	"time"
)

// ID is a UUID in network byte order. The zero ID means "none".
type ID [16]byte

// ErrFormat is returned by Parse for text that is not a UUID.
var ErrFormat = errors.New("not a UUID: 32 hexadecimal digits, with or without hyphens")

// New returns a version 7 UUID of a moment, kept to about a quarter of a microsecond,
// and random bytes. 62 bits of the random bytes are used.
func New(at time.Time, random [10]byte) ID {
	var out ID
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		out[i] = byte(ms >> (40 - 8*i))
	}
	sub := uint64(at.Nanosecond()%1_000_000) * 4096 / 1_000_000
	out[6] = 0x70 | byte(sub>>8)
	out[7] = byte(sub)
	copy(out[8:], random[:8])
	out[8] = 0x80 | out[8]&0x3f
	return out
}

// Parse reads a UUID in upper or lower case: 8-4-4-4-12 with hyphens or 32 digits
// without, optionally in braces or after "urn:uuid:". Otherwise it returns ErrFormat.
func Parse(s string) (ID, error) {
	const urn = "urn:uuid:"
	if len(s) == 36+len(urn) && s[:len(urn)] == urn {
		s = s[len(urn):]
	}
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	var digits [32]byte
	switch len(s) {
	case 32:
		copy(digits[:], s)
	case 36:
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return ID{}, ErrFormat
		}
		n := copy(digits[:], s[:8])
		n += copy(digits[n:], s[9:13])
		n += copy(digits[n:], s[14:18])
		n += copy(digits[n:], s[19:23])
		copy(digits[n:], s[24:])
	default:
		return ID{}, ErrFormat
	}
	var out ID
	if _, err := hex.Decode(out[:], digits[:]); err != nil {
		return ID{}, ErrFormat
	}
	return out, nil
}

// String returns the canonical lower-case form with hyphens.
func (x ID) String() string { return string(x.Append(make([]byte, 0, 36))) }

// Key returns the prefix followed by the canonical form, for cache keys.
func (x ID) Key(prefix string) string {
	var room [64]byte
	return string(x.Append(append(room[:0], prefix...)))
}

// Append adds the canonical form to b.
func (x ID) Append(b []byte) []byte {
	b = hex.AppendEncode(b, x[:4])
	b = hex.AppendEncode(append(b, '-'), x[4:6])
	b = hex.AppendEncode(append(b, '-'), x[6:8])
	b = hex.AppendEncode(append(b, '-'), x[8:10])
	return hex.AppendEncode(append(b, '-'), x[10:])
}

// Time returns the moment of a version 7 UUID in UTC, to the millisecond.
func (x ID) Time() time.Time {
	var ms int64
	for _, b := range x[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms).UTC()
}

// IsZero reports whether the id is the zero ID.
func (x ID) IsZero() bool { return x == ID{} }

// MarshalText writes the canonical form.
func (x ID) MarshalText() ([]byte, error) { return x.Append(make([]byte, 0, 36)), nil }

// UnmarshalText reads any form that Parse reads.
func (x *ID) UnmarshalText(text []byte) (err error) {
	*x, err = Parse(string(text))
	return err
}
