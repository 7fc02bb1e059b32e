package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/staff"
	"sofipo/infra/eventlog"
	"sofipo/view/archive"
	"sofipo/web"
)

type exportCommand struct {
	settings     `embed:""`
	File         string `arg:"" help:"New file, such as sofipo-2026-11-30.tar.gz; with --check, an archive."`
	Check        bool   `help:"Check an archive instead of writing one: hashes, numbers of lines, sums and balances."`
	PersonalData bool   `help:"Add the files of clients, notes, and the senders of payments, decrypted."`
	Events       bool   `help:"Add the event log."`
}

// Run writes or checks an archive.
func (c *exportCommand) Run(ctx context.Context) error {
	if c.Check {
		return c.check()
	}
	c.patient = true
	return withData(ctx, &c.settings, func(n *node) error {
		began := time.Now()
		var events eventlog.Log
		if c.Events {
			events = n.events
		}
		m, err := archive.Write(ctx, n.db, archive.Options{
			File: c.File, Personal: c.PersonalData, Events: events, Program: web.Version, Now: n.wall, Progress: progressLines(),
			Record: func(m archive.Manifest) error {
				_, err := bank.Do(ctx, n.bank, commandLine, staffing.NoteExport{Export: staff.Export{File: filepath.Base(c.File), Request: c.request(), Rows: m.Lines()}})
				return err
			},
		})
		if err != nil {
			return fmt.Errorf("no export: %w", err)
		}
		fmt.Printf("wrote %s: %d files, %d lines, in %.1f s\n", c.File, len(m.Files), m.Lines(), time.Since(began).Seconds())
		return nil
	})
}

// request returns the command line for the audit.
func (c *exportCommand) request() string {
	line := "sofipo export"
	if c.PersonalData {
		line += " --personal-data"
	}
	if c.Events {
		line += " --events"
	}
	return line
}

// check checks an archive.
func (c *exportCommand) check() error {
	if c.PersonalData || c.Events {
		return usageError{fmt.Errorf("--check reads an archive: use it without --personal-data and --events")}
	}
	m, err := archive.Check(c.File)
	if err != nil {
		return fmt.Errorf("the archive is wrong: %w", err)
	}
	fmt.Printf("%s is complete: %s, of %s, %d files, %d lines\n", c.File, m.Institution, m.Began.Format(time.RFC3339), len(m.Files), m.Lines())
	return nil
}
