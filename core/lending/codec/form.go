package codec

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/lending/servicing"
)

// storedError says why bytes are not a valid stored account. It goes to the log and is
// not the fault of the caller.
type storedError string

// Error returns the message.
func (e storedError) Error() string { return "stored account: " + string(e) }

// epoch is the guess for dates without another guess.
var epoch = civil.Date{Year: 1970, Month: 1, Day: 1}

// form encodes or decodes records of whole numbers. The same functions do both, so the
// two cannot differ. The package comment describes the bytes.
type form struct {
	reading bool
	data    []byte    // encoded so far, or still to decode
	mask    uint64    // when decoding, the numbers of the record that are not zero
	values  [64]int64 // numbers of the record; when decoding, the others are zero
	count   int       // number of values used so far
	err     error     // when decoding, the first error
}

// formNumber is the first byte of each encoding. A change of any record needs a new
// number.
const formNumber = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal appends the checksum of the bytes after start.
func seal(b []byte, start int) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// unseal verifies the checksum and starts to decode.
func unseal(b []byte, what string) form {
	f := form{reading: true}
	end := len(b) - crc32.Size
	switch {
	case end < 1 || b[0] != formNumber:
		f.wrong(what + " has an unknown form")
	case crc32.Checksum(b[:end], castagnoli) != binary.LittleEndian.Uint32(b[end:]):
		f.wrong(what + " has a wrong checksum")
	default:
		f.data = b[1:end]
	}
	return f
}

func (f *form) wrong(what string) {
	if f.err == nil {
		f.err = storedError(what)
	}
	f.data = nil
}

// begin starts a record; end ends it.
func (f *form) begin() {
	if f.count = 0; !f.reading {
		return
	}
	f.mask = f.take()
	for left := f.mask; left != 0; left &= left - 1 {
		v := f.take()
		f.values[bits.TrailingZeros64(left)] = int64(v>>1) ^ -int64(v&1)
	}
}

func (f *form) end() {
	if f.reading {
		for left := f.mask; left != 0; left &= left - 1 {
			f.values[bits.TrailingZeros64(left)] = 0
		}
		if f.mask>>f.count != 0 {
			f.wrong("a record is too long")
		}
		return
	}
	var mask uint64
	for k, v := range f.values[:f.count] {
		if v != 0 {
			mask |= 1 << k
		}
	}
	f.data = binary.AppendUvarint(f.data, mask)
	for ; mask != 0; mask &= mask - 1 {
		f.data = binary.AppendVarint(f.data, f.values[bits.TrailingZeros64(mask)])
	}
}

// take decodes a varint.
func (f *form) take() uint64 {
	if len(f.data) > 0 && f.data[0] < 0x80 {
		v := f.data[0]
		f.data = f.data[1:]
		return uint64(v)
	}
	v, size := binary.Uvarint(f.data)
	if size <= 0 {
		f.wrong("a number is truncated")
		return 0
	}
	f.data = f.data[size:]
	return v
}

// number encodes or decodes a number as its difference from a guess.
func number[T ~int | ~int64 | ~uint64](f *form, p *T, guess T) {
	if v := &f.values[f.count&63]; f.reading {
		*p = guess + T(*v)
	} else {
		*v = int64(*p - guess)
	}
	f.count++
}

// zeros reports, when decoding, whether the next n numbers of the record are zero.
func (f *form) zeros(n int) bool { return f.reading && f.mask>>(f.count&63)&(1<<n-1) == 0 }

// word encodes or decodes a word as its index in the list.
func word[T ~string](f *form, p *T, words []T) {
	place := 0
	if !f.reading {
		place = slices.Index(words, *p)
	}
	if number(f, &place, 0); !f.reading {
		return
	}
	if place < 0 || place >= len(words) {
		f.wrong("a word is unknown")
		return
	}
	*p = words[place]
}

// flag encodes or decodes a bool.
func (f *form) flag(p *bool) {
	n := 0
	if *p {
		n = 1
	}
	number(f, &n, 0)
	*p = n != 0
}

// date encodes or decodes a date as the number of days from a guess.
func (f *form) date(p *civil.Date, guess civil.Date) {
	if f.zeros(1) {
		*p = guess
		f.count++
	} else {
		f.days(p, guess)
	}
}

// days is the part of date for a date that differs from its guess. Years are 1 to 9999.
func (f *form) days(p *civil.Date, guess civil.Date) {
	days := 0
	if !f.reading && *p != guess {
		days = p.Since(guess)
	}
	if number(f, &days, 0); !f.reading {
		return
	}
	if days > -mostDays && days < mostDays {
		*p = guess.AddDays(days)
	}
	if p.Year < 1 || p.Year > 9999 {
		f.wrong("a date is out of range")
	}
}

const mostDays = 9999 * 366

// amounts encodes or decodes each component as its difference from the guess.
func (f *form) amounts(p *servicing.Amounts, guess servicing.Amounts) {
	if f.zeros(8) {
		*p = guess
		f.count += 8
		return
	}
	number(f, &p.Principal, guess.Principal)
	number(f, &p.Interest, guess.Interest)
	number(f, &p.InterestIVA, guess.InterestIVA)
	number(f, &p.Fee, guess.Fee)
	number(f, &p.FeeIVA, guess.FeeIVA)
	number(f, &p.PenaltyInterest, guess.PenaltyInterest)
	number(f, &p.PenaltyInterestIVA, guess.PenaltyInterestIVA)
	number(f, &p.Insurance, guess.Insurance)
}

// exact encodes or decodes a sum as its two halves.
func (f *form) exact(p *servicing.Exact) {
	number(f, &p.Hi, 0)
	number(f, &p.Lo, 0)
}
