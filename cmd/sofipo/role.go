package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

type roleCommand struct {
	List roleListCommand `cmd:"" help:"List roles with their scope."`
	Show roleShowCommand `cmd:"" help:"Print a role with its permissions, scope and limits as JSON."`
}

type roleListCommand struct {
	settings `embed:""`
}

// Run lists the roles.
func (c *roleListCommand) Run(ctx context.Context) error {
	return withData(ctx, &c.settings, func(n *node) error {
		all, err := n.bank.Roles(ctx)
		for _, r := range all {
			fmt.Printf("%s\t%s\t%s\n", r.Name, r.Scope, r.Title)
		}
		return err
	})
}

type roleShowCommand struct {
	settings `embed:""`
	Role     string `arg:"" help:"Name of the role."`
}

// Run prints the role.
func (c *roleShowCommand) Run(ctx context.Context) error {
	return withData(ctx, &c.settings, func(n *node) error {
		all, err := n.bank.Roles(ctx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(r staff.Role) bool { return r.Name == access.Role(c.Role) })
		if at < 0 {
			return fault.Wrong(fault.At("role", staff.UnknownRole))
		}
		return printJSON(os.Stdout, all[at])
	})
}
