package bank

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// line is a journal row: an entry, the audit data of a command, or both. Without an entry,
// Kind is empty, ID is the command's id, and Subject is the command's subject.
type line struct {
	ledger.Entry
	command id.ID
	number  int64 // index of the row in its command

	// Audit data of the command, only in its first row.
	actor, action, correlationID string
	about                        id.ID // subject of the command, if it differs from the entry's
	apiKey                       id.ID // with which the actor, a service account, acted; zero for a person

	refusal fault.Code // code of a refusal by the guard
	times   int64      // number of refusals that the row counts
}

var lineColumns = db.Columns[line]{
	db.IDField("id", func(l *line) *id.ID { return &l.ID }),
	db.IDField("command", func(l *line) *id.ID { return &l.command }),
	db.SmallField("number", func(l *line) *int64 { return &l.number }),
	db.TimeField("at", func(l *line) *time.Time { return &l.PostedAt }),
	db.IDField("subject", func(l *line) *id.ID { return &l.Subject }),
	db.IDField("client_id", func(l *line) *id.ID { return &l.Client }),
	db.OptionalField("actor", func(l *line) *string { return &l.actor }),
	db.OptionalField("action", func(l *line) *string { return &l.action }),
	db.OptionalField("correlation_id", func(l *line) *string { return &l.correlationID }),
	db.IDField("about", func(l *line) *id.ID { return &l.about }),
	db.OptionalField("refusal", func(l *line) *fault.Code { return &l.refusal }),
	db.IntField("times", func(l *line) *int64 { return &l.times }),
	db.DayField("business_date", func(l *line) *civil.Date { return &l.BusinessDate }),
	db.OptionalField("kind", func(l *line) *string { return &l.Kind }),
	db.IDField("reference", func(l *line) *id.ID { return &l.Reference }),
	db.IDField("reverses", func(l *line) *id.ID { return &l.Reverses }),
	db.PostgresArray("accounts", "text[]", (*line).accounts),
	db.PostgresArray("amounts", "bigint[]", (*line).amounts),
	db.PostgresArray("subjects", "uuid[]", (*line).subjects),
	db.PostgresArray("branches", "uuid[]", (*line).branches),
	db.SQLiteText("lines", (*line).lines),
	db.IDField("api_key", func(l *line) *id.ID { return &l.apiKey }),
}

var (
	doneColumns    = lineColumns.Except("refusal", "times", "api_key")
	keyColumns     = lineColumns.Except("refusal", "times") // of a command with an API key
	refusedColumns = lineColumns.Except("about", "business_date", "kind", "reference", "reverses", "accounts", "amounts", "subjects", "branches", "lines")
	doneInsert     = doneColumns.Insert("journal")
	keyInsert      = keyColumns.Insert("journal")
	refusedInsert  = refusedColumns.Insert("journal")
	accountInsert  = db.Insert("journal_accounts", db.Text("account"), db.Day("business_date"), db.ID("entry_id"))
	placeInsert    = db.Insert("place_lines", db.ID("subject"), db.Text("account"), db.Day("business_date"), db.ID("entry_id"), db.Int("amount"))
)

// accounts returns the entry's accounts as a PostgreSQL array.
func (l *line) accounts() string {
	return l.array(func(b []byte, p *ledger.Posting) []byte { return append(b, p.Account...) })
}

// amounts returns the entry's amounts as a PostgreSQL array of centavos: debits are positive,
// credits negative.
func (l *line) amounts() string {
	return l.array(func(b []byte, p *ledger.Posting) []byte { return strconv.AppendInt(b, int64(p.Debit-p.Credit), 10) })
}

// subjects returns the postings' subjects as a PostgreSQL array, with NULL for those that
// equal the row's. It is empty if all do.
func (l *line) subjects() string {
	return l.sparse(func(p *ledger.Posting) (id.ID, bool) { return p.Subject, p.Subject != l.Subject })
}

// branches returns the postings' branches as a PostgreSQL array, with NULL for the head
// office. It is empty if all are of the head office.
func (l *line) branches() string {
	return l.sparse(func(p *ledger.Posting) (id.ID, bool) { return p.Branch, !staff.IsHeadOffice(p.Branch) })
}

// sparse returns an array of the postings' ids, with NULL where the function reports false. It
// is empty if all are NULL.
func (l *line) sparse(of func(*ledger.Posting) (x id.ID, differs bool)) string {
	differ := false
	for i := range l.Postings {
		_, differs := of(&l.Postings[i])
		differ = differ || differs
	}
	if !differ {
		return ""
	}
	return l.array(func(b []byte, p *ledger.Posting) []byte {
		if x, differs := of(p); differs {
			return x.Append(b)
		}
		return append(b, "NULL"...)
	})
}

func (l *line) array(add func([]byte, *ledger.Posting) []byte) string {
	if len(l.Postings) == 0 {
		return ""
	}
	b := make([]byte, 0, 16*len(l.Postings))
	for i := range l.Postings {
		b = add(append(b, ','), &l.Postings[i])
	}
	b[0] = '{'
	return string(append(b, '}'))
}

