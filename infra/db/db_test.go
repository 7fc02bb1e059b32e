package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/infra/db"
	"sofipo/test/ground"
)

// run executes statements in one transaction.
func run(ctx context.Context, d *db.DB, statements ...string) (uint64, error) {
	batch := &db.Batch{}
	for _, sql := range statements {
		batch.Exec(sql)
	}
	return commit(ctx, d, batch)
}

func commit(ctx context.Context, d *db.DB, batch *db.Batch) (uint64, error) {
	s := d.Session()
	defer s.Close()
	if err := s.Begin(ctx, &db.Batch{}); err != nil {
		return 0, err
	}
	return s.Commit(ctx, batch)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// number reads one whole number on the primary.
func number(t *testing.T, d *db.DB, sql string, args ...any) (n int64) {
	t.Helper()
	batch := &db.Batch{}
	batch.Query(sql, func(s db.Scanner) error { return s.Scan(&n) }, args...)
	must(t, d.ReadPrimary(t.Context(), batch))
	return n
}

func TestMigrate(t *testing.T) {
	for _, name := range []string{ground.SQLite, ground.Postgres} {
		t.Run(name, func(t *testing.T) {
			d, err := db.Open(ground.Config(t, name))
			must(t, err)
			t.Cleanup(d.Close)
			if err := d.CheckSchema(t.Context()); !errors.Is(err, db.ErrSchema) {
				t.Errorf("an empty database: got %v, want %v", err, db.ErrSchema)
			}
			steps, err := d.Migrate(t.Context())
			if err != nil || steps == 0 {
				t.Errorf("first: got %d steps, %v, want some", steps, err)
			}
			if steps, err = d.Migrate(t.Context()); err != nil || steps != 0 {
				t.Errorf("second: got %d steps, %v, want none", steps, err)
			}
			must(t, d.CheckSchema(t.Context()))
			must(t, d.Ping(t.Context()))
			if (name == ground.SQLite) != d.Embedded() {
				t.Errorf("%s: got Embedded %v, want %v", name, d.Embedded(), name == ground.SQLite)
			}
		})
	}
}

// TestFeesThatStayDeferredAreNotCarriedOver: books of before origination fees
// became income are refused, those without one are not.
func TestFeesThatStayDeferredAreNotCarriedOver(t *testing.T) {
	for _, name := range []string{ground.SQLite, ground.Postgres} {
		t.Run(name, func(t *testing.T) {
			d := openBefore(t, name, 3)
			_, err := run(t.Context(), d, books(d, "5101")...)
			must(t, err)
			if steps, err := d.Migrate(t.Context()); err != nil || steps == 0 {
				t.Fatalf("without fees: got %d steps, %v, want some", steps, err)
			}
			if n := number(t, d, "SELECT count(*) FROM posted WHERE account = '5101' AND credit = 1"); n != 1 {
				t.Errorf("without fees: got %d postings of the account, want 1", n)
			}

			d = openBefore(t, name, 3)
			_, err = run(t.Context(), d, append(books(d, "5101"), books(d, "5302")...)...)
			must(t, err)
			if _, err := d.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "opening fees never amortised: start with an empty database") {
				t.Errorf("with fees that stay deferred: got %v, want an error with opening fees never amortised: start with an empty database", err)
			}
			if err := d.CheckSchema(t.Context()); !errors.Is(err, db.ErrSchema) {
				t.Errorf("after the refusal: got %v, want %v", err, db.ErrSchema)
			}
			if n := number(t, d, "SELECT count(*) FROM postings"); n != 4 {
				t.Errorf("after the refusal: got %d postings, want 4", n)
			}
		})
	}
}

// openBefore opens an empty database of a program before the journal, up to one of its
// migrations.
func openBefore(t *testing.T, name string, version int64) *db.DB {
	t.Helper()
	d, err := db.Open(ground.Config(t, name))
	must(t, err)
	t.Cleanup(d.Close)
	must(t, d.MigrateAsBefore(t.Context(), version))
	return d
}

// beforeLayouts is the last migration before that of the layout of events, beforeJournal the
// last before that of the journal, beforeEpochs the last
// before that of the epochs, and beforeStaff the last before that of the branches.
var (
	beforeLayouts = map[string]int64{ground.SQLite: 5, ground.Postgres: 6}
	beforeJournal = map[string]int64{ground.SQLite: 7, ground.Postgres: 8}
	beforeEpochs  = map[string]int64{ground.SQLite: 10, ground.Postgres: 11}
	beforeStaff   = map[string]int64{ground.SQLite: 11, ground.Postgres: 12}
)

