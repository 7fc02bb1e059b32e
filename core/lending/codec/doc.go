// Package codec stores the account of a loan and reads it back. The rules of a
// loan are in core/lending/servicing; the tables are the bank's.
//
// # What is stored
//
// An account is stored in two byte strings, besides its product and its version.
// The plan is what a version of the schedule fixes; it is written once, when the
// version is made. The state is all that rolling and paying change, and is written
// with each operation. The outlook is the small part of an account that a close
// reads for each loan (servicing.Outlook).
//
//	plan    = form, head, one record per instalment, sum
//	state   = form, head, one record per instalment that has something paid, late or accrued, sum
//	outlook = form, record, sum
//
// The form is one byte, 1. The sum is the CRC-32C of all bytes before it, four
// bytes, least significant first. A record is a list of whole numbers in the order
// in which the functions below name them, each stored as its difference from the
// guess beside it: first a mask, with bit k set if number k is not zero, then those
// numbers. The mask is a varint, the numbers are varints in zigzag (package
// encoding/binary). A date is a number of days from its guess, or from 1 January
// 1970; a word is stored as its place in its list. So an instalment like the one
// before it takes a few bytes.
//
// The state names the version, the number of its first instalment and their count:
// a plan that was stored earlier has more instalments, which are left out
// (servicing.Trim).
//
// The terms of a version and the split of a transaction are JSON texts, so that people
// and other programs can read them. They are written as json.Marshal and
// Split.AppendJSON write them; ParseTerms and ParseTransaction read them.
//
// # How it is proven
//
// What is stored is a cache of the loan's history: servicing.Recompute computes the
// account from the contract and the operations alone. The tests store and restore
// an account before each operation of random loans and compare it with one that
// was never stored; the checks of a bank (sofipo doctor) compare each stored account
// with its recomputation.
package codec