// lines returns the entry as the JSON object stored by SQLite: centavos by account. The key
// is account/subject where the subject differs from the row's, and account/subject/branch where
// the branch is not the head office.
func (l *line) lines() string {
	if len(l.Postings) == 0 {
		return ""
	}
	b := make([]byte, 0, 24*len(l.Postings))
	for i := range l.Postings {
		p := &l.Postings[i]
		b = append(append(b, `,"`...), p.Account...)
		branch := !staff.IsHeadOffice(p.Branch)
		if p.Subject != l.Subject || branch {
			b = p.Subject.Append(append(b, '/'))
		}
		if branch {
			b = p.Branch.Append(append(b, '/'))
		}
		b = strconv.AppendInt(append(b, `":`...), int64(p.Debit-p.Credit), 10)
	}
	b[0] = '{'
	return string(append(b, '}'))
}

// journal has the rows that a book writes and the entries that it loaded.
type journal struct {
	lines   []*line
	posted  map[id.ID]*ledger.Entry
	sources []requestedEntries
	begins  begins
	balances
}

// begins is where the journal begins, if entries were requested: after the detached months.
type begins struct {
	until   id.ID // the ids of detached rows are below it
	through civil.Date
}

// entriesAsked is a source of entries with the keys to load.
type requestedEntries struct {
	source *EntrySource
	keys   []id.ID
}

// EntrySource is a table with a column for an entry's id. It loads the entries of the rows
// that have a key.
type EntrySource struct {
	Table, Entry, Key string // the table, its column with the entry's id, and its column with the key
}

// Need requests the entries of the rows with the key.
func (e *EntrySource) Need(n *Needs, key id.ID) {
	n.requests = append(n.requests, func(b *Book) {
		at := slices.IndexFunc(b.journal.sources, func(a requestedEntries) bool { return a.source == e })
		if at < 0 {
			at = len(b.journal.sources)
			b.journal.sources = append(b.journal.sources, requestedEntries{source: e})
		}
		b.journal.sources[at].keys = append(b.journal.sources[at].keys, key)
	})
}

func newJournal() journal {
	return journal{posted: map[id.ID]*ledger.Entry{}, balances: balances{stored: map[place]money.Amount{}}}
}

func (j *journal) clear() {
	clear(j.posted)
	clear(j.stored)
	j.begins = begins{}
}

