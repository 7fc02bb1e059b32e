package codec

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/lending/servicing"
)

// storedError says why bytes are not a stored account. It is for the log: the
// caller did nothing wrong.
type storedError string

// Error says what is wrong.
func (e storedError) Error() string { return "stored account: " + string(e) }

// epoch is the day from which dates are counted that have no other guess.
var epoch = civil.Date{Year: 1970, Month: 1, Day: 1}

// form reads or writes records of whole numbers, by one and the same list of
// them, so that the two cannot differ. The package comment has the bytes.
type form struct {
	reading bool
	data    []byte    // written so far, or left to be read
	mask    uint64    // reading: the numbers of the record that are not zero
	values  [64]int64 // of the record; the rest is zero when reading
	count   int       // of the values that were named
	err     error     // reading: the first thing that is not ours
}

// formNumber is the first byte of all that is stored; a change of any list of
// numbers is a new one.
const formNumber = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal ends with the sum what was written after the start.
func seal(b []byte, start int) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// unseal starts to read what seal has ended.
func unseal(b []byte, what string) form {
	f := form{reading: true}
	end := len(b) - crc32.Size
	switch {
	case end < 1 || b[0] != formNumber:
		f.wrong(what + " is of no known form")
	case crc32.Checksum(b[:end], castagnoli) != binary.LittleEndian.Uint32(b[end:]):
		f.wrong(what + " was altered")
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

// begin starts a record; end closes it.
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

// take reads a varint.
func (f *form) take() uint64 {
	if len(f.data) > 0 && f.data[0] < 0x80 {
		v := f.data[0]
		f.data = f.data[1:]
		return uint64(v)
	}
	v, size := binary.Uvarint(f.data)
	if size <= 0 {
		f.wrong("a number is cut off")
		return 0
	}
	f.data = f.data[size:]
	return v
}

// number reads or writes a number by its difference from a guess.
func number[T ~int | ~int64 | ~uint64](f *form, p *T, guess T) {
	if v := &f.values[f.count&63]; f.reading {
		*p = guess + T(*v)
	} else {
		*v = int64(*p - guess)
	}
	f.count++
}

// zeros tells whether the next so many numbers of the record that is read are zero.
func (f *form) zeros(n int) bool { return f.reading && f.mask>>(f.count&63)&(1<<n-1) == 0 }

// word reads or writes one of the words, by its place among them.
func word[T ~string](f *form, p *T, words []T) {
	place := 0
	if !f.reading {
		place = slices.Index(words, *p)
	}
	if number(f, &place, 0); !f.reading {
		return
	}
	if place < 0 || place >= len(words) {
		f.wrong("a word is not known")
		return
	}
	*p = words[place]
}

// flag reads or writes a choice of two.
func (f *form) flag(p *bool) {
	n := 0
	if *p {
		n = 1
	}
	number(f, &n, 0)
	*p = n != 0
}

// date reads or writes a day by the days from a guess.
func (f *form) date(p *civil.Date, guess civil.Date) {
	if f.zeros(1) {
		*p = guess
		f.count++
	} else {
		f.days(p, guess)
	}
}

// days does it where the guess is wrong. Days are from the year 1 to 9999.
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

// amounts reads or writes each component by its difference from the guess.
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

// exact reads or writes a sum as its two halves.
func (f *form) exact(p *servicing.Exact) {
	number(f, &p.Hi, 0)
	number(f, &p.Lo, 0)
}
