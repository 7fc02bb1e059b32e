package bank_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// values are the values of the columns of a row of the journal, in SQL.
type values map[string]string

// insert is SQL that adds a row.
func (v values) insert() string {
	columns := slices.Sorted(maps.Keys(v))
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = v[c]
	}
	return fmt.Sprintf("INSERT INTO journal (%s) VALUES (%s)", strings.Join(columns, ", "), strings.Join(list, ", "))
}

// idOf is an id made in January 2026, in SQL.
func idOf(n int) string { return fmt.Sprintf("'019bc2d0-3e00-7000-8000-%012d'", n) }

// soundRow is a row that the journal accepts, with a command and an entry.
func soundRow(d *db.DB, n int) values {
	v := values{
		"id": idOf(n), "command": idOf(n), "number": "0", "at": "'2026-01-15T16:00:00Z'", "subject": idOf(1), "actor": "'ana'", "action": "'x'",
		"business_date": "'2026-01-15'", "kind": "'x'", "reference": idOf(1), "accounts": "'{1102,1301}'", "amounts": "'{5,-5}'",
	}
	if d.Embedded() {
		delete(v, "accounts")
		delete(v, "amounts")
		v["lines"], v["at"] = `'{"1102":5,"1301":-5}'`, fmt.Sprint(time.Date(2026, 1, 15, 16, 0, 0, 0, time.UTC).UnixMicro())
	}
	return v
}

// without are values that leave columns out.
func without(columns ...string) values {
	v := values{}
	for _, c := range columns {
		v[c] = "NULL"
	}
	return v
}

// lined are the values for lines of an entry.
func lined(d *db.DB, lines ...office.Line) values {
	columns, list := office.LinesOf(d, lines...)
	names, literals := strings.Split(columns, ", "), strings.Split(list, ", ")
	if len(names) == 1 {
		literals = []string{list}
	}
	v := values{}
	for i, name := range names {
		v[name] = literals[i]
	}
	return v
}

// rowTry is a row that differs from one that the journal takes, and a part of the
// refusal of the database: none if it takes this one too.
type rowTry struct {
	name    string
	changes values
	refusal string
}

// The refusals of the database.
const (
	unbalancedPostgres = `violates check constraint "an entry balances"`
	unbalancedSQLite   = "an entry does not balance"
	neither            = "a command or an entry"
	half               = "a whole entry"
	appendOnly         = "append-only"
)

// rowTries are the rows that both databases are given.
func rowTries(d *db.DB) []rowTry {
	unbalanced, lines := unbalancedPostgres, []string{"accounts", "amounts"}
	overflow := "out of range"
	if d.Embedded() {
		unbalanced, lines, overflow = unbalancedSQLite, []string{"lines"}, "overflow"
	}
	entry := append([]string{"business_date", "kind", "reference"}, lines...)
	line := func(account string, amount int64) office.Line { return office.Line{Account: account, Amount: amount} }
	tries := []rowTry{
		{"as it is", values{}, ""},
		{"a command alone", without(entry...), ""},
		{"an entry alone", without("actor", "action"), ""},
		{"memorandum accounts alone", lined(d, line("7102", 5), line("7902", -5)), ""},
		{"memorandum accounts beside others", lined(d, line("1102", 3), line("7102", 5), line("1301", -3), line("7902", -5)), ""},
		{"an account twice", lined(d, line("1102", 5), line("1301", -2), line("1301", -3)), ""},
		{"a sum above zero", lined(d, line("1102", 5), line("1301", -4)), unbalanced},
		{"a sum below zero", lined(d, line("1102", 4), line("1301", -5)), unbalanced},
		{"no line", lined(d), unbalanced},
		{"one line", lined(d, line("1102", 5)), unbalanced},
		{"one line of zero", lined(d, line("1102", 0)), unbalanced},
		{"a line of zero among others", lined(d, line("1102", 5), line("1302", 0), line("1301", -5)), unbalanced},
		{"lines of zero", lined(d, line("1102", 0), line("1301", 0)), unbalanced},
		{"a memorandum account with another", lined(d, line("7102", 5), line("1102", -5)), unbalanced},
		{"a memorandum account that is credited", lined(d, line("7902", -5), line("1102", 5)), unbalanced},
		{"memorandum accounts that balance with others only", lined(d, line("7102", 5), line("7902", -4), line("1102", -1)), unbalanced},
		{"a memorandum account that the chart does not have", lined(d, line("7", 5), line("1102", -5)), unbalanced},
		{"a sum of zero in 64 bits alone", lined(d, line("1102", 1<<62), line("1301", 1<<62), line("1302", 1<<62), line("1410", 1<<62)), overflow},
		{"neither a command nor an entry", without(append(entry, "actor", "action")...), neither},
		{"an actor without an action", without("action"), neither},
		{"an action without an actor", without("actor"), neither},
		{"a command that reverses", with(without(entry...), "reverses", idOf(2)), half},
		{"a command without an entry that is about something else", with(without(entry...), "about", idOf(2)), half},
	}
	for _, column := range entry {
		tries = append(tries, rowTry{"an entry without " + column, without(column), half})
		if column != "kind" {
			tries = append(tries, rowTry{"an entry of a " + column + " alone", with(without(entry...), column, soundRow(d, 0)[column]), half})
		}
	}
	for _, column := range []string{"command", "number", "at", "subject"} {
		tries = append(tries, rowTry{"no " + column, without(column), column})
	}
	if d.Embedded() {
		return append(tries, rowTry{"no id", without("id"), "journal.id"})
	}
	return append(tries, rowTry{"no id", without("id"), "no partition"})
}

