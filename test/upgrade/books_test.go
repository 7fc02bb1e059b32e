package upgrade

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/infra/db"
	"sofipo/simulation"
	"sofipo/test/ground"
)

var engines = []string{ground.SQLite, ground.Postgres}

// unpack gives a file of the fixture.
func unpack(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name+".gz"))
	must(t, err)
	defer func() { _ = file.Close() }()
	from, err := gzip.NewReader(file)
	must(t, err)
	text, err := io.ReadAll(from)
	must(t, err)
	return text
}

// answers are what the program of before answered while it wrote the database.
func answers(t *testing.T, engine string) (a Answers) {
	t.Helper()
	must(t, json.Unmarshal(unpack(t, engine+".json"), &a))
	return a
}

// before makes a database that the program of before wrote.
func before(t *testing.T, engine string) db.Config {
	t.Helper()
	cfg := ground.Config(t, engine)
	if engine == ground.SQLite {
		must(t, os.WriteFile(filepath.Join(cfg.Folder, "sofipo.db"), unpack(t, "sqlite.db"), 0o600))
		return cfg
	}
	send(t, cfg, string(unpack(t, "postgres.sql")))
	return cfg
}

// send sends statements to PostgreSQL over a connection of its own.
func send(t *testing.T, cfg db.Config, statements string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), cfg.PrimaryURL)
	must(t, err)
	_, err = conn.PgConn().Exec(t.Context(), statements).ReadAll()
	must(t, errors.Join(err, conn.Close(t.Context())))
}

