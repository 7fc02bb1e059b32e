package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/infra/db"
	"sofipo/simulation"
	"sofipo/test/ground"
)

// TestDemoPlays: the same line prints the same books twice, and ends.
func TestDemoPlays(t *testing.T) {
	withoutServices(t)
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	books := regexp.MustCompile(`(?m)^books ([0-9a-f]{64})$`)
	var made []string
	for _, line := range []string{"demo --seed 3 --days 12 --clients 9", "demo --seed 3 --days 12 --clients 9 --from 2025-01-02", "demo --seed 4 --days 12 --clients 9"} {
		status, printed, told := sofipo(t, line)
		found := books.FindStringSubmatch(printed)
		if status != 0 || found == nil {
			t.Fatalf("%s: got exit code %d and\n%s%s\nwant 0 and the digest of the books", line, status, printed, told)
		}
		made = append(made, found[1])
	}
	if made[0] != made[1] || made[0] == made[2] {
		t.Errorf("got the digests %q, want the first two equal and the third different", made)
	}
	if left, err := filepath.Glob(filepath.Join(folder, "sofipo-demo-*")); err != nil || len(left) > 0 {
		t.Errorf("got %v left behind, %v, want nothing", left, err)
	}
}

// TestDemoRefuses what it cannot play, and to play among other data.
func TestDemoRefuses(t *testing.T) {
	for _, line := range []string{
		"demo --days=-3", "demo --days 0", "demo --days 99999999", "demo --days 5 --clients=-1", "demo --days 5 --clients 0", "demo --clients 0", "demo --days 5 --clients 99999999", "demo --serve", "demo --from 2025-01-02",
		"demo --days 5 --from 2025-02-30", "demo --days 5 --from=", "demo --days 5 --from 0001-01-01", "demo --days 5 --from 2006-12-31", "demo --days 5 --seed x", "demo --days 5 --addr nowhere", "demo --days 5 --profile production", "demo --faults sqlite", "demo --days 5 --faults disk", "demo --days 5 --faults sqlite --serve",
	} {
		if status, printed, told := sofipo(t, line); status != 2 || printed != "" || told == "" {
			t.Errorf("%s: got exit code %d, %q, %q, want 2, no output and an error", line, status, printed, told)
		}
	}
}

// newcomer is the demo command without flags.
func newcomer(folder string) demoCommand {
	return demoCommand{Seed: 1, settings: settings{
		Profile: demoProfile, Data: folder, TimeZone: ground.Noon.String(), LogLevel: "error", RFCTier: "structural", MaxLoan: "auto", StartWait: time.Second, Migrate: "auto",
	}}
}

// TestNewcomerFindsLife: an empty folder is filled up to yesterday, quickly; one
// with data does not change, and a command that asks for days is refused.
func TestNewcomerFindsLife(t *testing.T) {
	folder := t.TempDir()
	c := newcomer(folder)
	if err := c.simulate(t.Context()); err != nil {
		t.Fatal(err)
	}
	was := digestOf(t, folder)
	if err := c.simulate(t.Context()); err != nil || digestOf(t, folder) != was {
		t.Errorf("the second run: got %v, want no error and unchanged books", err)
	}
	c.Days, c.Serve = new(3), true
	if err := c.simulate(t.Context()); err == nil || digestOf(t, folder) != was {
		t.Errorf("days asked for in a folder with data: got %v, want an error and unchanged books", err)
	}
}

// digestOf returns the digest of the books in the folder, which must be of yesterday.
func digestOf(t *testing.T, folder string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, "sofipo.db")); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(db.Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var loans int
	var last civil.Date
	batch := &db.Batch{}
	batch.Query("SELECT (SELECT count(*) FROM loans), (SELECT max(day) FROM business_days WHERE status = 'CLOSED')", func(s db.Scanner) error { return s.Scan(&loans, &last) })
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if yesterday := civil.DateOf(time.Now().In(ground.Noon)).AddDays(-1); loans < 30 || last != yesterday {
		t.Errorf("got %d loans, closed through %s, want at least 30 loans, closed through %s", loans, last, yesterday)
	}
	sum, err := simulation.Digest(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
