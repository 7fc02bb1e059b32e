package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sofipo/bank/lending"
	"sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/settlement"
	"sofipo/infra/db"
	"sofipo/text"
)

type paymentsCommand struct {
	Import paymentsImportCommand `cmd:"" help:"Import a bank's payment file. A file that is imported again changes nothing."`
}

type paymentsImportCommand struct {
	settings `embed:""`
	File     string `arg:"" type:"existingfile" help:"The file of the bank, at most 8 MB."`
	Account  string `default:"principal" placeholder:"CODE" help:"Code of the bank account."`
	Preview  bool   `help:"Show what the import would do, and change nothing."`
}

// Run imports the file and prints the rows that were not applied, and the numbers of rows.
func (c *paymentsImportCommand) Run(ctx context.Context) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	location, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return err
	}
	return change(ctx, &c.settings, func(n *node) error {
		account, err := accountByCode(ctx, n.db, c.Account)
		if err != nil {
			return err
		}
		now, err := n.bank.Now(ctx)
		if err != nil {
			return err
		}
		today, err := n.view.BusinessDate(ctx, civil.DateOf(now.In(location)), 0)
		if err != nil {
			return err
		}
		run := lending.Importer.Import
		if c.Preview {
			run = lending.Importer.Preview
		}
		file := settlement.RegisterFile{AccountID: account, FileName: filepath.Base(c.File), Content: content}
		done, err := run(lending.Importer{Bank: n.bank}, ctx, commandLine, today, file)
		if err != nil {
			return err
		}
		printImported(done)
		return nil
	})
}

// printImported prints a line for each row that is bad or in suspense, and the totals.
func printImported(done lending.Imported) {
	for _, r := range done.Rows {
		switch r.Outcome {
		case lending.RowBad:
			fmt.Printf("line %d: not taken: %s %s\n", r.Line, r.Flaw.Name(), text.DetailOf(r.Flaw))
		case lending.RowSuspended:
			for _, p := range r.Payments {
				if p.Reason != "" {
					fmt.Printf("line %d: %s in suspense: %s\n", r.Line, p.Amount, text.Of(text.EN, p.Reason))
				}
			}
		}
	}
	n := done.File.Counts
	fmt.Printf("%d rows: %d applied, %d in suspense, %d taken before, %d bad, %d outgoing\n", n.Rows, n.Applied, n.Waiting, n.Known, n.Bad, n.Out)
}

// accountByCode returns the id of a bank account.
func accountByCode(ctx context.Context, d *db.DB, code string) (account id.ID, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT id FROM bank_accounts WHERE code = $1", func(s db.Scanner) error { return s.Scan(&account) }, code)
	err = d.ReadPrimary(ctx, batch)
	if err == nil && account.IsZero() {
		err = usageError{errors.Join(fmt.Errorf("--account is %q", code), fault.Refuse(core.AccountNotFound))}
	}
	return account, err
}
