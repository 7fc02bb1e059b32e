package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/infra/auth"
	"sofipo/view"
)

type userServiceCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name: 2 to 64 lower-case letters, digits and . _ @ -"`
	Role     string `required:"" help:"Role: ${roles}, or one of the institution."`
	FullName string `help:"What the program is."`
	Branch   string `help:"Code of the branch. Default: the head office."`
}

// Run adds the service account.
func (c *userServiceCommand) Run(ctx context.Context) error {
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.AddUser{Username: c.Username, Role: c.Role, FullName: c.FullName, Branch: c.Branch, Service: true})
		return err
	})
}

type userKeyCommand struct {
	List   keyListCommand   `cmd:"" help:"List the API keys of a service account."`
	Add    keyAddCommand    `cmd:"" help:"Create an API key and print it. It is not shown again."`
	Revoke keyRevokeCommand `cmd:"" help:"Revoke an API key. It is rejected within seconds."`
}

type keyAddCommand struct {
	settings    `embed:""`
	Username    string   `arg:"" help:"User name of the service account."`
	Name        string   `required:"" help:"What the key is for."`
	Days        int      `required:"" help:"Days until the key expires: 1 to 366."`
	Permissions []string `help:"Permissions of the role that the key has, separated by commas. Default: all."`
}

// Run creates the key, which is active at once.
func (c *keyAddCommand) Run(ctx context.Context) error {
	secret := auth.NewAPISecret()
	command := staffing.AddAPIKey{Username: c.Username, Title: c.Name, Days: c.Days, Hash: auth.HashAPISecret(secret)}
	for _, p := range c.Permissions {
		command.Permissions = append(command.Permissions, access.Permission(p))
	}
	return change(ctx, &c.settings, func(n *node) error {
		made, err := bank.Do(ctx, n.bank, commandLine, command)
		if err == nil {
			fmt.Println(auth.APIKey(made.Answer.ID, secret))
		}
		return err
	})
}

type keyRevokeCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name of the service account."`
	ID       string `arg:"" help:"Id of the key, as sofipo user key list shows it."`
}

// Run revokes the key.
func (c *keyRevokeCommand) Run(ctx context.Context) error {
	keyID, err := id.Parse(c.ID)
	if err != nil {
		return usageError{fmt.Errorf("id: %w", err)}
	}
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.RevokeAPIKey{Username: c.Username, ID: keyID})
		return err
	})
}

type keyListCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name of the service account."`
}

// Run lists the keys.
func (c *keyListCommand) Run(ctx context.Context) error {
	return withData(ctx, &c.settings, func(n *node) error {
		all, err := n.view.APIKeys(ctx, view.System, c.Username)
		if err != nil {
			return err
		}
		for _, k := range all {
			permissions := make([]string, len(k.Permissions))
			for i, p := range k.Permissions {
				permissions[i] = string(p)
			}
			fmt.Printf("%s\t%s\t%s\t%s\t%s\n", k.ID, k.State(n.now()), k.ExpiresAt.Format(time.DateOnly), k.Name, strings.Join(permissions, ","))
		}
		return nil
	})
}
