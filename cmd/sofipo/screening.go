package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	screens "sofipo/bank/screening"
	"sofipo/core/fault"
	"sofipo/core/screening"
)

type screeningCommand struct {
	Import screeningImportCommand `cmd:"" help:"Import a CSV file as the next version of a list, and compare all clients with it."`
}

type screeningImportCommand struct {
	settings `embed:""`
	File     string `arg:"" type:"existingfile" help:"CSV file in UTF-8."`
	List     string `required:"" help:"Code of the list: LPB, OFAC, ONU, PEP, 69-B or another one."`
	Title    string `help:"Title of the list."`
	Effect   string `enum:",block,warn" default:"" help:"Effect of a match, block or warn. Only for the first version of a list that the program does not know."`
	SkipBad  bool   `name:"skip-bad-rows" help:"Import the good rows of a file that has bad rows."`
}

// Run imports the file and prints the report.
func (c *screeningImportCommand) Run(ctx context.Context) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	if len(content) > screening.MaxFile {
		return usageError{fmt.Errorf("%s has more than %d MiB", c.File, screening.MaxFile>>20)}
	}
	return change(ctx, &c.settings, func(n *node) error {
		got, err := bank.Do(ctx, n.bank, commandLine, &screens.ImportList{
			List: screening.ListCode(c.List), Title: c.Title, Effect: screening.Effect(c.Effect), SkipBad: c.SkipBad, Content: content,
		})
		if err != nil {
			return err
		}
		v, err := clients.Rescreen(ctx, n.bank, commandLine, got.Answer.List)
		if err != nil {
			return err
		}
		for _, b := range v.Bad {
			fmt.Printf("line %d, %s: %s\n", b.Line, b.Field, b.Rule)
		}
		fmt.Printf("%s version %d: %d entries, %d added, %d removed, %d rows left out; %d clients compared, %d alerts\n",
			v.List, v.Number, v.Entries, v.Added, v.Removed, len(v.Bad), v.Clients, v.Alerts)
		return nil
	})
}

// screenEvery is the pause between looks for lists that were imported.
const screenEvery = 15 * time.Second

// screen compares all clients with each newly imported list until the context ends. Two nodes
// that do it at the same time raise each alert once.
func (n *node) screen(ctx context.Context) {
	for {
		if err := n.screenPending(ctx); err != nil && ctx.Err() == nil && !fault.Is(err, fault.Unavailable) {
			n.log.Error("comparing the clients with a list failed", "error", err)
		}
		if !sleep(ctx, screenEvery) {
			return
		}
	}
}

func (n *node) screenPending(ctx context.Context) error {
	lists, err := clients.Pending(ctx, n.bank)
	for _, list := range lists {
		var v screening.Version
		if v, err = clients.Rescreen(ctx, n.bank, commandLine, list); err != nil {
			break
		}
		n.log.Info("clients compared with a list", "list", v.List, "version", v.Number, "clients", v.Clients, "alerts", v.Alerts)
	}
	return err
}