func open(t *testing.T, cfg db.Config) *db.DB {
	t.Helper()
	cfg.Patient = true
	d, err := db.Open(cfg)
	must(t, err)
	t.Cleanup(d.Close)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// change executes statements in one transaction.
func change(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	s := d.Session()
	defer s.Close()
	must(t, s.Begin(t.Context(), &db.Batch{}))
	batch := &db.Batch{}
	for _, statement := range statements {
		batch.Exec(statement)
	}
	_, err := s.Commit(t.Context(), batch)
	must(t, err)
}

// audited is a line of the audit.
type audited struct {
	command                    id.ID
	at                         time.Time
	actor, action, correlation string
	subject                    id.ID
	refusal                    string
	times                      int64
}

// old is what the tables entries, postings and audit have, and the views of these names
// after the migration.
type old struct {
	entries []ledger.Entry  // with postings, by id
	audit   []audited       // by command
	clients map[id.ID]id.ID // by loan
}

// read reads the books under the names of before.
func read(t *testing.T, d *db.DB) (o old) {
	t.Helper()
	batch := &db.Batch{}
	batch.Before(func() { o = old{clients: map[id.ID]id.ID{}} })
	batch.Query("SELECT id, business_date, posted_at, kind, reference, reverses FROM entries ORDER BY id", func(s db.Scanner) error {
		var e ledger.Entry
		err := s.Scan(&e.ID, &e.BusinessDate, &e.PostedAt, &e.Kind, &e.Reference, &e.Reverses)
		o.entries = append(o.entries, e)
		return err
	})
	at := 0
	batch.Query("SELECT entry_id, account, subject, debit, credit FROM postings ORDER BY entry_id, line", func(s db.Scanner) error {
		var entry id.ID
		var p ledger.Posting
		if err := s.Scan(&entry, &p.Account, &p.Subject, &p.Debit, &p.Credit); err != nil {
			return err
		}
		for at < len(o.entries) && o.entries[at].ID != entry {
			at++
		}
		if at == len(o.entries) {
			return fmt.Errorf("a posting of %s, which is no entry", entry)
		}
		o.entries[at].Postings = append(o.entries[at].Postings, p)
		return nil
	})
	batch.Query("SELECT command, at, actor, action, subject, correlation_id, coalesce(refusal, ''), times FROM audit ORDER BY command", func(s db.Scanner) error {
		var a audited
		err := s.Scan(&a.command, &a.at, &a.actor, &a.action, &a.subject, &a.correlation, &a.refusal, &a.times)
		o.audit = append(o.audit, a)
		return err
	})
	batch.Query("SELECT id, client_id FROM loans", func(s db.Scanner) error {
		var loan, client id.ID
		err := s.Scan(&loan, &client)
		o.clients[loan] = client
		return err
	})
	must(t, d.ReadPrimary(t.Context(), batch))
	return o
}

// digest is the fingerprint of the books of before: what it reads is named as today, and
// then as before.
func (o old) digest(t *testing.T, d *db.DB) string {
	t.Helper()
	change(t, d, `CREATE VIEW posted AS SELECT e.id AS entry_id, e.business_date, e.kind, e.reverses, p.line, p.account, p.subject, p.debit, p.credit
		FROM entries e JOIN postings p ON p.entry_id = e.id`,
		"ALTER TABLE loans RENAME COLUMN advance TO unapplied", "ALTER TABLE movements RENAME TO loan_transactions", "ALTER TABLE vouchers RENAME TO manual_entries",
		"CREATE VIEW tills AS SELECT id, username AS code FROM users WHERE 1 = 0", "CREATE VIEW bank_accounts AS SELECT * FROM tills", "CREATE VIEW incoming_payments AS SELECT id, code AS operation FROM tills",
		"CREATE VIEW fund_transfers AS SELECT id, code AS reference FROM tills", "CREATE VIEW till_sessions AS SELECT id, id AS till_id, code AS business_date FROM tills")
	digest, err := simulation.Digest(t.Context(), d)
	must(t, err)
	change(t, d, "DROP VIEW till_sessions", "DROP VIEW fund_transfers", "DROP VIEW incoming_payments", "DROP VIEW bank_accounts", "DROP VIEW tills", "DROP VIEW posted", "ALTER TABLE loans RENAME COLUMN unapplied TO advance", "ALTER TABLE loan_transactions RENAME TO movements", "ALTER TABLE manual_entries RENAME TO vouchers")
	return digest
}

// row is a row of the journal.
type row struct {
	id, command, subject, client, about string // ids; "" for none
	number                              int64
	at                                  string
	actor, action, correlation, refusal string
	times                               int64 // 0 if it is no refusal
	entry                               string
}

// text writes an id down.
func text(x id.ID) string {
	if x.IsZero() {
		return ""
	}
	return x.String()
}

// journal is the rows that the migration should make of the books of before: an audit
// line joins the entries of its moment if it is the only one of that moment that is no
// refusal, and is a row of its own if it joins none.
func (o old) journal() (rows []row) {
	done := map[time.Time][]audited{}
	for _, a := range o.audit {
		if a.refusal == "" {
			done[a.at] = append(done[a.at], a)
		}
	}
	joined, numbers := map[string]bool{}, map[time.Time]int64{}
	for _, e := range o.entries {
		subject := e.Postings[0].Subject
		r := row{id: text(e.ID), command: text(e.ID), subject: text(subject), client: text(o.clients[subject]), at: moment(e.PostedAt), entry: describe(e)}
		if at := done[e.PostedAt]; len(at) == 1 {
			r.command, r.number = text(at[0].command), numbers[e.PostedAt]
			if r.number == 0 {
				r.actor, r.action, r.correlation = at[0].actor, at[0].action, at[0].correlation
				if at[0].subject != subject {
					r.about = text(at[0].subject)
				}
			}
			joined[r.command] = true
			numbers[e.PostedAt]++
		}
		rows = append(rows, r)
	}
	for _, a := range o.audit {
		command, subject := text(a.command), text(a.subject)
		if joined[command] {
			continue
		}
		r := row{id: command, command: command, subject: subject, client: text(o.clients[a.subject]), at: moment(a.at),
			actor: a.actor, action: a.action, correlation: a.correlation, refusal: a.refusal}
		if a.refusal != "" {
			r.times = a.times
		}
		if strings.HasSuffix(a.action, "_client") {
			r.client = subject
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(x, y row) int { return strings.Compare(x.id, y.id) })
	return rows
}

func moment(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// describe writes an entry down, its lines in their order.
func describe(e ledger.Entry) string {
	var b strings.Builder
	fmt.Fprint(&b, e.BusinessDate, " ", e.Kind, " ", e.Reference, " ", e.Reverses)
	for _, p := range e.Postings {
		fmt.Fprint(&b, "\n", p.Account, " ", p.Subject, " ", p.Debit, " ", p.Credit)
	}
	return b.String()
}

// readJournal reads the journal, and its lines from the view posted.
func readJournal(t *testing.T, d *db.DB) (rows []row) {
	t.Helper()
	entries := map[id.ID]*ledger.Entry{}
	batch := &db.Batch{}
	batch.Before(func() { rows = nil; clear(entries) })
	batch.Query("SELECT entry_id, business_date, kind, reference, reverses, account, subject, debit, credit FROM posted ORDER BY entry_id, line", func(s db.Scanner) error {
		var e ledger.Entry
		var p ledger.Posting
		err := s.Scan(&e.ID, &e.BusinessDate, &e.Kind, &e.Reference, &e.Reverses, &p.Account, &p.Subject, &p.Debit, &p.Credit)
		if entries[e.ID] == nil {
			entries[e.ID] = &e
		}
		entries[e.ID].Postings = append(entries[e.ID].Postings, p)
		return err
	})
	batch.Query(`SELECT id, command, number, at, subject, client_id, about, coalesce(actor, ''), coalesce(action, ''), coalesce(correlation_id, ''), coalesce(refusal, ''), coalesce(times, 0)
		FROM journal ORDER BY id`, func(s db.Scanner) error {
		var r row
		var ids [5]id.ID
		var at time.Time
		err := s.Scan(&ids[0], &ids[1], &r.number, &at, &ids[2], &ids[3], &ids[4], &r.actor, &r.action, &r.correlation, &r.refusal, &r.times)
		r.id, r.command, r.subject, r.client, r.about = text(ids[0]), text(ids[1]), text(ids[2]), text(ids[3]), text(ids[4])
		r.at = moment(at)
		if e := entries[ids[0]]; e != nil {
			r.entry = describe(*e)
		}
		rows = append(rows, r)
		return err
	})
	must(t, d.ReadPrimary(t.Context(), batch))
	return rows
}

// same compares lists and shows the first differences.
func same[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d, want %d", what, len(got), len(want))
	}
	shown := 0
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] && shown < 3 {
			t.Errorf("%s, number %d:\ngot  %+v\nwant %+v", what, i, got[i], want[i])
			shown++
		}
	}
}

