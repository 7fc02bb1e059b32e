package seal_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sofipo/bank/seal"
	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// sealed is an office whose journal is sealed.
type sealed struct {
	*office.Office
	d      *db.DB
	late   time.Duration // of the sealer's clock
	sealer *seal.Sealer
}

func open(t *testing.T, d *db.DB, late time.Duration) *sealed {
	s := &sealed{Office: office.Open(t, d), d: d, late: late}
	s.sealer = seal.New(d, func(context.Context) (time.Time, error) { return s.Now.Add(s.late), nil }, func(time.Time) {}, slog.New(slog.DiscardHandler))
	return s
}

// seal seals what is old enough.
func (s *sealed) seal() {
	s.Helper()
	if err := s.sealer.Seal(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// wants verifies all seals.
func (s *sealed) wants(what string, seals int64, findings ...string) {
	s.Helper()
	got, err := seal.Verify(s.Context(), s.d, -1)
	if err != nil || got.Seals != seals || len(got.Wrong) != len(findings) || seals == 0 && got.Waiting == 0 {
		s.Errorf("%s: got %+v, %v, want %d seals and the findings %q", what, got, err, seals, findings)
		return
	}
	for i, f := range findings {
		if !strings.Contains(got.Wrong[i], f) {
			s.Errorf("%s: got %q, want %q", what, got.Wrong[i], f)
		}
	}
}

// overdue says whether rows wait too long for a seal.
func (s *sealed) overdue(what string, want bool) {
	s.Helper()
	if got, err := seal.Verify(s.Context(), s.d, -1); err != nil || (got.Overdue > 0) != want {
		s.Errorf("%s: got %+v, %v, want overdue rows: %t", what, got, err, want)
	}
}

// TestSeals: rows are sealed once they are old, and each way to change them later is named.
func TestSeals(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d, time.Minute)
		lent := s.Lend(s.Client(1).ID, 50_000_00)
		s.seal()
		s.wants("rows of the last minute", 0)
		s.overdue("rows of the last minute", false)
		s.Now = s.Now.Add(16 * time.Minute)
		s.Pay(lent, 100_00, "")
		s.overdue("rows that are 16 minutes older than the newest", true)
		s.late = time.Hour
		s.seal()
		s.wants("old rows", 1)
		s.overdue("once they are sealed", false)
		s.seal()
		s.wants("nothing new", 1)
		s.On("2026-03-01")
		s.Pay(lent, 100_00, "")
		s.seal()
		s.wants("a payment", 2)
		s.late = -24 * time.Hour
		if err := s.sealer.Seal(t.Context()); err == nil || !strings.Contains(err.Error(), "the clock was set back") {
			t.Errorf("a clock that was set back: got %v, want an error that says so", err)
		}

		office.Unguard(t, d)
		var rows []id.ID
		batch := &db.Batch{}
		batch.Query("SELECT id FROM journal ORDER BY id", func(r db.Scanner) error {
			var one id.ID
			err := r.Scan(&one)
			rows = append(rows, one)
			return err
		})
		if err := d.ReadPrimary(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		one, last := rows[0], rows[len(rows)-1]
		change := func(sql string, args ...any) { t.Helper(); office.Run(t, d, sql, args...) }

		change("CREATE TABLE written AS SELECT * FROM journal WHERE id = $1", one)
		change("UPDATE journal SET actor = 'nadie' WHERE id = $1", one)
		s.wants("another actor", 2, fmt.Sprintf("row %s was changed after seal 1", one))
		change("UPDATE journal SET actor = (SELECT actor FROM written) WHERE id = $1", one)
		s.wants("the actor put back", 2)
		change("UPDATE journal SET api_key = subject WHERE id = $1", one)
		s.wants("an API key", 2, fmt.Sprintf("row %s was changed after seal 1", one))
		change("UPDATE journal SET api_key = NULL WHERE id = $1", one)

		change("CREATE TABLE kept AS SELECT * FROM journal WHERE id = $1", last)
		change("DELETE FROM journal WHERE id = $1", last)
		s.wants("a row removed", 2, fmt.Sprintf("row %s was removed after seal 2", last))
		change("INSERT INTO journal SELECT * FROM kept")
		s.wants("the row put back", 2)

		between := id.New(one.Time().Add(time.Microsecond), [10]byte{1})
		change("INSERT INTO journal (id, command, number, at, subject, actor, action) SELECT $2, $2, 0, at, subject, 'ana', 'approve_loan' FROM journal WHERE id = $1", one, between)
		s.wants("a row inserted", 2, fmt.Sprintf("row %s was added after seal 1", between))
		change("DELETE FROM journal WHERE id = $1", between)

		change("UPDATE journal SET id = $2 WHERE id = $1", last, between)
		s.wants("a row moved", 2, fmt.Sprintf("row %s was added after seal 1", between), fmt.Sprintf("row %s was removed after seal 2", last))
		change("UPDATE journal SET id = $2 WHERE id = $1", between, last)
		s.wants("the row moved back", 2)

		change("CREATE TABLE kept_seals AS SELECT * FROM journal_seals")
		change("UPDATE journal_seals SET hash = (SELECT hash FROM journal_seals WHERE number = 2) WHERE number = 1")
		s.wants("another hash", 2, "seal 1 or the one before it was changed", "seal 2 or the one before it was changed")
		change("DELETE FROM journal_seals WHERE number = 1")
		s.wants("a seal removed", 1, "seal 1 is missing")
	})
}