// TestWaitingEventsAreCarriedOver: what lies in the outbox when the column for the
// layout comes stays there, without a layout.
func TestWaitingEventsAreCarriedOver(t *testing.T) {
	for _, name := range []string{ground.SQLite, ground.Postgres} {
		t.Run(name, func(t *testing.T) {
			d := openBefore(t, name, beforeLayouts[name])
			_, err := run(t.Context(), d, "INSERT INTO outbox (body, stale, teller) VALUES ('{\"a\":1}', 'k', 'n'), ('{}', '', '')")
			must(t, err)
			if _, err := run(t.Context(), d, "UPDATE outbox SET layout = NULL"); err == nil {
				t.Fatal("got no error, want one: the column is there before its migration and nothing is tested")
			}
			if steps, err := d.Migrate(t.Context()); err != nil || steps == 0 {
				t.Fatalf("got %d steps, %v, want some", steps, err)
			}
			var got []string
			batch := &db.Batch{}
			batch.Query("SELECT body, stale, node, layout FROM outbox ORDER BY position", func(s db.Scanner) error {
				var body, stale, node string
				var layout []byte
				err := s.Scan(&body, &stale, &node, &layout)
				got = append(got, fmt.Sprintf("%s %s %s %v", body, stale, node, layout == nil))
				return err
			})
			must(t, d.ReadPrimary(t.Context(), batch))
			if want := []string{`{"a":1} k n true`, "{}   true"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestTheChainIsCarriedOver: the chain stays where it is, in the first epoch.
func TestTheChainIsCarriedOver(t *testing.T) {
	for _, name := range []string{ground.SQLite, ground.Postgres} {
		t.Run(name, func(t *testing.T) {
			d, err := db.Open(ground.Config(t, name))
			must(t, err)
			t.Cleanup(d.Close)
			must(t, d.MigrateTo(t.Context(), beforeEpochs[name]))
			_, err = run(t.Context(), d, "UPDATE chain SET sequence = 1700, hash = 'ab' WHERE id = 1")
			must(t, err)
			if _, err := run(t.Context(), d, "DELETE FROM epochs"); err == nil {
				t.Fatal("got no error, want one: the table is there before its migration and nothing is tested")
			}
			if steps, err := d.Migrate(t.Context()); err != nil || steps == 0 {
				t.Fatalf("got %d steps, %v, want some", steps, err)
			}
			var sequence, epochs int64
			var hash, server string
			batch := &db.Batch{}
			batch.Query("SELECT sequence, hash, server, (SELECT count(*) FROM epochs) FROM chain", func(s db.Scanner) error {
				return s.Scan(&sequence, &hash, &server, &epochs)
			})
			must(t, d.ReadPrimary(t.Context(), batch))
			if sequence != 1700 || hash != "ab" || server != "" || epochs != 0 {
				t.Errorf("got sequence %d, hash %q, server %q, %d epochs, want 1700, ab, none, none", sequence, hash, server, epochs)
			}
		})
	}
}

// TestOlderProgramsRefuse: a program before the journal, which counts its migrations
// in another table, finds none of them, and cannot run the first.
func TestOlderProgramsRefuse(t *testing.T) {
	for _, name := range []string{ground.SQLite, ground.Postgres} {
		t.Run(name, func(t *testing.T) {
			d := openBefore(t, name, beforeJournal[name])
			if version, err := d.VersionBefore(t.Context()); err != nil || version != beforeJournal[name] {
				t.Fatalf("before: got version %d, %v; want %d", version, err, beforeJournal[name])
			}
			_, err := run(t.Context(), d, books(d, "5101")...)
			must(t, err)
			_, err = d.Migrate(t.Context())
			must(t, err)
			table := "SELECT count(*) FROM information_schema.tables WHERE table_name = 'goose_db_version'"
			if d.Embedded() {
				table = "SELECT count(*) FROM sqlite_master WHERE name = 'goose_db_version'"
			}
			if n := number(t, d, table); n != 0 {
				t.Errorf("got %d tables with the versions of before, want 0", n)
			}
			for range 2 { // the first try makes that table
				if version, err := d.VersionBefore(t.Context()); err != nil || version != 0 {
					t.Errorf("afterwards: got version %d, %v; want 0", version, err)
				}
				if err := d.MigrateAsBefore(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "already exists") {
					t.Errorf("its first migration: got %v, want an error that a table exists", err)
				}
			}
			if n := number(t, d, "SELECT count(*) FROM journal"); n != 1 {
				t.Errorf("got %d rows in the journal, want 1", n)
			}
			must(t, d.CheckSchema(t.Context()))
			if steps, err := d.Migrate(t.Context()); err != nil || steps != 0 {
				t.Errorf("this program afterwards: got %d steps, %v, want none", steps, err)
			}
		})
	}
}

// TestASchemaThatIsNewer: both Migrate and CheckSchema refuse it.
func TestASchemaThatIsNewer(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		_, err := run(t.Context(), d, "INSERT INTO schema_versions (version_id, is_applied) VALUES (99, TRUE)")
		must(t, err)
		if steps, err := d.Migrate(t.Context()); steps != 0 || !errors.Is(err, db.ErrNewer) || !strings.Contains(err.Error(), "version 99") {
			t.Errorf("Migrate: got %d steps, %v; want %v", steps, err, db.ErrNewer)
		}
		if err := d.CheckSchema(t.Context()); !errors.Is(err, db.ErrNewer) {
			t.Errorf("CheckSchema: got %v, want %v", err, db.ErrNewer)
		}
	})
}

// books are statements for an entry that credits an account.
func books(d *db.DB, account string) []string {
	entry, moment := fmt.Sprintf("'00000000-0000-7000-8000-00000000%s'", account), "'2026-01-15 12:00:00+00'"
	if d.Embedded() {
		moment = "0"
	}
	return []string{
		fmt.Sprintf("INSERT INTO postings (entry_id, line, account, subject, debit, credit) VALUES (%[1]s, 0, '1102', %[1]s, 1, 0), (%[1]s, 1, '%[2]s', %[1]s, 0, 1)", entry, account),
		fmt.Sprintf("INSERT INTO entries (id, business_date, posted_at, kind, reference) VALUES (%[1]s, '2026-01-15', %[2]s, 'manual', %[1]s)", entry, moment),
	}
}

func TestTwoNodesMigrateAtOnce(t *testing.T) {
	cfg := ground.Config(t, ground.Postgres)
	type outcome struct {
		steps int
		err   error
	}
	outcomes := make(chan outcome)
	for range 3 {
		d, err := db.Open(cfg)
		must(t, err)
		t.Cleanup(d.Close)
		go func() {
			steps, err := d.Migrate(context.WithoutCancel(t.Context()))
			outcomes <- outcome{steps, err}
		}()
	}
	took := 0
	for range 3 {
		o := <-outcomes
		if o.err != nil {
			t.Errorf("got %v, want no error", o.err)
		}
		if o.steps > 0 {
			took++
		}
	}
	if took != 1 {
		t.Errorf("got the migrations run by %d nodes, want 1", took)
	}
}

func TestConflictNamesTheKey(t *testing.T) {
	const x, y, z = "'00000000-0000-7000-8000-000000000001'", "'00000000-0000-7000-8000-000000000002'", "'00000000-0000-7000-8000-000000000003'"
	ground.Each(t, func(t *testing.T, d *db.DB) {
		moment, yes, blob := "0", "1", "x'00'"
		if !d.Embedded() {
			moment, yes, blob = "now()", "TRUE", `'\x00'`
		}
		client := "INSERT INTO clients (id, rfc, email, full_name, loans, created_at, number) VALUES (%s, '%s', '%s', 'x', 0, " + moment + ", %d)"
		claim := "INSERT INTO client_claims (client_id, value, kind) VALUES (%s, '%s', '%s')"
		user := "INSERT INTO users (id, username, password, role, disabled, created_at, password_at) VALUES (%s, '%s', 'x', 'x', " + yes + ", " + moment + ", " + moment + ")"
		record := "INSERT INTO idempotency (username, operation, key, request_hash, answer, created_at) VALUES ('u', '%s', '%s', " + blob + ", " + blob + ", " + moment + ")"
		_, err := run(t.Context(), d, fmt.Sprintf(client, x, "R1", "E1", 1), fmt.Sprintf(claim, x, "V1", "rfc"), fmt.Sprintf(claim, x, "V1", "email"), fmt.Sprintf(user, x, "U1"), fmt.Sprintf(record, "O1", "K1"), fmt.Sprintf(record, "O2", "K1"))
		must(t, err)
		for sql, want := range map[string]string{
			fmt.Sprintf(claim, y, "V1", "rfc"): "client_claims.value",
			fmt.Sprintf(user, y, "U1"):         "users.username",
			fmt.Sprintf(record, "O1", "K1"):    "idempotency.key",
		} {
			_, err := run(t.Context(), d, fmt.Sprintf(client, z, "R3", "E3", 3), sql)
			if key, is := db.Conflict(err); !is || key != want || !db.Refused(err) || errors.Is(err, db.ErrUnknownOutcome) {
				t.Errorf("%v: got the conflict %q %t, want %s", err, key, is, want)
			}
		}
		for _, sql := range []string{ // refused, but no unique key's
			"UPDATE clients SET loans = -1",
			"INSERT INTO loans (id, client_id, amount, rate, term_months, status, balance, granted_at) VALUES (" + x + ", " + z + ", 1, 0, 1, 'ACTIVE', 1, " + moment + ")",
			"UPDATE clients SET full_name = NULL",
		} {
			_, err := run(t.Context(), d, sql)
			if key, is := db.Conflict(err); is || !db.Refused(err) {
				t.Errorf("%s: got %v, conflict %q, want a refusal, no conflict", sql, err, key)
			}
		}
		if n := number(t, d, "SELECT count(*) FROM clients"); n != 1 {
			t.Errorf("got %d clients, want 1 and nothing of the refused batch", n)
		}
		if _, is := db.Conflict(nil); is || db.Refused(nil) || db.Refused(context.DeadlineExceeded) {
			t.Error("got a conflict or a refusal without an answer of the database, want neither")
		}
	})
}

// kinds is a row with a column of every kind.
type kinds struct {
	key    int64
	ref    id.ID // may be zero
	amount money.Amount
	apr    rate.Annual
	text   string
	raw    []byte
	at     time.Time
	day    civil.Date
	flag   bool
	status loan.Status
	months int32
}

var kindColumns = []db.Column{db.Int("n"), db.ID("ref"), db.Int("amount"), db.Int("apr"), db.Text("txt"), db.Bytes("raw"),
	db.Time("at"), db.Day("d"), db.Bool("flag"), db.Text("status"), db.Int("months")}

func (k kinds) values() []any {
	return []any{k.key, k.ref, int64(k.amount), int64(k.apr), k.text, k.raw, k.at, k.day, k.flag, string(k.status), int64(k.months)}
}

func (k *kinds) scan(s db.Scanner) error {
	return s.Scan(&k.key, &k.ref, &k.amount, &k.apr, &k.text, &k.raw, &k.at, &k.day, &k.flag, &k.status, &k.months)
}

func makeKinds(t *testing.T, d *db.DB) {
	t.Helper()
	sql := `CREATE TABLE kinds (n INTEGER PRIMARY KEY, ref TEXT, amount INTEGER NOT NULL, apr INTEGER NOT NULL, txt TEXT NOT NULL, raw BLOB NOT NULL,
		at INTEGER NOT NULL, d TEXT NOT NULL, flag INTEGER NOT NULL, status TEXT NOT NULL, months INTEGER NOT NULL) STRICT`
	if !d.Embedded() {
		sql = `CREATE TABLE kinds (n BIGINT PRIMARY KEY, ref UUID, amount BIGINT NOT NULL, apr BIGINT NOT NULL, txt TEXT NOT NULL, raw BYTEA NOT NULL,
			at TIMESTAMPTZ NOT NULL, d DATE NOT NULL, flag BOOLEAN NOT NULL, status TEXT NOT NULL, months INTEGER NOT NULL)`
	}
	_, err := run(t.Context(), d, sql)
	must(t, err)
}

func TestEveryKindOfColumnComesBack(t *testing.T) {
	mexico := time.FixedZone("CST", -6*3600)
	rows := []kinds{
		{1, id.ID{0x01, 0x90, 15: 0xff}, 999_999_999_999_999, 150_000, "Ñandú 'x' $1 ?1 ::bigint", []byte{0, 1, 255, '\\'},
			time.Date(2026, 11, 23, 23, 59, 59, 999_999_000, mexico), civil.Date{Year: 2026, Month: 11, Day: 23}, true, loan.PaidOff, 2147483647},
		{2, id.ID{}, -1, 0, "", []byte{}, time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC), civil.Date{Year: 1900, Month: 2, Day: 28}, false, "", 0},
		{3, id.ID{15: 1}, -9_223_372_036_854_775_808, 1_000_000, "\u2028\t\n\"", []byte("x"), time.Unix(0, 0), civil.Date{Year: 9999, Month: 12, Day: 31}, true, "ACTIVE", -1},
	}
	ground.Each(t, func(t *testing.T, d *db.DB) {
		rows := slices.Clone(rows)
		makeKinds(t, d)
		save := db.Insert("kinds", kindColumns...).Rows()
		for _, k := range rows {
			save.Add(k.values()...)
		}
		if save.Len() != len(rows) {
			t.Errorf("got %v rows to save, want %v", save.Len(), len(rows))
		}
		batch := &db.Batch{}
		batch.Save(save)
		batch.Save(db.Insert("kinds", kindColumns...).Rows()) // of no rows: no statement
		token, err := commit(t.Context(), d, batch)
		must(t, err)
		sameKinds(t, d, token, rows)

		rows[0].ref, rows[1].ref = rows[1].ref, rows[0].ref
		for i := range rows { // every column but the key changes
			rows[i].amount++
			rows[i].text, rows[i].raw = rows[i].text+"!", append(rows[i].raw, 7)
			rows[i].at, rows[i].flag = rows[i].at.Add(time.Microsecond), !rows[i].flag
		}
		change := db.Update("kinds", kindColumns[:1], kindColumns[1:]...).Rows()
		for _, k := range rows[:2] {
			change.Add(k.values()...)
		}
		change.Add(append([]any{int64(77)}, rows[2].values()[1:]...)...) // of no row: changes none
		batch = &db.Batch{}
		batch.Save(change)
		_, err = commit(t.Context(), d, batch)
		must(t, err)
		if n := number(t, d, "SELECT count(*) FROM kinds"); n != 3 {
			t.Errorf("got %d rows after an update, want 3", n)
		}
		token, err = run(t.Context(), d, "DELETE FROM kinds WHERE n = 3")
		must(t, err)
		sameKinds(t, d, token, rows[:2])
	})
}

// However many rows there are, each is saved once: SQLite takes
// them in statements of several.
func TestAnyNumberOfRowsIsSaved(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		makeKinds(t, d)
		insert := db.Insert("kinds", kindColumns...)
		made := func(n int64) kinds {
			k := kinds{n, id.ID{1, 15: byte(n)}, money.Amount(1<<53 + n), rate.Annual(n), fmt.Sprint("text ", n), []byte{byte(n), 0},
				time.UnixMicro(n).UTC(), civil.Date{Year: 2026, Month: 1, Day: 1}.AddDays(int(n)), n%2 == 0, loan.Active, int32(n)}
			if n%3 == 0 {
				k.ref = id.ID{}
			}
			return k
		}
		for _, count := range []int64{1, 3, 4, 5, 15, 16, 63, 64, 65, 149, 200} {
			save := insert.Rows()
			for n := range count {
				save.Add(made(n).values()...)
			}
			batch := &db.Batch{}
			batch.Save(save)
			_, err := commit(t.Context(), d, batch)
			must(t, err)
			next := int64(0)
			batch = &db.Batch{}
			batch.Query("SELECT n, ref, amount, apr, txt, raw, at, d, flag, status, months FROM kinds ORDER BY n", func(s db.Scanner) error {
				var k kinds
				err := k.scan(s)
				if got, want := fmt.Sprint(k), fmt.Sprint(made(next)); got != want {
					t.Errorf("of %d rows: got %s, want %s", count, got, want)
				}
				next++
				return err
			})
			must(t, d.ReadPrimary(t.Context(), batch))
			if next != count {
				t.Errorf("got %d rows saved, want %d", next, count)
			}

			again := insert.Rows() // one that is there already, after all that are new
			for n := range count {
				again.Add(made(count + n).values()...)
			}
			again.Add(made(0).values()...)
			batch = &db.Batch{}
			batch.Save(again)
			if _, err := commit(t.Context(), d, batch); !db.Refused(err) {
				t.Errorf("a row twice: got %v, want a refusal", err)
			}
			if n := number(t, d, "SELECT count(*) FROM kinds"); n != count {
				t.Errorf("got %d rows after a refusal, want %d", n, count)
			}
			_, err = run(t.Context(), d, "DELETE FROM kinds")
			must(t, err)
		}
	})
}

