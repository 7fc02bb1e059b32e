package simulation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Digest returns a hash of the books: every entry with its day, kind and postings, and
// every loan with its row. Ids and times are not included: a loan is identified by the
// RFC of its client and its position among the client's loans, a manual entry by its
// date and description, a till by its code, and the entries of a day are sorted by their text. Books that
// agree to the centavo have the same digest on both databases.
func Digest(ctx context.Context, d *db.DB) (string, error) {
	sum := sha256.New()
	names, err := digestLoans(ctx, d, sum)
	if err != nil {
		return "", err
	}
	of := dayBook{sum: sum, names: names}
	batch := &db.Batch{}
	batch.Before(func() { of.day, of.lines = civil.Date{}, nil })
	batch.Query(`SELECT entry_id, business_date, kind, reverses, account, subject, debit, credit
		FROM posted ORDER BY business_date, entry_id, line`, of.read)
	if err := d.ReadPrimary(ctx, batch); err != nil {
		return "", err
	}
	of.end()
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// digestLoans adds the loans to the hash. It returns the names of loans and manual
// entries by id.
func digestLoans(ctx context.Context, d *db.DB, sum hash.Hash) (map[id.ID]string, error) {
	names, count := map[id.ID]string{}, map[string]int{}
	var lines []string
	batch := &db.Batch{}
	batch.Query(`SELECT l.id, c.rfc, l.product, l.product_version, l.status, l.amount, l.balance, l.interest_due, l.iva_due, l.unapplied, l.written_off
		FROM loans l JOIN clients c ON c.id = l.client_id ORDER BY l.id`, func(s db.Scanner) error {
		var loanID id.ID
		var rfc, product, status string
		var version int
		var m [6]money.Amount
		err := s.Scan(&loanID, &rfc, &product, &version, &status, &m[0], &m[1], &m[2], &m[3], &m[4], &m[5])
		count[rfc]++
		names[loanID] = fmt.Sprintf("%s/%d", rfc, count[rfc])
		lines = append(lines, fmt.Sprintf("%s %s/%d %s %d\n", names[loanID], product, version, status, m))
		return err
	})
	batch.Query("SELECT id, entry_date, description FROM manual_entries", func(s db.Scanner) error {
		var manualEntryID id.ID
		var date civil.Date
		var text string
		err := s.Scan(&manualEntryID, &date, &text)
		names[manualEntryID] = fmt.Sprintf("%s %q", date, text)
		return err
	})
	for _, sql := range []string{ // money is named by its place, the till and the day, the bank's operation, or the reference
		"SELECT id, code FROM tills", "SELECT id, code FROM bank_accounts", "SELECT id, operation FROM incoming_payments", "SELECT id, reference FROM fund_transfers",
		"SELECT s.id, t.code || ' ' || s.business_date FROM till_sessions s JOIN tills t ON t.id = s.till_id",
	} {
		batch.Query(sql, func(s db.Scanner) error {
			var of id.ID
			var text string
			err := s.Scan(&of, &text)
			names[of] = text
			return err
		})
	}
	err := d.ReadPrimary(ctx, batch)
	addSorted(sum, lines)
	return names, err
}

// dayBook collects the entries of a day.
type dayBook struct {
	sum   hash.Hash
	names map[id.ID]string
	day   civil.Date
	entry id.ID
	lines []string // one for each entry of the day
	line  []byte   // of the current entry
}

// read reads a posting. Postings are ordered by day and entry.
func (b *dayBook) read(s db.Scanner) error {
	var entry, reverses, subject id.ID
	var day civil.Date
	var kind string
	var p ledger.Posting
	if err := s.Scan(&entry, &day, &kind, &reverses, &p.Account, &subject, &p.Debit, &p.Credit); err != nil {
		return err
	}
	if entry != b.entry {
		b.endEntry()
		if day != b.day {
			b.end()
			b.day = day
		}
		b.entry = entry
		b.line = append(append(append(append(b.line[:0], day.String()...), ' '), kind...), ' ')
		b.line = strconv.AppendBool(b.line, !reverses.IsZero())
	}
	name, known := b.names[subject]
	if !known { // the subject is a product; its id is derived from its code
		name = subject.String()
	}
	b.line = append(append(append(append(b.line, ' '), p.Account...), ' '), name...)
	b.line = p.Credit.Append(append(p.Debit.Append(append(b.line, ' ')), ' '))
	return nil
}

func (b *dayBook) endEntry() {
	if len(b.line) > 0 {
		b.lines = append(b.lines, string(b.line)+"\n")
		b.line = b.line[:0]
	}
}

// end adds the day to the hash.
func (b *dayBook) end() {
	b.endEntry()
	addSorted(b.sum, b.lines)
	b.lines = b.lines[:0]
}

func addSorted(sum hash.Hash, lines []string) {
	slices.Sort(lines)
	for _, l := range lines {
		sum.Write([]byte(l))
	}
}