// with adds a value to others.
func with(v values, column, value string) values {
	v[column] = value
	return v
}

// arrayTries are arrays that PostgreSQL is given.
func arrayTries() []rowTry {
	arrays := func(accounts, amounts string) values { return values{"accounts": accounts, "amounts": amounts} }
	return []rowTry{
		{"subjects and branches", values{"subjects": array(idOf(2), "NULL"), "branches": array("NULL", idOf(3))}, ""},
		{"an account that is NULL", arrays("'{1102,NULL}'", "'{5,-5}'"), unbalancedPostgres},
		{"an amount that is NULL", arrays("'{1102,1301,1302}'", "'{5,-5,NULL}'"), unbalancedPostgres},
		{"more accounts", arrays("'{1102,1301,1302}'", "'{5,-5}'"), unbalancedPostgres},
		{"more amounts", arrays("'{1102,1301}'", "'{5,-5,0}'"), unbalancedPostgres},
		{"amounts counted from 0", arrays("'{1102,1301}'", "'[0:1]={5,-5}'"), unbalancedPostgres},
		{"accounts in two dimensions", arrays("'{{1102,1301}}'", "'{{5,-5}}'"), unbalancedPostgres},
		{"fewer subjects", values{"subjects": array(idOf(2))}, unbalancedPostgres},
		{"more subjects", values{"subjects": array(idOf(2), idOf(2), idOf(2))}, unbalancedPostgres},
		{"fewer branches", values{"branches": array(idOf(2))}, unbalancedPostgres},
		{"more branches", values{"branches": array(idOf(2), idOf(2), idOf(2))}, unbalancedPostgres},
		{"a fraction", arrays("'{1102,1301}'", "'{5.5,-5.5}'"), "invalid input syntax"},
		{"subjects without an entry", with(without("business_date", "kind", "reference", "accounts", "amounts"), "subjects", array(idOf(2))), half},
		{"branches without an entry", with(without("business_date", "kind", "reference", "accounts", "amounts"), "branches", array(idOf(2))), half},
	}
}

func array(elements ...string) string { return "ARRAY[" + strings.Join(elements, ", ") + "]::UUID[]" }