// load reads the requested entries and balances.
func (j *journal) load(from *Store) {
	j.balances.load(from)
	if len(j.sources) > 0 && from.memory == nil {
		from.batch.Query("SELECT until, month FROM detached_months ORDER BY month DESC LIMIT 1", func(s db.Scanner) error {
			err := s.Scan(&j.begins.until, &j.begins.through)
			j.begins.through = j.begins.through.MonthEnd()
			return err
		})
	}
	for _, a := range j.sources {
		e := a.source
		if from.memory != nil {
			j.recall(from.memory, e, a.keys)
			continue
		}
		from.batch.Query(fmt.Sprintf(`SELECT p.entry_id, p.kind, p.client_id, p.account, p.subject, p.branch, p.debit, p.credit FROM %s m JOIN posted p ON p.entry_id = m.%s
			WHERE m.%s = ANY($1::uuid[]) ORDER BY p.entry_id, p.line`, e.Table, e.Entry, e.Key),
			func(s db.Scanner) error {
				var e ledger.Entry
				var p ledger.Posting
				if err := s.Scan(&e.ID, &e.Kind, &e.Client, &p.Account, &p.Subject, &p.Branch, &p.Debit, &p.Credit); err != nil {
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

// recall reads the requested entries from a Memory.
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

// Post stages an entry, which must balance. An entry without postings is ignored. One that
// would pass the limits of the books is refused.
func (b *Book) Post(e ledger.Entry) error {
	if len(e.Postings) == 0 {
		return nil
	}
	if err := e.Check(); err != nil {
		return err
	}
	if b.limits != nil {
		undo, err := b.limits.post(e)
		if err != nil {
			return err
		}
		b.Undo(undo)
	}
	if e.Subject.IsZero() {
		e.Subject = e.Postings[0].Subject
	}
	for i := range e.Postings { // as it is read back
		if p := &e.Postings[i]; staff.IsHeadOffice(p.Branch) {
			p.Branch = id.ID{}
		}
	}
	n := len(b.journal.lines)
	b.journal.lines = append(b.journal.lines, &line{Entry: e})
	b.Undo(func() { b.journal.lines = b.journal.lines[:n] })
	return nil
}

// Original returns an entry that was requested or staged, to be mirrored. It refuses one of a detached
// month with accounting.JournalDetached.
func (b *Book) Original(entryID id.ID) (ledger.Entry, error) {
	entry, found := b.Posted(entryID)
	switch begins := b.journal.begins; {
	case found:
		return entry, nil
	case bytes.Compare(entryID[:], begins.until[:]) < 0:
		return entry, fault.Refuse(accounting.JournalDetached, "through", begins.through)
	}
	return entry, fmt.Errorf("the journal entry %s is missing", entryID)
}

// Posted returns an entry that was requested or staged.
func (b *Book) Posted(entryID id.ID) (ledger.Entry, bool) {
	if e, found := b.journal.posted[entryID]; found {
		return *e, true
	}
	at := slices.IndexFunc(b.journal.lines, func(l *line) bool { return l.Kind != "" && l.ID == entryID })
	if at < 0 {
		return ledger.Entry{}, false
	}
	return b.journal.lines[at].Entry, true
}

// sign links the entries that a command staged, from index first on, to the command, and puts
// its audit data into the first row. If there is no entry, it adds a row without one.
func (j *journal) sign(first int, c line) {
	if first == len(j.lines) {
		c.ID = c.command
		j.lines = append(j.lines, &c)
		return
	}
	for i, l := range j.lines[first:] {
		l.command, l.number = c.command, int64(i)
	}
	l := j.lines[first]
	l.actor, l.action, l.correlationID, l.apiKey = c.actor, c.action, c.correlationID, c.apiKey
	if l.Subject != c.Subject {
		l.about = c.Subject
	}
}

// save queues the rows.
func (j *journal) save(batch *db.Batch, lastDay civil.Date) {
	done, keyed, refused, accounts, named := doneInsert.Room(len(j.lines)), keyInsert.Rows(), refusedInsert.Rows(), accountInsert.Rows(), placeInsert.Rows()
	for _, l := range j.lines {
		if l.refusal != "" {
			refusedColumns.Add(refused, l)
			continue
		}
		if l.apiKey.IsZero() {
			doneColumns.Add(done, l)
		} else {
			keyColumns.Add(keyed, l)
		}
		for i, p := range l.Postings {
			if !accounting.Common(p.Account) && !slices.ContainsFunc(l.Postings[:i], func(o ledger.Posting) bool { return o.Account == p.Account }) {
				accounts.Add(string(p.Account), l.BusinessDate, l.ID)
			}
		}
		for p, amount := range places(&l.Entry) {
			named.Add(p.subject, string(p.account), l.BusinessDate, l.ID, int64(amount))
		}
	}
	batch.Save(done)
	batch.Save(keyed)
	batch.Save(refused)
	batch.Save(accounts)
	batch.Save(named)
	j.addAccountDays(batch, lastDay)
}

// The table account_days has the debit and credit totals of each closed day and account. A
// close computes them before it ends. A command that posts to a day that is closed or being
// closed adds its own amounts.

// accountDaysLock keeps the two apart. A command that adds holds it shared; the close that
// computes the totals holds it exclusively.
const accountDaysLock = 0x736f_6669_03

// addAccountDays adds the entries dated on days that are closed or being closed.
func (j *journal) addAccountDays(batch *db.Batch, lastDay civil.Date) {
	type key struct {
		day     civil.Date
		account ledger.Account
	}
	late := map[key]ledger.Posting{}
	for _, e := range j.lines {
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
	batch.Share(accountDaysLock)
	order := func(x, y key) int { return cmp.Or(x.day.Compare(y.day), cmp.Compare(x.account, y.account)) }
	for _, k := range slices.SortedFunc(maps.Keys(late), order) {
		batch.Exec(`INSERT INTO account_days (day, account, debit, credit) VALUES ($1, $2, $3, $4)
			ON CONFLICT (day, account) DO UPDATE SET debit = account_days.debit + excluded.debit, credit = account_days.credit + excluded.credit`,
			k.day, string(k.account), int64(late[k].Debit), int64(late[k].Credit))
	}
}

// JournalBegins is, in SQL, the id where the journal begins: the rows of detached months are below it.
// JournalDetached is the latest business date of these rows.
const (
	JournalBegins   = "coalesce((SELECT until FROM detached_months ORDER BY month DESC LIMIT 1), '00000000-0000-0000-0000-000000000001'::uuid)"
	JournalDetached = "coalesce((SELECT max(last_day) FROM detached_months), '0001-01-01')"
)

const closedDays = "FROM business_days WHERE status = 'CLOSED'"

// AccountAmounts is a SQL table whose amounts, debits less credits, add up to the balances of
// the accounts. Closed days have one row for each account, other days one for each line. The
// column open_debit is the debit on days that are not closed.
const AccountAmounts = `(SELECT account, debit - credit AS amount, 0::bigint AS open_debit, day FROM account_days
			WHERE day BETWEEN (SELECT min(day) ` + closedDays + `) AND (SELECT max(day) ` + closedDays + `)
		UNION ALL SELECT account, amount, debit::bigint, business_date FROM posted WHERE business_date > coalesce((SELECT max(day) ` + closedDays + `), '0001-01-01')
		UNION ALL SELECT account, amount, debit::bigint, business_date FROM posted WHERE business_date < (SELECT min(day) ` + closedDays + `))`

// SumAccountDay queues the statements that compute a day's account totals, for its close.
func SumAccountDay(batch *db.Batch, day civil.Date) {
	batch.Exclude(accountDaysLock)
	batch.Exec("DELETE FROM account_days WHERE day = $1", day)
	batch.Exec(`INSERT INTO account_days (day, account, debit, credit) SELECT business_date, account, sum(debit), sum(credit)
		FROM posted WHERE business_date = $1 GROUP BY business_date, account`, day)
}
