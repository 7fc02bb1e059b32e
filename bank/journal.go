package bank

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/infra/db"
)

var (
	postingInsert = db.Insert("postings", db.ID("entry_id"), db.Int("line"), db.Text("account"), db.ID("subject"), db.Int("debit"), db.Int("credit"))
	entryInsert   = db.Insert("entries", db.ID("id"), db.Day("business_date"), db.Time("posted_at"), db.Text("kind"), db.ID("reference"), db.ID("reverses"))

	auditInsert   = db.Insert("audit", db.ID("command"), db.Time("at"), db.Text("actor"), db.Text("action"), db.ID("subject"), db.Text("correlation_id"))
	refusalInsert = db.Insert("audit", db.ID("command"), db.Time("at"), db.Text("actor"), db.Text("action"), db.ID("subject"), db.Text("correlation_id"),
		db.Text("refusal"), db.Int("times"))
)

// journal is what a book posts, and the entries that it was asked for.
type journal struct {
	entries  []ledger.Entry
	posted   map[id.ID]*ledger.Entry
	sources  []entriesAsked
	audit    *db.Rows
	refusals *db.Rows
}

// entriesAsked is a source of entries and the keys for which they are loaded.
type entriesAsked struct {
	source *EntrySource
	keys   []id.ID
}

// EntrySource is a table whose rows name their entry: a way to ask for the entries of
// the rows that have a key.
type EntrySource struct {
	Table, Entry, Key string // the table, its column with the entry and its column with the key
}

// Need asks for the entries of the rows that have the key.
func (e *EntrySource) Need(n *Needs, key id.ID) {
	n.asks = append(n.asks, func(b *Book) {
		at := slices.IndexFunc(b.journal.sources, func(a entriesAsked) bool { return a.source == e })
		if at < 0 {
			at = len(b.journal.sources)
			b.journal.sources = append(b.journal.sources, entriesAsked{source: e})
		}
		b.journal.sources[at].keys = append(b.journal.sources[at].keys, key)
	})
}

func newJournal() journal {
	return journal{posted: map[id.ID]*ledger.Entry{}, audit: auditInsert.Rows(), refusals: refusalInsert.Rows()}
}

func (j *journal) clear() { clear(j.posted) }

// load reads the entries that were asked for.
func (j *journal) load(from *Store) {
	for _, a := range j.sources {
		e := a.source
		if from.memory != nil {
			j.recall(from.memory, e, a.keys)
			continue
		}
		from.batch.Query(fmt.Sprintf(`SELECT e.id, e.kind, p.account, p.subject, p.debit, p.credit FROM %s m JOIN entries e ON e.id = m.%s JOIN postings p ON p.entry_id = e.id
			WHERE m.%s = ANY($1::uuid[]) ORDER BY p.entry_id, p.line`, e.Table, e.Entry, e.Key),
			func(s db.Scanner) error {
				var e ledger.Entry
				var p ledger.Posting
				if err := s.Scan(&e.ID, &e.Kind, &p.Account, &p.Subject, &p.Debit, &p.Credit); err != nil {
					return err
				}
				if j.posted[e.ID] == nil {
					j.posted[e.ID] = &e
				}
				j.posted[e.ID].Postings = append(j.posted[e.ID].Postings, p)
				return nil
			}, a.keys)
	}
}

// recall finds the entries in a Memory.
func (j *journal) recall(m *Memory, e *EntrySource, keys []id.ID) {
	wanted := map[any]bool{}
	for _, key := range keys {
		wanted[key] = true
	}
	entries := m.through(&Via{Table: e.Table, Column: e.Key, Columns: []string{e.Entry}}, wanted)
	for i := range m.Entries {
		if entry := &m.Entries[i]; entries[entry.ID] {
			j.posted[entry.ID] = entry
		}
	}
}

// Post stages an entry, which must balance. An entry without postings is left out.
func (b *Book) Post(e ledger.Entry) error {
	if len(e.Postings) == 0 {
		return nil
	}
	if err := e.Check(); err != nil {
		return err
	}
	n := len(b.journal.entries)
	b.journal.entries = append(b.journal.entries, e)
	b.Undo(func() { b.journal.entries = b.journal.entries[:n] })
	return nil
}

// Posted finds an entry that was asked for or staged.
func (b *Book) Posted(entryID id.ID) (ledger.Entry, bool) {
	if e, found := b.journal.posted[entryID]; found {
		return *e, true
	}
	at := slices.IndexFunc(b.journal.entries, func(e ledger.Entry) bool { return e.ID == entryID })
	if at < 0 {
		return ledger.Entry{}, false
	}
	return b.journal.entries[at], true
}

// save queues the entries and the audit lines. Postings go before their entries,
// whose insertion checks that they balance.
func (j *journal) save(batch *db.Batch, lastDay civil.Date) {
	entries, postings := entryInsert.Room(len(j.entries)), postingInsert.Room(3*len(j.entries))
	for _, e := range j.entries {
		for line, p := range e.Postings {
			postings.Add(e.ID, int64(line), string(p.Account), p.Subject, int64(p.Debit), int64(p.Credit))
		}
		entries.Add(e.ID, e.BusinessDate, e.PostedAt, e.Kind, e.Reference, e.Reverses)
	}
	batch.Save(postings)
	batch.Save(entries)
	j.addAccountDays(batch, lastDay)
	batch.Save(j.audit)
	batch.Save(j.refusals)
}

// The table account_days has what the entries of each closed day add up to on each
// account. A close adds its day up before it ends; who posts to that day from the
// beginning of its close on, or later, adds to it.

// balancesPurpose is the lock that keeps the two apart: shared by who adds,
// exclusive while a day is added up.
const balancesPurpose = 0x736f_6669_03

// addAccountDays adds the entries that are dated on days whose close has begun.
func (j *journal) addAccountDays(batch *db.Batch, lastDay civil.Date) {
	type key struct {
		day     civil.Date
		account ledger.Account
	}
	late := map[key]ledger.Posting{}
	for _, e := range j.entries {
		if e.BusinessDate.After(lastDay) {
			continue
		}
		for _, p := range e.Postings {
			k := key{e.BusinessDate, p.Account}
			sum := late[k]
			sum.Debit += p.Debit
			sum.Credit += p.Credit
			late[k] = sum
		}
	}
	if len(late) == 0 {
		return
	}
	batch.Share(balancesPurpose)
	order := func(x, y key) int { return cmp.Or(x.day.Compare(y.day), cmp.Compare(x.account, y.account)) }
	for _, k := range slices.SortedFunc(maps.Keys(late), order) {
		batch.Exec(`INSERT INTO account_days (day, account, debit, credit) VALUES ($1, $2, $3, $4)
			ON CONFLICT (day, account) DO UPDATE SET debit = account_days.debit + excluded.debit, credit = account_days.credit + excluded.credit`,
			k.day, string(k.account), int64(late[k].Debit), int64(late[k].Credit))
	}
}

// SumAccountDay queues the sums of all entries of a day, which its close writes.
func SumAccountDay(batch *db.Batch, day civil.Date) {
	batch.Exclude(balancesPurpose)
	batch.Exec("DELETE FROM account_days WHERE day = $1", day)
	batch.Exec(`INSERT INTO account_days (day, account, debit, credit) SELECT e.business_date, p.account, sum(p.debit), sum(p.credit)
		FROM entries e CROSS JOIN postings p WHERE e.business_date = $1 AND p.entry_id = e.id GROUP BY e.business_date, p.account`, day)
}