// jsonTries are the texts that SQLite is given.
func jsonTries() (tries []rowTry) {
	for lines, refusal := range map[string]string{
		`{"1102/` + strings.Trim(idOf(2), "'") + `":5,"1301/` + strings.Trim(idOf(2), "'") + "/" + strings.Trim(idOf(3), "'") + `":-5}`: "",
		`{"1102":"5","1301":-5}`:                                   unbalancedSQLite,
		`{"1102":"5","1301":"-5"}`:                                 unbalancedSQLite,
		`{"1102":5.5,"1301":-5.5}`:                                 unbalancedSQLite,
		`{"1102":5.0,"1301":-5.0}`:                                 unbalancedSQLite,
		`{"1102":true,"1301":-1}`:                                  unbalancedSQLite,
		`{"1102":5,"1301":-5,"2":null}`:                            unbalancedSQLite,
		`{"1102":5,"1301":-5,"2":[1]}`:                             unbalancedSQLite,
		`{"1102":5,"1301":-5,"2":{}}`:                              unbalancedSQLite,
		`{"1102":9223372036854775808,"1301":-9223372036854775808}`: unbalancedSQLite,
		`[5,-5]`:                unbalancedSQLite,
		`null`:                  unbalancedSQLite,
		`5`:                     unbalancedSQLite,
		``:                      unbalancedSQLite,
		` {"1102":5,"1301":-5}`: unbalancedSQLite,
		`{`:                     "malformed JSON",
	} {
		tries = append(tries, rowTry{"the lines " + lines, values{"lines": "'" + lines + "'"}, refusal})
	}
	return tries
}

// try executes a statement.
func try(t *testing.T, d *db.DB, sql string) error {
	t.Helper()
	s := d.Session()
	defer s.Close()
	if err := s.Begin(t.Context(), &db.Batch{}); err != nil {
		t.Fatal(err)
	}
	save := &db.Batch{}
	save.Exec(sql)
	_, err := s.Commit(t.Context(), save)
	return err
}

// wantRefusal fails the test unless the error is the refusal, or there is none and none is wanted.
func wantRefusal(t *testing.T, what, refusal string, err error) {
	t.Helper()
	if refusal == "" && err != nil || refusal != "" && (err == nil || !strings.Contains(err.Error(), refusal)) {
		t.Errorf("%s: got %v, want %q", what, err, refusal)
	}
}

// TestTheDatabaseKeepsTheRulesOfTheJournal: a row of the journal that breaks one of
// them is refused, whoever writes it.
func TestTheDatabaseKeepsTheRulesOfTheJournal(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		tries := slices.Concat(rowTries(d), jsonTries())
		if !d.Embedded() {
			tries = slices.Concat(rowTries(d), arrayTries())
			office.Run(t, d, "SELECT make_month('journal', '2026-01-15')")
		}
		taken := int64(0)
		for i, c := range tries {
			row := soundRow(d, 100+i)
			maps.Copy(row, c.changes)
			wantRefusal(t, c.name, c.refusal, try(t, d, row.insert()))
			if c.refusal == "" {
				taken++
			}
		}
		wantRefusal(t, "an id that is taken", "journal", try(t, d, soundRow(d, 100).insert()))
		if n := office.Count(t, d, "SELECT count(*) FROM journal"); n != taken {
			t.Errorf("got %d rows in the journal, want %d", n, taken)
		}
	})
}

// TestTheBooksTakeNoChange: what was posted, the lists of it and the schedules of
// loans can neither be changed nor removed, nor can the views be written to.
func TestTheBooksTakeNoChange(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		o.WorkedExample()
		was := recorded(t, d)
		tables := map[string]string{"journal": "kind = 'x'", "journal_accounts": "account = 'x'", "loan_versions": "level = 0"}
		const row, version = "SELECT * FROM journal LIMIT 1", "SELECT * FROM loan_versions LIMIT 1"
		var statements []string
		if d.Embedded() {
			statements = append(statements, "REPLACE INTO journal "+row, "UPDATE OR REPLACE journal SET kind = 'x'", "REPLACE INTO loan_versions "+version,
				"INSERT INTO journal "+row+" ON CONFLICT DO UPDATE SET kind = 'x'")
		} else {
			tables["journal_2026_01"], tables["journal_2026_02"] = tables["journal"], tables["journal"]
			statements = append(statements, "INSERT INTO journal "+row+" ON CONFLICT (id) DO UPDATE SET kind = 'x'", "TRUNCATE loans CASCADE", "TRUNCATE ONLY journal_2026_01")
			for table := range tables {
				statements = append(statements, "TRUNCATE "+table)
			}
		}
		for table, set := range tables {
			statements = append(statements, "UPDATE "+table+" SET "+set, "DELETE FROM "+table)
		}
		for _, sql := range statements {
			wantRefusal(t, sql, appendOnly, try(t, d, sql))
		}
		for view, set := range map[string]string{"entries": "kind = 'x'", "postings": "account = 'x'", "audit": "action = 'x'", "posted": "account = 'x'"} {
			insert, change := "view", "view"
			if !d.Embedded() && (view == "entries" || view == "audit") { // PostgreSQL would write to the journal through these
				change = appendOnly
			}
			if !d.Embedded() && view == "entries" {
				insert = `null value in column "command"`
			}
			wantRefusal(t, "INSERT INTO "+view, insert, try(t, d, fmt.Sprintf("INSERT INTO %[1]s SELECT * FROM %[1]s", view)))
			wantRefusal(t, "UPDATE "+view, change, try(t, d, fmt.Sprintf("UPDATE %s SET %s", view, set)))
			wantRefusal(t, "DELETE FROM "+view, change, try(t, d, "DELETE FROM "+view))
		}
		if got := recorded(t, d); !slices.Equal(got, was) {
			t.Errorf("got the books\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(was, "\n"))
		}
		office.Sound(t, d)
	})
}