// sameKinds reads all rows, and again by each kind of argument.
func sameKinds(t *testing.T, d *db.DB, need uint64, want []kinds) {
	t.Helper()
	const columns = "SELECT n, ref, amount, apr, txt, raw, at, d, flag, status, months FROM kinds WHERE "
	var all, each []kinds
	into := func(list *[]kinds) func(db.Scanner) error {
		return func(s db.Scanner) error {
			var k kinds
			err := k.scan(s)
			*list = append(*list, k)
			return err
		}
	}
	batch := &db.Batch{}
	batch.Before(func() { all, each = nil, nil })
	batch.Query(columns+"n >= $1 ORDER BY n", into(&all), int64(0))
	for _, k := range want {
		batch.Query(columns+"n = ANY($1::bigint[]) AND amount = $2 AND apr = $3 AND txt = ANY($4::text[]) AND raw = $5 AND at = $6 AND d = $7 AND flag = $8 AND status = $9 AND months = $10",
			into(&each), []int64{k.key, -5}, k.amount, k.apr, []string{"none", k.text}, k.raw, k.at, k.day, k.flag, string(k.status), int64(k.months))
		if !k.ref.IsZero() {
			batch.Query("SELECT n FROM kinds WHERE ref = $1 AND ref = ANY($2::uuid[])", func(s db.Scanner) error { return s.Scan(new(int64)) }, k.ref, []id.ID{k.ref, {1}})
		}
	}
	if _, err := d.Read(t.Context(), need, batch); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]kinds{"all": all, "each": each} {
		if len(got) != len(want) {
			t.Errorf("%s: got %d rows, want %d", name, len(got), len(want))
			continue
		}
		for i, k := range got {
			if k.at.Location() != time.UTC {
				t.Errorf("got a time in %s, want %v", k.at.Location(), time.UTC)
			}
			w := want[i]
			if !k.at.Equal(w.at) || !bytes.Equal(k.raw, w.raw) {
				t.Errorf("%s: got moment %s, bytes %v; want %s, %v", name, k.at, k.raw, w.at, w.raw)
			}
			k.at, k.raw, w.at, w.raw = time.Time{}, nil, time.Time{}, nil
			if fmt.Sprintf("%+v", k) != fmt.Sprintf("%+v", w) {
				t.Errorf("%s: got %+v, want %+v", name, k, w)
			}
		}
	}
	for _, k := range want {
		if !k.ref.IsZero() {
			if n := number(t, d, "SELECT count(*) FROM kinds WHERE ref = $1", k.ref); n != 1 {
				t.Errorf("got %d rows by id %s, want 1", n, k.ref)
			}
		}
	}
	if n := number(t, d, "SELECT count(*) FROM kinds WHERE ref IS NULL"); n != 1 {
		t.Errorf("got %d rows without id, want 1", n)
	}
}

