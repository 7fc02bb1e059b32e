// Package codec encodes the account of a loan (servicing.Account) as bytes for the
// database, and decodes it. It decides nothing about loans; the rules are in
// core/lending/servicing and the tables in bank/lending.
//
// # Format
//
// An account is stored as its product, its version and two byte strings, the plan and
// the state. The plan has the data that a version of the schedule fixes; it is written
// once for each version. The state has the data that rolling and operations change; it
// is written with each operation. The outlook (servicing.Outlook) is a small part of
// the account that the close of a day reads for each loan.
//
//	plan    = form, head, one record per instalment, sum
//	state   = form, head, one record per instalment with payments, delay or accrued amounts, sum
//	outlook = form, record, sum
//
// The form is one byte, 1. The sum is the CRC-32C of all bytes before it: four bytes,
// least significant first. A record is a list of whole numbers, in the order of the
// calls in the functions below. Each number is stored as its difference from a
// predicted value, the guess. First comes a mask in which bit k is set if number k is
// not zero, then the numbers that are not zero. The mask is a varint; the numbers are
// zigzag varints (package encoding/binary). A date is a number of days from its guess,
// or from 1 January 1970. A word is stored as its index in a list. An instalment that
// continues the previous one therefore takes only a few bytes.
//
// The state has the number of the version, the number of the first instalment and the
// count of instalments. The plan may have more instalments, because it is older; they
// are skipped (servicing.Trim).
//
// The terms of a version and the split of a transaction are stored as JSON, so that
// people and other programs can read them. json.Marshal and Split.AppendJSON write
// them; ParseTerms and ParseTransaction read them.
//
// # Verification
//
// A stored account is a cache of the history of the loan: servicing.Recompute computes
// the same account from the contract and the operations. The tests store and restore
// the account of random loans before each operation and compare it with an account
// that was never stored. The command sofipo doctor compares each stored account with
// its recomputation.
package codec