// TestManyRows: a seal has a limited number of rows, and nothing is left out between two.
func TestManyRows(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d, time.Hour)
		s.Client(1) // makes the partition of the month
		begin := s.Now.UnixMilli()
		rows := "generate_series(1, 5001) AS n (n)"
		make, at := fmt.Sprintf("(lpad(to_hex(%d + n), 12, '0') || '70008000000000000001')::uuid", begin), "now()"
		if d.Embedded() {
			rows = "(WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5001) SELECT n FROM n)"
			make, at = fmt.Sprintf("printf('%%08x-%%04x-7000-8000-000000000001', (%[1]d + n) >> 16, (%[1]d + n) & 65535)", begin), "0"
		}
		office.Run(t, d, fmt.Sprintf("INSERT INTO journal (id, command, number, at, subject, actor, action) SELECT %[1]s, %[1]s, 0, %[2]s, %[1]s, 'ana', 'x' FROM %[3]s", make, at, rows))
		s.seal()
		got, err := seal.Verify(t.Context(), d, 1)
		if err != nil || got.Seals != 1 || len(got.Wrong) > 0 || len(got.Hash) == 0 {
			t.Errorf("the last seal: got %+v, %v, want one seal without findings", got, err)
		}
		if got, err = seal.Verify(t.Context(), d, -1); err != nil || got.Seals != 2 || got.Rows < 5001 || len(got.Wrong) > 0 {
			t.Errorf("got %+v, %v, want 2 seals of at least 5,001 rows without findings", got, err)
		}
	})
}

// TestAnOpenTransactionIsWaitedFor: its rows may be older than the margin when they are committed.
func TestAnOpenTransactionIsWaitedFor(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		if d.Embedded() {
			return // one writer at a time
		}
		s := open(t, d, 2*time.Minute+time.Second)
		s.Client(1)
		other := d.Session()
		defer other.Close()
		write := &db.Batch{}
		write.Exec("INSERT INTO idempotency SELECT * FROM idempotency LIMIT 0")
		write.Exec("SELECT txid_current()")
		if err := other.Begin(t.Context(), write); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1200 * time.Millisecond)
		s.seal()
		s.wants("while a transaction is open", 0)
		other.Rollback()
		s.seal()
		s.wants("after its end", 1)
	})
}