// A batch sees one snapshot, and its token says which commits are in it.
func TestASnapshotAndItsToken(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		_, err := run(t.Context(), d, "CREATE TABLE t (n BIGINT)")
		must(t, err)
		type commitAt struct{ token, rows uint64 }
		commits := make(chan commitAt, 200)
		go func() {
			defer close(commits)
			s := d.Session()
			defer s.Close()
			for n := range uint64(cap(commits)) {
				if err := s.Begin(t.Context(), &db.Batch{}); err != nil {
					t.Error(err)
					return
				}
				token, err := s.Commit(t.Context(), insert("INSERT INTO t VALUES ($1)", int64(n+1)))
				if err != nil {
					t.Error(err)
					return
				}
				commits <- commitAt{token, n + 1}
			}
		}()
		var reads []commitAt
		for i := 0; i < 100 || len(commits) < cap(commits) && !t.Failed(); i++ {
			var first, second int64
			batch := &db.Batch{}
			batch.Query("SELECT count(*) FROM t", func(s db.Scanner) error { return s.Scan(&first) })
			batch.Query("SELECT coalesce(max(n), 0) FROM t", func(s db.Scanner) error { return s.Scan(&second) })
			if i%3 == 0 { // a single query takes another way
				batch = &db.Batch{}
				batch.Query("SELECT count(*), coalesce(max(n), 0) FROM t", func(s db.Scanner) error { return s.Scan(&first, &second) })
			}
			token, err := d.Read(t.Context(), 0, batch)
			if err != nil || first != second {
				t.Fatalf("got %d rows and the highest %d in one snapshot, %v, want the two equal", first, second, err)
			}
			reads = append(reads, commitAt{token, uint64(first)})
		}
		seen := 0
		for c := range commits {
			for _, r := range reads {
				if r.token >= c.token {
					seen++
					if r.rows < c.rows {
						t.Fatalf("a read at token %d: got %d rows, want the %d of the commit at %d at least", r.token, r.rows, c.rows, c.token)
					}
				}
			}
		}
		if seen == 0 {
			t.Error("got no read with fewer rows than a commit, want some: nothing was tested")
		}
	})
}