// recorded returns the entries, their lists and the schedules as text.
func recorded(t *testing.T, d *db.DB) (list []string) {
	t.Helper()
	batch := &db.Batch{}
	for _, sql := range []string{"SELECT CAST(id AS text), coalesce(kind, ''), coalesce(action, '') FROM journal ORDER BY id",
		"SELECT CAST(entry_id AS text), account, CAST(amount AS text) FROM posted ORDER BY entry_id, line",
		"SELECT CAST(entry_id AS text), account, '' FROM journal_accounts ORDER BY entry_id, account",
		"SELECT CAST(loan_id AS text), terms, CAST(level AS text) FROM loan_versions ORDER BY loan_id, serial"} {
		batch.Query(sql, func(s db.Scanner) error {
			var a, b, c string
			err := s.Scan(&a, &b, &c)
			list = append(list, a+" "+b+" "+c)
			return err
		})
	}
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return list
}

// postedLine is a row of the view posted.
type postedLine struct {
	entry, command, reference, reverses, client id.ID
	day                                         civil.Date
	at                                          time.Time
	kind                                        string
	account                                     ledger.Account
	subject, branch                             id.ID
	amount, debit, credit                       int64
}

// postedLines reads the view.
func postedLines(t *testing.T, d *db.DB) (lines []postedLine) {
	t.Helper()
	batch := &db.Batch{}
	batch.Query(`SELECT entry_id, command, reference, reverses, client_id, business_date, posted_at, kind, account, subject, branch, amount, debit, credit
		FROM posted ORDER BY entry_id, line`, func(s db.Scanner) error {
		var l postedLine
		var account string
		err := s.Scan(&l.entry, &l.command, &l.reference, &l.reverses, &l.client, &l.day, &l.at, &l.kind, &account, &l.subject, &l.branch, &l.amount, &l.debit, &l.credit)
		l.account = ledger.Account(account)
		lines = append(lines, l)
		return err
	})
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return lines
}

// idAt is the id of idOf.
func idAt(n int) id.ID {
	x, err := id.Parse(strings.Trim(idOf(n), "'"))
	if err != nil {
		panic(err)
	}
	return x
}

