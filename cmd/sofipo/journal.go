package main

import (
	"context"
	"errors"
	"fmt"

	"sofipo/bank/months"
	"sofipo/core/civil"
)

type journalCommand struct {
	List   journalListCommand   `cmd:"" help:"List the detached months."`
	Detach journalDetachCommand `cmd:"" help:"Write the oldest month of the journal and of the daily positions to files, verify them, and drop the month from the database. Only PostgreSQL. Run it again after an interruption."`
	Verify journalVerifyCommand `cmd:"" help:"Compare the rows of a file with the seals of the journal, without attaching it."`
	Attach journalAttachCommand `cmd:"" help:"Put the newest detached month back from its files. Run it again after an interruption."`
}

type journalListCommand struct {
	settings `embed:""`
}

// Run lists the months.
func (c *journalListCommand) Run(ctx context.Context) error {
	return withData(ctx, &c.settings, func(n *node) error {
		all, err := months.List(ctx, n.db)
		for _, m := range all {
			fmt.Printf("%s\t%d rows\t%s\t%d daily positions\tdetached by %s on %s\n", m.First.MonthOf(), m.Journal.Rows, m.Journal.SHA256, m.Positions.Rows, m.DetachedBy, civil.DateOf(m.DetachedAt))
		}
		return err
	})
}

// monthInFolder names a month and the folder of its files.
type monthInFolder struct {
	Month  string `arg:"" help:"Month, as YYYY-MM."`
	Folder string `arg:"" type:"existingdir" help:"Folder of the files."`
}

// first returns the first day of the month.
func (m monthInFolder) first() (civil.Date, error) {
	day, err := civil.Parse(m.Month + "-01")
	if err != nil {
		err = usageError{fmt.Errorf("%q is not a month: use YYYY-MM, such as 2024-03", m.Month)}
	}
	return day, err
}

type journalDetachCommand struct {
	settings `embed:""`
	monthInFolder
}

// Run detaches the month.
func (c *journalDetachCommand) Run(ctx context.Context) error {
	month, err := c.first()
	if err != nil {
		return err
	}
	c.patient = true
	return change(ctx, &c.settings, func(n *node) error {
		m, err := months.Detach(ctx, n.bank, commandLine, c.Folder, month)
		if err == nil {
			fmt.Printf("%s is detached: %d rows of the journal and %d daily positions are in %s; keep the files for ten years, and copies of them in another place\n",
				c.Month, m.Journal.Rows, m.Positions.Rows, c.Folder)
		}
		return err
	})
}

type journalVerifyCommand struct {
	settings `embed:""`
	Files    []string `arg:"" type:"existingfile" help:"Files of detached months."`
}

// Run prints a line for each file, and what is wrong with it.
func (c *journalVerifyCommand) Run(ctx context.Context) error {
	c.patient = true
	return withData(ctx, &c.settings, func(n *node) error {
		wrong := 0
		for _, path := range c.Files {
			v, err := months.Verify(ctx, n.db, path)
			if err != nil {
				return err
			}
			verdict := "ok   "
			if len(v.Wrong) > 0 {
				verdict, wrong = "FAIL ", wrong+1
			}
			fmt.Printf("%s %s: %s of %s, %d rows in %d seals\n", verdict, path, v.Table, v.Month.MonthOf(), v.Rows, v.Seals)
			for _, finding := range v.Wrong {
				fmt.Printf("      %s\n", finding)
			}
		}
		if wrong > 0 {
			return errors.New("some files are not as they were sealed")
		}
		return nil
	})
}

type journalAttachCommand struct {
	settings `embed:""`
	monthInFolder
}

// Run attaches the month.
func (c *journalAttachCommand) Run(ctx context.Context) error {
	month, err := c.first()
	if err != nil {
		return err
	}
	c.patient = true
	return change(ctx, &c.settings, func(n *node) error {
		m, err := months.Attach(ctx, n.bank, commandLine, c.Folder, month)
		if err == nil {
			fmt.Printf("%s is attached: %d rows of the journal and %d daily positions are in the database again\n", c.Month, m.Journal.Rows, m.Positions.Rows)
		}
		return err
	})
}