func TestWritesAreCounted(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		before, err := d.Writes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		session := d.Session()
		defer session.Close()
		for range 3 {
			if err := session.Begin(t.Context(), &db.Batch{}); err != nil {
				t.Fatal(err)
			}
			save := &db.Batch{}
			save.Exec("UPDATE chain SET sequence = sequence + 1")
			if _, err := session.Commit(t.Context(), save); err != nil {
				t.Fatal(err)
			}
		}
		if after, err := d.Writes(t.Context()); err != nil || after < before+3 {
			t.Errorf("three transactions: got %d writes before, %d after, %v, want at least %d after", before, after, err, before+3)
		}
	})
}

func TestAReadCannotWrite(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	batch := &db.Batch{}
	batch.Query("DELETE FROM chain", func(db.Scanner) error { return nil })
	if _, err := d.Read(t.Context(), 0, batch); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("got %v, want an error with readonly", err)
	}
}

// The folder's path may have any characters.
func TestTheFolderMayHaveAnyName(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a #1 50%25?x=y&ñ")
	ground.Open(t, db.Config{Folder: folder})
	if info, err := os.Stat(filepath.Join(folder, "sofipo.db")); err != nil || info.Size() == 0 {
		t.Errorf("the database in its folder: got %v, want a file that is not empty", err)
	}
}

