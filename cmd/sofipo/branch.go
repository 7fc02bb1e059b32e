package main

import (
	"context"
	"fmt"

	"sofipo/bank"
	tills "sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
	"sofipo/view"
)

type branchCommand struct {
	List  branchListCommand  `cmd:"" help:"List branches."`
	Add   branchAddCommand   `cmd:"" help:"Open a branch."`
	Close branchCloseCommand `cmd:"" help:"Close a branch without enabled users and clients."`
}

type branchListCommand struct {
	settings `embed:""`
}

// Run lists the branches.
func (c *branchListCommand) Run(ctx context.Context) error {
	return withData(ctx, &c.settings, func(n *node) error {
		all, err := n.view.Branches(ctx, view.System)
		for _, o := range all {
			state := "open"
			if o.Closed {
				state = "closed"
			}
			fmt.Printf("%s\t%s\t%s\t%s\n", o.Code, state, o.Name, o.Address)
		}
		return err
	})
}

type branchAddCommand struct {
	settings `embed:""`
	Code     string `arg:"" help:"Code: 1 to 10 upper-case letters, digits and hyphens."`
	Name     string `arg:"" help:"Name."`
	Address  string `help:"Address."`
	Phone    string `help:"Phone."`
}

// Run opens the branch.
func (c *branchAddCommand) Run(ctx context.Context) error {
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.AddBranch{Code: c.Code, BranchName: c.Name, Address: c.Address, Phone: c.Phone})
		return err
	})
}

type branchCloseCommand struct {
	settings `embed:""`
	Code     string `arg:"" help:"Code of the branch."`
}

// Run closes the branch.
func (c *branchCloseCommand) Run(ctx context.Context) error {
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, &tills.CloseBranch{Code: c.Code})
		return err
	})
}
