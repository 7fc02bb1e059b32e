package simulation

import (
	"errors"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// play runs a simulation with 60 clients.
func play(t *testing.T, d *db.DB, seed uint64, days int) Report {
	t.Helper()
	var out strings.Builder
	r, err := Play(t.Context(), Options{DB: d, Seed: seed, Days: days, Clients: 60, Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n"); days == 90 && got != 4 { // three ends of months, and the last day
		t.Errorf("got %d lines, want 4:\n%s", got, out.String())
	}
	r.Elapsed = 0
	return r
}

// rows returns the audit rows, with the ids and times that a digest does not include.
func rows(t *testing.T, d *db.DB) string {
	t.Helper()
	var all strings.Builder
	batch := &db.Batch{}
	batch.Query("SELECT command, at, actor, action, subject FROM audit ORDER BY command", func(s db.Scanner) error {
		var r audited
		err := s.Scan(&r.command, &r.at, &r.actor, &r.action, &r.subject)
		all.WriteString(r.String())
		return err
	})
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// TestTheSeedMakesTheBooks: the same seed makes the same books to the centavo, on
// SQLite and on PostgreSQL, and the same ids at the same moments.
func TestTheSeedMakesTheBooks(t *testing.T) {
	t.Parallel()
	lite := ground.Open(t, ground.Config(t, ground.SQLite))
	post := ground.Open(t, ground.Config(t, ground.Postgres))
	one, two := play(t, lite, 7, 90), play(t, post, 7, 90)
	if one.String() != two.String() || len(one.Digest) != 64 {
		t.Errorf("got on SQLite\n%s\nand on PostgreSQL\n%s\nwant the same, with a digest of 64 digits", one, two)
	}
	if rows(t, lite) != rows(t, post) {
		t.Error("got other audit lines on SQLite than on PostgreSQL, want the same")
	}
	if one.Payments.Times < 150 || one.Replayed == 0 || one.Refused == 0 || one.Reversals.Times == 0 || one.Commands < 500 {
		t.Errorf("got\n%s\nwant at least 150 payments and 500 commands, and some replays, refusals and reversals", one)
	}
}

// TestSeedsDiffer: the same seed gives the same digest, another seed another digest.
func TestSeedsDiffer(t *testing.T) {
	t.Parallel()
	var made []string
	for _, seed := range []uint64{7, 7, 8} {
		made = append(made, play(t, ground.Open(t, ground.Config(t, ground.SQLite)), seed, 25).Digest)
	}
	if made[0] != made[1] || made[0] == made[2] {
		t.Errorf("seeds 7, 7 and 8: got %q, want the first two equal and the third different", made)
	}
}

// TestTheDigestSees: a change of a centavo, an account, a day or a subject changes the
// digest; a change of an id or a time does not.
func TestTheDigestSees(t *testing.T) {
	t.Parallel()
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	was := play(t, d, 5, 20).Digest
	office.Unguard(t, d)
	for _, c := range []struct {
		change, back change
		seen         bool
	}{
		{statement("UPDATE loans SET balance = balance + 1"), statement("UPDATE loans SET balance = balance - 1"), true},
		{setLines("amount", "amount + 1", "debit > 0"), setLines("amount", "amount - 1", "debit > 0"), true},
		{setLines("account", "'1109'", "account = '1102'"), setLines("account", "'1102'", "account = '1109'"), true},
		{setLines("subject", "entry_id", "account = '1301'"), setLines("subject", "journal.subject", "account = '1301'"), true},
		{statement("UPDATE journal SET kind = 'by hand' WHERE kind = 'manual'"), statement("UPDATE journal SET kind = 'manual' WHERE kind = 'by hand'"), true},
		{statement("UPDATE journal SET business_date = '2024-12-31' WHERE business_date = '2025-01-10'"), statement("UPDATE journal SET business_date = '2025-01-10' WHERE business_date = '2024-12-31'"), true},
		{statement("UPDATE journal SET at = at + 1"), statement("UPDATE journal SET at = at - 1"), false},
		{statement("UPDATE journal SET id = 'f' || substr(id, 2)"), statement("UPDATE journal SET id = '0' || substr(id, 2)"), false},
	} {
		office.Run(t, d, c.change(d))
		if got := digest(t, d); (got != was) != c.seen {
			t.Errorf("%s: got seen %t, want %v", c.change(d), got != was, c.seen)
		}
		office.Run(t, d, c.back(d))
		if got := digest(t, d); got != was {
			t.Fatalf("%s: got the digest %v, want that of the start, %v", c.back(d), got, was)
		}
	}
}

func digest(t *testing.T, d *db.DB) string {
	t.Helper()
	text, err := Digest(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestPlayRefuses: invalid options and a database that is not empty are refused.
func TestPlayRefuses(t *testing.T) {
	t.Parallel()
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	for _, o := range []Options{{Days: 0, Clients: 5}, {Days: 5, Clients: 0}, {Days: -1, Clients: -1}} {
		o.DB = d
		if _, err := Play(t.Context(), o); err == nil {
			t.Errorf("got %d days with %d clients played, want an error", o.Days, o.Clients)
		}
	}
	o := Options{DB: d, Days: 1, Clients: 1, From: civil.Date{Year: 2024, Month: 2, Day: 29}}
	if _, err := Play(t.Context(), o); err != nil {
		t.Error(err)
	}
	if _, err := Play(t.Context(), o); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("with books that are not empty: got %v, want %v", err, ErrNotEmpty)
	}
}