func TestOpenRefusesABadURL(t *testing.T) {
	for _, cfg := range []db.Config{{PrimaryURL: "postgres://:::"}, {PrimaryURL: "postgres://127.0.0.1:1/x", ReplicaURL: "postgres://127.0.0.1:x/y"}, {Folder: "/dev/null/x"}} {
		if d, err := db.Open(cfg); err == nil {
			d.Close()
			t.Errorf("%+v: got no error, want one", cfg)
		}
	}
}

// TestPatience: a server's statements are cut off; a migration's are not, nor are those
// of who looks at everything.
func TestPatience(t *testing.T) {
	hurried := ground.Config(t, ground.Postgres)
	hurried.PrimaryURL, hurried.ReplicaURL = hurried.PrimaryURL+"&statement_timeout=20", ""
	patient := hurried
	patient.Patient = true
	for _, c := range []db.Config{hurried, patient} {
		d, err := db.Open(c)
		must(t, err)
		defer d.Close()
		batch := &db.Batch{}
		batch.Query("SELECT pg_sleep(0.1)::text", func(s db.Scanner) error { return s.Scan(new(string)) })
		if err := d.ReadPrimary(t.Context(), batch); (err == nil) != c.Patient {
			t.Errorf("patient %t: got %v, want success: %v", c.Patient, err, c.Patient)
		}
	}
	hurried.PrimaryURL = strings.Replace(hurried.PrimaryURL, "timeout=20", "timeout=1", 1)
	d, err := db.Open(hurried)
	must(t, err)
	defer d.Close()
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestOlderProgramsCannotWrite: the migrations include what an older program writes in an open
// transaction, such as cash in the books, and refuse all its later transactions.
func TestOlderProgramsCannotWrite(t *testing.T) {
	d, err := db.Open(ground.Config(t, ground.Postgres))
	must(t, err)
	t.Cleanup(d.Close)
	must(t, d.MigrateTo(t.Context(), beforeStaff[ground.Postgres]))
	older, begin := d.Session(), &db.Batch{}
	t.Cleanup(older.Close)
	begin.Query("SELECT day, status, loans, last_loan FROM business_days ORDER BY day DESC LIMIT 1", func(db.Scanner) error { return nil })
	must(t, older.Begin(t.Context(), begin))
	done := make(chan error, 1)
	go func() {
		_, err := d.Migrate(t.Context())
		done <- err
	}()
	for number(t, d, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 {
		select {
		case err := <-done:
			t.Fatalf("got the migrations done, %v, want them to wait for the older program", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	write := &db.Batch{}
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	write.MonthOfIDs("journal", at)
	entry := id.New(at, [10]byte{1})
	write.Exec(`INSERT INTO journal (id, command, number, at, subject, actor, action, business_date, kind, reference, accounts, amounts)
		VALUES ($1, $1, 0, $2, $1, 'late', 'do', '2026-01-01', 'manual', $1, '{1101,6401}', '{-5,5}')`, entry, at)
	write.Exec("INSERT INTO journal_accounts VALUES ('1101', '2026-01-01', $1)", entry)
	_, err = older.Commit(t.Context(), write)
	must(t, err)
	must(t, <-done)
	if n := number(t, d, "SELECT sum(amount)::bigint FROM place_lines"); n != -5 {
		t.Errorf("got %d in the vault, want -5", n)
	}
	if err := older.Begin(t.Context(), begin); !db.Invalid(err) {
		t.Errorf("the older program begins again: got %v, want an error that the column does not exist", err)
	}
}

// TestLookupsAreCarriedOver: clients are found by what LookupValue makes of their e-mail
// addresses, also if these have letters beyond ASCII.
func TestLookupsAreCarriedOver(t *testing.T) {
	for _, name := range []string{ground.SQLite, ground.Postgres} {
		t.Run(name, func(t *testing.T) {
			d, err := db.Open(ground.Config(t, name))
			must(t, err)
			t.Cleanup(d.Close)
			must(t, d.MigrateTo(t.Context(), beforeStaff[name]))
			want := map[string]bool{}
			for i, email := range []string{"Ana.Ruiz@example.com", "ÑANDÚ.Ácido@example.com", "İSTANBUL@example.com", "ΣΊΣΥΦΟΣ@example.com", "ǅUNGLA.ẞ@example.com"} {
				rows := db.Insert("clients", db.ID("id"), db.Text("rfc"), db.Text("email"), db.Text("full_name"), db.Int("loans"), db.Time("created_at")).Rows()
				rows.Add(id.ID{byte(i + 1)}, fmt.Sprint("XAXX01010100", i), email, "Ana", int64(0), time.Now())
				session, save := d.Session(), &db.Batch{}
				t.Cleanup(session.Close)
				save.Save(rows)
				must(t, session.Begin(t.Context(), &db.Batch{}))
				_, err := session.Commit(t.Context(), save)
				must(t, err)
				want[client.LookupValue(client.LookupEmail, email)] = true
			}
			_, err = d.Migrate(t.Context())
			must(t, err)
			batch, n := &db.Batch{}, 0
			batch.Query("SELECT value FROM client_lookups WHERE kind = 'email'", func(s db.Scanner) error {
				var value string
				err := s.Scan(&value)
				if n++; !want[value] {
					t.Errorf("got the value %q, want one of %v", value, want)
				}
				return err
			})
			must(t, d.ReadPrimary(t.Context(), batch))
			if n != len(want) {
				t.Errorf("got %d values, want %d", n, len(want))
			}
		})
	}
}

// TestSeveralBefore: each function of Before runs before a run of the batch.
func TestSeveralBefore(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		batch, got := &db.Batch{}, ""
		for _, name := range []string{"a", "b", "c"} {
			batch.Before(func() { got += name })
		}
		batch.Query("SELECT 1", func(db.Scanner) error { return nil })
		must(t, d.ReadPrimary(t.Context(), batch))
		must(t, d.ReadPrimary(t.Context(), batch))
		if got != "abcabc" {
			t.Errorf("got the calls %q, want abcabc", got)
		}
	})
}
