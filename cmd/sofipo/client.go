package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/document"
	"sofipo/view"
)

type clientCommand struct {
	Export  clientExportCommand  `cmd:"" help:"Write everything that is held about a client to a ZIP file."`
	Block   clientBlockCommand   `cmd:"" help:"Block the personal data of a client without open loans and applications."`
	Destroy clientDestroyCommand `cmd:"" help:"Destroy blocked personal data whose term has ended."`
}

// clientArg names a client.
type clientArg struct {
	Client string `arg:"" help:"Number of the client, such as C-100-014, or id."`
}

// find returns the id of the client.
func (c clientArg) find(ctx context.Context, n *node) (id.ID, error) {
	if found, err := id.Parse(c.Client); err == nil {
		return found, nil
	}
	number, flaw := folio.Client.Parse(c.Client)
	if flaw != "" {
		return id.ID{}, usageError{fmt.Errorf("%q is not a client: use a number such as C-100-014, or an id", c.Client)}
	}
	return n.view.ClientNumbered(ctx, view.System, number)
}

type clientExportCommand struct {
	settings `embed:""`
	clientArg
	File string `arg:"" help:"New file, such as client.zip."`
}

// Run records the export and writes the file.
func (c *clientExportCommand) Run(ctx context.Context) error {
	return c.on(ctx, c.clientArg, func(n *node, of id.ID) error {
		receipt, err := bank.Do(ctx, n.bank, commandLine, clients.ExportData{ID: of})
		if err != nil {
			return err
		}
		by := view.System
		by.Need = receipt.Token
		now, err := n.bank.Now(ctx)
		if err != nil {
			return err
		}
		data, err := n.view.PersonalData(ctx, by, of, now, civil.DateOf(now))
		if err != nil {
			return err
		}
		file, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		err = document.WritePersonalData(file, data, func(hash string) ([]byte, error) { return n.files.Load(ctx, hash) })
		if err = errors.Join(err, file.Close()); err != nil {
			return errors.Join(err, os.Remove(c.File))
		}
		fmt.Printf("wrote %s with %d documents\n", c.File, len(data.Documents()))
		return nil
	})
}

type clientBlockCommand struct {
	settings `embed:""`
	clientArg
	Reason string `required:"" help:"Why the data are blocked."`
}

// Run blocks the data.
func (c *clientBlockCommand) Run(ctx context.Context) error {
	return c.on(ctx, c.clientArg, func(n *node, of id.ID) error {
		receipt, err := bank.Do(ctx, n.bank, commandLine, lending.BlockClient{ClientID: of, Reason: c.Reason})
		if err == nil {
			fmt.Printf("the data are blocked; they may be destroyed from %s\n", receipt.Answer.DestroyFrom)
		}
		return err
	})
}

type clientDestroyCommand struct {
	settings `embed:""`
	clientArg
}

// Run destroys the data and the documents.
func (c *clientDestroyCommand) Run(ctx context.Context) error {
	return c.on(ctx, c.clientArg, func(n *node, of id.ID) error {
		if _, err := bank.Do(ctx, n.bank, commandLine, clients.DestroyData{ID: of}); err != nil {
			return err
		}
		deleted, err := clients.DeleteFiles(ctx, n.bank, commandLine, n.files)
		fmt.Printf("the data are destroyed; %d documents were deleted\n", deleted)
		return err
	})
}

// on opens a node for a task with a client.
func (s *settings) on(ctx context.Context, c clientArg, work func(*node, id.ID) error) error {
	if err := s.hasDatabase(); err != nil {
		return err
	}
	return change(ctx, s, func(n *node) error {
		of, err := c.find(ctx, n)
		if err != nil {
			return err
		}
		return work(n, of)
	})
}

// deleteEvery is the pause between looks for documents of destroyed data.
const deleteEvery = time.Minute

// deleteFiles deletes the documents of destroyed data until the context ends.
func (n *node) deleteFiles(ctx context.Context) {
	for {
		deleted, err := clients.DeleteFiles(ctx, n.bank, commandLine, n.files)
		if err != nil && ctx.Err() == nil {
			n.log.Error("deleting the documents of destroyed data failed", "error", err)
		}
		if deleted > 0 {
			n.log.Info("documents of destroyed data deleted", "documents", deleted)
		}
		if !sleep(ctx, deleteEvery) {
			return
		}
	}
}