// TestLinesReadBack: lines that have their own subject, and a branch, read back
// through the view as they were written.
func TestLinesReadBack(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		row := soundRow(d, 9)
		maps.Copy(row, values{"command": idOf(8), "reference": idOf(7), "reverses": idOf(6), "client_id": idOf(5)})
		if d.Embedded() {
			key := func(account string, of ...int) string {
				for _, n := range of {
					account += "/" + strings.Trim(idOf(n), "'")
				}
				return `"` + account + `":`
			}
			row["lines"] = "'{" + key("2401") + "-1," + key("1102", 2) + "7," + key("1301", 3, 4) + "-4," + key("1301", 1, 4) + "-2}'"
		} else {
			office.Run(t, d, "SELECT make_month('journal', '2026-01-15')")
			maps.Copy(row, values{"accounts": "'{2401,1102,1301,1301}'", "amounts": "'{-1,7,-4,-2}'", "subjects": array("NULL", idOf(2), idOf(3), idOf(1)), "branches": array("NULL", "NULL", idOf(4), idOf(4))})
		}
		office.Run(t, d, row.insert())
		line := func(account ledger.Account, subject, branch id.ID, amount int64) postedLine {
			return postedLine{
				entry: idAt(9), command: idAt(8), reference: idAt(7), reverses: idAt(6), client: idAt(5), day: civil.Date{Year: 2026, Month: 1, Day: 15},
				at: time.Date(2026, 1, 15, 16, 0, 0, 0, time.UTC), kind: "x", account: account, subject: subject, branch: branch, amount: amount, debit: max(amount, 0), credit: max(-amount, 0),
			}
		}
		want := []postedLine{line("2401", idAt(1), id.ID{}, -1), line("1102", idAt(2), id.ID{}, 7), line("1301", idAt(3), idAt(4), -4), line("1301", idAt(1), idAt(4), -2)}
		if got := postedLines(t, d); !slices.Equal(got, want) {
			t.Errorf("got posted\n%v\nwant\n%v", got, want)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM postings WHERE line IN (0, 1, 2, 3)"); n != 4 {
			t.Errorf("got %d lines in postings, want 4, counted from 0", n)
		}
	})
}

// posts is a command that posts entries of these tests, each of a subject.
type posts struct {
	loan    id.ID // locked, if there is one
	entries [][]ledger.Posting
	about   id.ID // what the command is about, if not itself
}

func (posts) Name() string                  { return "post" }
func (posts) Permission() access.Permission { return accounting.Write }
func (posts) Check(bank.Rules) error        { return nil }
func (p posts) Needs(n *bank.Needs)         { lockedLoan.Need(n, p.loan) }
func (p posts) Decide(b *bank.Book) (time.Time, error) {
	b.Subject(p.about)
	for _, lines := range p.entries {
		e := ledger.Entry{ID: b.NewID(), BusinessDate: b.Today(), PostedAt: b.Now(), Kind: "x", Reference: p.about, Client: idAt(5), Postings: lines}
		if err := b.Post(e); err != nil {
			return b.Now(), err
		}
	}
	return b.Now(), nil
}

// TestEntriesReadBack: what commands post reads back through the view: of one
// subject or of several, of other branches, an entry or two.
func TestEntriesReadBack(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		c := posts{about: idAt(1), entries: [][]ledger.Posting{
			{{Account: "1102", Subject: idAt(2), Debit: 7}, {Account: "1301", Subject: idAt(2), Credit: 7}},
			{{Account: "1102", Subject: idAt(1), Debit: 9}, {Account: "1301", Subject: idAt(3), Branch: idAt(6), Credit: 4}, {Account: "1301", Subject: idAt(4), Branch: staff.HeadOffice, Credit: 3}, {Account: "1301", Subject: idAt(1), Credit: 2}},
		}}
		at := office.Do(o, "ana", c)
		got := postedLines(t, d)
		if len(got) != 6 || got[0].entry == got[2].entry || got[0].command != got[5].command {
			t.Fatalf("got posted %v, want six lines of two entries of one command", got)
		}
		var want []postedLine
		for i, p := range slices.Concat(c.entries...) {
			if staff.IsHeadOffice(p.Branch) {
				p.Branch = id.ID{} // stored as NULL
			}
			want = append(want, postedLine{
				entry: got[i].entry, command: got[0].command, reference: c.about, client: idAt(5), day: civil.Date{Year: 2026, Month: 1, Day: 15}, at: at, kind: "x",
				account: p.Account, subject: p.Subject, branch: p.Branch, amount: int64(p.Debit - p.Credit), debit: int64(p.Debit), credit: int64(p.Credit),
			})
		}
		if !slices.Equal(got, want) {
			t.Errorf("got posted\n%v\nwant\n%v", got, want)
		}
		audit := fmt.Sprintf("SELECT count(*) FROM audit WHERE command = '%s' AND subject = '%s' AND actor = 'ana' AND action = 'post'", got[0].command, idAt(1))
		if n := office.Count(t, d, audit); n != 1 {
			t.Errorf("got %d audit lines of the command, want 1", n)
		}
	})
}
