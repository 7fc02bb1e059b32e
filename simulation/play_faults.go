package simulation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sofipo/infra/db"
)

// Store is where a simulation with faults keeps the books.
type Store string

// The stores.
const (
	OnSQLite Store = "sqlite"
	OnTwin   Store = "twin" // bank.Memory
)

// FaultReport is the summary of a simulation with faults.
type FaultReport struct {
	Report
	Store  Store
	Faults map[Fault]int
}

// flag is what repeats the faults at the command line.
func (f *faults) flag() string {
	if f == nil {
		return ""
	}
	return " --faults " + string(f.store)
}

// PlayFaults simulates the institution twice, day by day: with faults, which the seed determines,
// and without. It compares what each day left in the books. It stops with a *Breach at the first
// broken invariant. The database in the options is not used; SQLite has temporary folders.
func PlayFaults(ctx context.Context, o Options, on Store) (r FaultReport, err error) {
	began := time.Now()
	folder, err := os.MkdirTemp("", "sofipo-faults-")
	if err != nil {
		return r, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // the system removes temporary files later
	var runs [2]*institution
	for i, name := range []string{"calm", "faults"} {
		if runs[i], err = plan(ctx, o); err != nil {
			return r, err
		}
		f := newFaults(o.Seed, i == 0)
		f.store, f.root = on, filepath.Join(folder, name)
		runs[i].faults = f
		if err = runs[i].begin(ctx); err != nil {
			return r, err
		}
		defer runs[i].end()
	}
	calm, s := runs[0], runs[1]
	calm.Out = io.Discard
	for s.day < s.Days && err == nil {
		if err = calm.playDay(ctx); err == nil {
			err = s.playDay(ctx)
		}
		if err == nil {
			err = s.compareWith(ctx, calm)
		}
	}
	s.report.Elapsed = time.Since(began)
	if err == nil {
		err = s.summarize(ctx)
	}
	return FaultReport{s.report, on, s.faults.count}, err
}

// begin opens the first process and the event log.
func (s *institution) begin(ctx context.Context) error {
	f := s.faults
	s.clock.open(s.From)
	f.pass(s.clock.peek())
	if f.store == OnTwin {
		return s.beginTwin()
	}
	folder := f.next()
	d, err := db.Open(db.Config{Folder: folder})
	if err != nil {
		return err
	}
	_, err = d.Migrate(ctx)
	d.Close()
	if err != nil {
		return err
	}
	if err := s.launch(folder); err != nil {
		return err
	}
	return f.openLog(ctx, s)
}

// end closes what begin opened.
func (s *institution) end() {
	if s.bank != nil {
		s.shut()
	}
	if s.faults.log != nil {
		_ = s.faults.log.Close() // its folder is removed
	}
}

// beginDay starts a day with a right clock.
func (s *institution) beginDay() error {
	f := s.faults
	f.clear()
	f.later = 0
	f.pass(s.clock.peek())
	if s.twin != nil {
		return nil
	}
	s.DB.CatchUp()
	f.late, f.behind = false, nil
	if f.shift == 0 {
		return nil
	}
	f.shift = 0
	return s.restart()
}

// compareWith compares what the day left in the books with what it left without faults.
func (s *institution) compareWith(ctx context.Context, calm *institution) error {
	got, want := s.faults.lines, calm.faults.lines
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			return s.breach(invisible, "of %d lines, want %d, the first that differs is %q, want %q", len(got), len(want), lineAt(got, i), lineAt(want, i))
		}
	}
	if s.day%checkEvery != 0 && s.day != s.Days {
		return nil
	}
	a, err1 := s.digest(ctx)
	b, err2 := calm.digest(ctx)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if a != b {
		return s.breach(invisible, "the digest of the books is %s, want %s", a, b)
	}
	return nil
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

func (s *institution) digest(ctx context.Context) (string, error) {
	if s.twin != nil {
		return s.twin.digest(), nil
	}
	return Digest(ctx, s.DB)
}

// String returns the report as a table.
func (r FaultReport) String() string {
	var out strings.Builder
	out.WriteString(r.Report.String())
	for _, f := range slices.DeleteFunc(slices.Clone(Faults), func(f Fault) bool { return r.Faults[f] == 0 }) {
		fmt.Fprintf(&out, "%-36s %12s\n", f, grouped(r.Faults[f]))
	}
	fmt.Fprintf(&out, "%s days an hour on %s, each with faults and without\n", grouped(int(float64(r.Days)/r.Elapsed.Hours())), r.Store)
	return out.String()
}
