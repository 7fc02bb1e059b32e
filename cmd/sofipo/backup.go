package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/checks"
	"sofipo/core/staff"
	"sofipo/infra/backup"
	"sofipo/infra/db"
	"sofipo/web"
)

type backupCommand struct {
	settings `embed:""`
	Folder   string `arg:"" help:"New folder for the backup, outside the data folder."`
}

// Run makes the backup. With PostgreSQL it has the data folder without the database.
func (c *backupCommand) Run(ctx context.Context) error {
	if err := c.hasDatabase(); err != nil {
		return err
	}
	began := time.Now()
	m, err := backup.Write(ctx, c.backup(c.Folder))
	if err != nil {
		return fmt.Errorf("no backup: %w", err)
	}
	fmt.Printf("backup of %s: %d files, %d bytes, in %.1f s: %s\n", m.Moment.Format(time.RFC3339), len(m.Files), m.Size(), time.Since(began).Seconds(), c.Folder)
	if c.primaryURL() == "" {
		c.note(ctx, m)
	} else {
		fmt.Println("the database is PostgreSQL: back it up with pgBackRest (docs/operations.md)")
	}
	if c.hasDataKey() {
		fmt.Println("the key that encrypts personal data (SOFIPO_DATA_KEY) is not in the backup: keep a copy of it in another place")
	}
	if c.FilesURL != "" {
		fmt.Println("the documents of clients are in the bucket of SOFIPO_FILES_URL: back it up too")
	}
	return nil
}

// note records the backup in the audit. It also writes while a server runs: no cache has the audit.
func (c *backupCommand) note(ctx context.Context, m backup.Manifest) {
	d, err := db.Open(db.Config{Folder: c.Data})
	if err == nil {
		defer d.Close()
		err = d.CheckSchema(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the backup is not in the audit:", err)
		return
	}
	b := bank.Open(bank.Options{DB: d, Log: c.logger()})
	defer b.Close()
	var rows int64
	for _, n := range m.Rows {
		rows += n
	}
	web.NoteExport(ctx, b, commandLine, staffing.NoteExport{Export: staff.Export{File: filepath.Base(c.Folder), Request: "sofipo backup", Rows: rows}})
}

type restoreCommand struct {
	settings `embed:""`
	Folder   string `arg:"" help:"Folder of the backup."`
	Verify   bool   `help:"Run the doctor with --verify."`
}

// Run restores the backup and runs the doctor on the result.
func (c *restoreCommand) Run(ctx context.Context) error {
	began := time.Now()
	release, err := c.lockFolder(restoring)
	if err != nil {
		return err
	}
	defer release()
	if err := os.MkdirAll(c.Data, 0o700); err != nil { // with PostgreSQL nothing is locked
		return fmt.Errorf("SOFIPO_DATA: %w", err)
	}
	m, err := backup.Restore(ctx, c.backup(c.Folder))
	if err != nil {
		return fmt.Errorf("nothing was restored: %w", err)
	}
	fmt.Printf("restored the backup of %s to %s: %d files, %d bytes, in %.1f s\n",
		m.Moment.Format(time.RFC3339), c.Data, len(m.Files), m.Size(), time.Since(began).Seconds())
	if err := diagnose(ctx, &c.settings, writeLines, func(n *node) []checks.Check { return n.examine(ctx, &c.settings, c.Verify, checkLimit) }); err != nil {
		return fmt.Errorf("the backup was restored, but: %w", err)
	}
	return nil
}

// backup returns what a backup and a restore need.
func (s *settings) backup(folder string) backup.Options {
	return backup.Options{
		Data: s.Data, Backup: folder, Embedded: s.primaryURL() == "", Program: web.Version, Log: s.logger(), Progress: progressLines(),
	}
}

// progressEvery is the time between two lines of progress.
const progressEvery = 5 * time.Second

// progressLines prints the progress of long work to standard error.
func progressLines() func(what string, done, all int64) {
	printed := time.Now()
	return func(what string, done, all int64) {
		if time.Since(printed) < progressEvery {
			return
		}
		printed = time.Now()
		if all > 0 {
			fmt.Fprintf(os.Stderr, "%s: %d of %d (%d %%)\n", what, done, all, 100*done/all)
		} else {
			fmt.Fprintf(os.Stderr, "%s: %d\n", what, done)
		}
	}
}
