package simulation

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"sofipo/bank"
	"sofipo/infra/cache"
	"sofipo/infra/db"
	"sofipo/view"
)

// process is the simulated program with its database.
type process struct {
	root   string // the folder in which each process gets one for its database
	folder string // of the current process
	starts int

	fate Fault  // what goes wrong with a commit
	skip int    // after so many others
	dead bool   // the process crashed: nothing more is written
	cut  bool   // a commit of the twin failed: as in a batch, nothing after it is done
	left string // the folder with what it left
}

// errCrashed is the error of everything that a dead process does.
var errCrashed = errors.New("the simulated process has crashed")

// next returns the folder of the next process.
func (p *process) next() string {
	p.starts++
	return filepath.Join(p.root, fmt.Sprintf("process-%04d", p.starts))
}

// commit runs a commit, or makes it fail. Only one commit runs at a time.
func (f *faults) commit(run func() error) error {
	if f.dead {
		return errCrashed
	}
	if f.skip > 0 || f.fate == "" {
		f.skip--
		return run()
	}
	what := f.fate
	if !slices.Contains(ofCommits, what) {
		return run() // what is wrong is the clock
	}
	f.fate, f.cut = "", true
	f.happened(what)
	switch what {
	case LostCommits:
		return db.ErrUnknownOutcome
	case LostOutcomes:
		if err := run(); err != nil {
			return err
		}
		return db.ErrUnknownOutcome
	}
	if f.dead = true; f.store == OnTwin {
		if what == CrashesAfter {
			return errors.Join(run(), errCrashed)
		}
		return errCrashed
	}
	f.left = f.next()
	return errors.Join(errCrashed, f.crash(what, run))
}

// crash copies the files of the database as the crash leaves them. A crash during a commit leaves
// only the first part of what the commit wrote to the write-ahead log.
func (f *faults) crash(what Fault, run func() error) error {
	if what == CrashesAfter {
		return errors.Join(run(), copyFolder(f.left, f.folder))
	}
	if err := copyFolder(f.left, f.folder); err != nil || what == CrashesBefore {
		return err
	}
	const wal = "sofipo.db-wal"
	before, err := os.ReadFile(filepath.Join(f.left, wal))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := run(); err != nil {
		return err
	}
	after, err := os.ReadFile(filepath.Join(f.folder, wal))
	if err != nil {
		return err
	}
	same := 0
	for same < min(len(before), len(after)) && before[same] == after[same] {
		same++
	}
	if same == len(after) {
		return nil // the commit wrote nothing
	}
	torn := between(f.rng, same, len(after)-1)
	mixed := append(bytes.Clone(after[:torn]), before[min(torn, len(before)):]...)
	return os.WriteFile(filepath.Join(f.left, wal), mixed, 0o600)
}

// copyFolder copies the files of a database, without the shared memory of its processes.
func copyFolder(to, from string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(from)
	for _, f := range files {
		if filepath.Ext(f.Name()) == ".db-shm" || f.IsDir() {
			continue
		}
		data, failed := os.ReadFile(filepath.Join(from, f.Name()))
		if errors.Is(failed, fs.ErrNotExist) {
			continue
		}
		err = errors.Join(err, failed, os.WriteFile(filepath.Join(to, f.Name()), data, 0o600))
	}
	return err
}

// launch opens the database and the bank of a process.
func (s *institution) launch(folder string) error {
	f := s.faults
	f.folder, f.dead, f.fate, f.skip = folder, false, "", 0
	d, err := db.Open(db.Config{Folder: folder, Simulation: &db.Simulation{Commit: f.commit}})
	if err != nil {
		return err
	}
	s.DB = d
	near := view.Open(d, cache.NewLocal(10_000))
	s.bank = bank.Open(bank.Options{
		DB: d, Rules: rules, Paced: true, Machine: bank.Machine{Wall: f.wall, Uptime: f.uptime},
		Random: newRandomBytes(s.Seed + uint64(f.starts)<<32), Location: s.Location, Log: s.Log, Committed: near.Forget,
	})
	f.reads = reads{near: near, far: view.Open(d, nil)}
	return nil
}

// shut ends a process.
func (s *institution) shut() {
	s.bank.Close()
	s.DB.Close()
}

// restart stops the process cleanly and starts another one.
func (s *institution) restart() error {
	if s.twin != nil {
		s.twin.open(s)
		return nil
	}
	s.shut()
	return s.launch(s.faults.folder)
}

// reopen starts a process with what the dead one left.
func (s *institution) reopen() error {
	if s.twin != nil {
		s.faults.dead = false
		s.twin.open(s)
		return nil
	}
	s.shut()
	old := s.faults.folder
	if err := s.launch(s.faults.left); err != nil {
		return err
	}
	return os.RemoveAll(old)
}
