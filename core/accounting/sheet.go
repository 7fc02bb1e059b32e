package accounting

import (
	"slices"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

// Booking has the data of an entry except its kind and its postings.
type Booking struct {
	ID        id.ID      // of the entry
	Day       civil.Date // business date
	At        time.Time  // time of posting
	Reference id.ID      // source of the entry, such as a transaction
	Subject   id.ID      // subject of the entry, such as a loan, and of its postings unless they name another
	Client    id.ID      // client; zero for an entry of the institution
	Branch    id.ID      // branch of all its postings; zero is the head office
}

// Sheet returns an empty sheet with the subject and the branch of the booking.
func (k *Booking) Sheet() Sheet {
	return Sheet{k.Subject, k.Branch, make([]ledger.Posting, 0, 8)}
}

// Entry returns the entry with the postings of a sheet, the zero Entry if there are none.
func (k *Booking) Entry(kind string, s Sheet) ledger.Entry {
	if len(s.postings) == 0 {
		return ledger.Entry{}
	}
	return ledger.Entry{ID: k.ID, BusinessDate: k.Day, PostedAt: k.At, Kind: kind, Reference: k.Reference, Client: k.Client, Subject: s.subject, Postings: s.postings}
}

// Sheet collects the postings of an entry: debits first, then credits, each side ordered
// by account. An account appears at most once for each side and subject. Amounts of 0 are left out.
type Sheet struct {
	subject  id.ID
	branch   id.ID
	postings []ledger.Posting
}

// Move debits one account and credits another. A negative amount swaps the sides.
func (s *Sheet) Move(debit, credit ledger.Account, amount money.Amount) {
	if amount < 0 {
		debit, credit, amount = credit, debit, -amount
	}
	s.Debit(debit, amount)
	s.Credit(credit, amount)
}

// Debit adds an amount to the debits of an account.
func (s *Sheet) Debit(account ledger.Account, amount money.Amount) {
	s.add(ledger.Posting{Account: account, Subject: s.subject, Branch: s.branch, Debit: amount})
}

// Credit adds an amount to the credits of an account.
func (s *Sheet) Credit(account ledger.Account, amount money.Amount) {
	s.add(ledger.Posting{Account: account, Subject: s.subject, Branch: s.branch, Credit: amount})
}

// Line adds an amount to an account of a subject: a debit, or a credit if it is negative.
func (s *Sheet) Line(account ledger.Account, subject id.ID, amount money.Amount) {
	s.add(ledger.Posting{Account: account, Subject: subject, Branch: s.branch, Debit: max(amount, 0), Credit: max(-amount, 0)})
}

// add inserts a posting in order, or adds it to the posting with its account, subject and side.
func (s *Sheet) add(p ledger.Posting) {
	if p.Debit+p.Credit == 0 {
		return
	}
	at := 0
	for ; at < len(s.postings); at++ {
		old := &s.postings[at]
		switch sameSide := (old.Debit > 0) == (p.Debit > 0); {
		case sameSide && old.Account == p.Account && old.Subject == p.Subject:
			old.Debit += p.Debit
			old.Credit += p.Credit
			return
		case sameSide && old.Account <= p.Account, !sameSide && p.Credit > 0:
			continue
		}
		break
	}
	s.postings = slices.Insert(s.postings, at, p)
}

// Mirror returns the entry that reverses another: the same postings with the sides
// swapped. Its kind is that of the entry plus "_reversed". For the zero Entry it is the
// zero Entry.
func Mirror(entry id.ID, day civil.Date, at time.Time, reference id.ID, of ledger.Entry) ledger.Entry {
	if len(of.Postings) == 0 {
		return ledger.Entry{}
	}
	postings := slices.Clone(of.Postings)
	for i := range postings {
		p := &postings[i]
		p.Debit, p.Credit = p.Credit, p.Debit
	}
	return ledger.Entry{
		ID: entry, BusinessDate: day, PostedAt: at, Kind: of.Kind + "_reversed", Reference: reference, Reverses: of.ID, Client: of.Client, Subject: of.Subject, Postings: postings,
	}
}