// taken checks that a migrated database has all of the books of before.
func (o old) taken(t *testing.T, d *db.DB) {
	t.Helper()
	must(t, d.CheckSchema(t.Context()))
	same(t, "rows of the journal", readJournal(t, d), o.journal())
	now := read(t, d)
	texts := func(entries []ledger.Entry) (list []string) {
		for _, e := range entries {
			list = append(list, e.ID.String()+" "+moment(e.PostedAt)+" "+describe(e))
		}
		return list
	}
	same(t, "rows of the views entries and postings", texts(now.entries), texts(o.entries))
	lines := func(audit []audited) (list []string) {
		for _, a := range audit {
			list = append(list, fmt.Sprint(a))
		}
		return list
	}
	same(t, "rows of the view audit", lines(now.audit), lines(o.audit))
	o.rareAccounts(t, d)
}

// rareAccounts checks the list of the entries of the accounts that few entries touch.
func (o old) rareAccounts(t *testing.T, d *db.DB) {
	t.Helper()
	type pair struct {
		account string
		entry   id.ID
	}
	want := map[pair]bool{}
	for _, e := range o.entries {
		for _, p := range e.Postings {
			if !accounting.Common(p.Account) {
				want[pair{string(p.Account), e.ID}] = true
			}
		}
	}
	var got []pair
	batch := &db.Batch{}
	batch.Before(func() { got = nil })
	batch.Query("SELECT account, entry_id FROM journal_accounts ORDER BY account, entry_id", func(s db.Scanner) error {
		var p pair
		err := s.Scan(&p.account, &p.entry)
		got = append(got, p)
		return err
	})
	must(t, d.ReadPrimary(t.Context(), batch))
	same(t, "accounts and entries", got, slices.SortedFunc(maps.Keys(want), func(x, y pair) int {
		return cmp.Or(strings.Compare(x.account, y.account), strings.Compare(x.entry.String(), y.entry.String()))
	}))
}

// nextDay is the day after the last one with an entry.
func (o old) nextDay() (day civil.Date) {
	for _, e := range o.entries {
		if e.BusinessDate.After(day) {
			day = e.BusinessDate
		}
	}
	return day.AddDays(1)
}
