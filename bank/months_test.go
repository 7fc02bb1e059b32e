package bank_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// monthsOf are the months that the journal has room for, as the names of its
// partitions say, and how many rows of each are in it. Rows of another month fail the
// test.
func monthsOf(t *testing.T, d *db.DB) (months map[string]int64) {
	t.Helper()
	months = map[string]int64{}
	batch := &db.Batch{}
	batch.Query("SELECT CAST(inhrelid::regclass AS text), 0::bigint FROM pg_inherits WHERE inhparent = 'journal'::regclass UNION ALL SELECT CAST(tableoid::regclass AS text), 1::bigint FROM journal", func(s db.Scanner) error {
		var name string
		var rows int64
		err := s.Scan(&name, &rows)
		months[name] += rows
		return err
	})
	batch.Query("SELECT id, CAST(tableoid::regclass AS text) FROM journal", func(s db.Scanner) error {
		var row id.ID
		var name string
		err := s.Scan(&row, &name)
		if want := partition(row.Time()); name != want {
			t.Errorf("the row %s of %s: got it in %s, want %s", row, row.Time(), name, want)
		}
		return err
	})
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return months
}

// partition returns the name of the partition of a month.
func partition(at time.Time) string { return at.UTC().Format("journal_2006_01") }

// crossings are moments before and after a clock passes into another month, and jumps
// over several, with how many more months the journal then has room for.
var crossings = []struct {
	at   string
	more int
}{
	{"2026-01-31T23:59:59Z", 2}, {"2026-02-01T00:00:00Z", 1}, {"2026-02-28T23:59:59Z", 0}, {"2026-03-01T00:00:00Z", 1},
	{"2026-07-15T12:00:00Z", 2}, {"2026-07-31T23:59:59.999Z", 0}, {"2026-09-01T00:00:00Z", 1 + 1}, {"2026-12-31T23:59:59Z", 2}, {"2027-01-01T00:00:00Z", 1}, {"2030-02-28T23:00:00Z", 2},
}

// TestTheJournalHasRoomForEachMonth: as the clock passes into other months, one after
// another or several at once, the writers of two nodes find room for what they write,
// however many of them are the first to want it.
func TestTheJournalHasRoomForEachMonth(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	var now atomic.Pointer[time.Time]
	clock := func() time.Time { return *now.Load() }
	begin := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	now.Store(&begin)
	var nodes [2]*bank.Bank
	for i := range nodes {
		nodes[i] = bank.Open(bank.Options{DB: d, Writers: 2, Clock: clock})
		t.Cleanup(nodes[i].Close)
	}
	const each = 100 // so many commands that both writers of a node are busy
	want := map[string]int64{}
	for step, c := range crossings {
		at, err := time.Parse(time.RFC3339Nano, c.at)
		if err != nil {
			t.Fatal(err)
		}
		now.Store(&at)
		var wg sync.WaitGroup
		for i := range 2 * each {
			wg.Go(func() {
				if _, err := bank.Do(t.Context(), nodes[i%2], by, posting(idAt(1000+i))); err != nil {
					t.Errorf("at %s: %v", c.at, err)
				}
			})
		}
		wg.Wait()
		months := len(want)
		for _, m := range []time.Time{at, civil.DateOf(at).MonthEnd().AddDays(1).Midnight()} {
			want[partition(m)] += 0
		}
		if more := len(want) - months; more != c.more {
			t.Fatalf("step %d: got %d more months, want %d", step, more, c.more)
		}
		got := monthsOf(t, d)
		want[partition(at)] = got[partition(at)]
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("at %s: got room for %v, want %v", c.at, got, want)
		}
	}
	if n := office.Count(t, d, "SELECT count(*) FROM journal WHERE kind = 'x'"); n != int64(2*each*len(crossings)) {
		t.Errorf("got %d entries in the journal, want %d", n, 2*each*len(crossings))
	}
	for i, b := range nodes {
		if n := b.Stats().Alone.Load(); n != 0 {
			t.Errorf("got %d commands of node %d run again, want none", n, i)
		}
	}
}

// posting is a command that posts an entry.
func posting(subject id.ID) posts {
	return posts{loan: subject, about: subject, entries: [][]ledger.Posting{{{Account: "1102", Subject: subject, Debit: 5}, {Account: "1301", Subject: subject, Credit: 5}}}}
}

// TestABatchOfSeveralMonths: the clock jumps over months between the commands of one
// batch.
func TestABatchOfSeveralMonths(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	var calls atomic.Int64
	at := func(n int64) time.Time { return time.Date(2026, time.Month(1+2*n), 28, 0, 0, 0, 0, time.UTC) }
	b := bank.Open(bank.Options{DB: d, Writers: 1, Clock: func() time.Time { return at(calls.Add(1)) }})
	t.Cleanup(b.Close)
	release := office.Hold(t, b)
	var asked []bank.Started[time.Time]
	for i := range 6 {
		c := posting(idAt(1000 + i))
		if i%2 == 1 {
			c.entries = nil // a row of the command alone
		}
		started, err := bank.Start(t.Context(), b, by, c)
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, started)
	}
	release()
	var want []string
	for _, s := range asked {
		done, err := s.Wait()
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, partition(done.Answer))
	}
	var got []string
	for name, rows := range monthsOf(t, d) {
		if rows > 0 {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got the rows in %v, want %v", got, want)
	}
	if n := b.Stats().Alone.Load(); n != 0 {
		t.Errorf("got %d commands run again, want none", n)
	}
}
