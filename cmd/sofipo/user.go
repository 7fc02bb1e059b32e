package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/infra/auth"
	"sofipo/infra/db"
	"sofipo/view"
)

type userCommand struct {
	List    userListCommand    `cmd:"" help:"List users."`
	Add     userAddCommand     `cmd:"" help:"Add a user. The password is prompted for, or read from standard input."`
	Passwd  userPasswdCommand  `cmd:"" help:"Change a user's password. This also enables a disabled user."`
	Disable userDisableCommand `cmd:"" help:"Disable a user. Active tokens are rejected within seconds."`
	Enable  userEnableCommand  `cmd:"" help:"Enable a disabled user."`
	Role    userRoleCommand    `cmd:"" help:"Give a user another role."`
	Branch  userBranchCommand  `cmd:"" help:"Move a user to another branch."`
	Service userServiceCommand `cmd:"" help:"Add a service account, which programs use with API keys."`
	Key     userKeyCommand     `cmd:"" help:"List, create and revoke the API keys of a service account."`

	ResetFactor userResetFactorCommand `cmd:"" help:"Remove a user's second factor. Active tokens are rejected within seconds."`
}

type userAddCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name: 2 to 64 lower-case letters, digits and . _ @ -"`
	Role     string `required:"" help:"Role: ${roles}, or one of the institution."`
	FullName string `help:"Name of the person."`
	Branch   string `help:"Code of the branch. Default: the head office."`
}

// Run adds the user.
func (c *userAddCommand) Run(ctx context.Context) error {
	password, err := askPassword(c.Username)
	if err != nil {
		return err
	}
	return change(ctx, &c.settings, func(n *node) error {
		hash, err := n.hashed(ctx, c.Username, password)
		if err != nil {
			return err
		}
		_, err = bank.Do(ctx, n.bank, commandLine, staffing.AddUser{Username: c.Username, Password: hash, Role: c.Role, FullName: c.FullName, Branch: c.Branch})
		return err
	})
}

type userPasswdCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name."`
}

// Run changes the password.
func (c *userPasswdCommand) Run(ctx context.Context) error {
	password, err := askPassword(c.Username)
	if err != nil {
		return err
	}
	return change(ctx, &c.settings, func(n *node) error {
		hash, err := n.hashed(ctx, c.Username, password)
		if err != nil {
			return err
		}
		_, err = bank.Do(ctx, n.bank, commandLine, staffing.ChangePassword{Username: c.Username, Password: hash})
		return err
	})
}

type userDisableCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name."`
}

// Run disables the user.
func (c *userDisableCommand) Run(ctx context.Context) error {
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.DisableUser{Username: c.Username})
		return err
	})
}

type userResetFactorCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name."`
}

// Run removes the second factor.
func (c *userResetFactorCommand) Run(ctx context.Context) error {
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.ResetFactor{Username: c.Username})
		return err
	})
}

type userRoleCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name."`
	Role     string `arg:"" help:"Role: ${roles}, or one of the institution."`
}

// Run changes the role. The operator does it without a second person.
func (c *userRoleCommand) Run(ctx context.Context) error {
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.AssignRole{Username: c.Username, Role: access.Role(c.Role)})
		return err
	})
}

type userEnableCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name."`
}

// Run enables the user.
func (c *userEnableCommand) Run(ctx context.Context) error {
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.EnableUser{Username: c.Username})
		return err
	})
}

type userBranchCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"User name."`
	Branch   string `arg:"" help:"Code of the branch."`
}

// Run changes the branch.
func (c *userBranchCommand) Run(ctx context.Context) error {
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.ChangeUser{Username: c.Username, Branch: &c.Branch})
		return err
	})
}

type userListCommand struct {
	settings `embed:""`
}

// Run lists the users.
func (c *userListCommand) Run(ctx context.Context) error {
	return withData(ctx, &c.settings, func(n *node) error {
		all, err := n.view.Users(ctx, view.System)
		if err != nil {
			return err
		}
		offices, err := n.view.Branches(ctx, view.System)
		codes := map[id.ID]string{}
		for _, o := range offices {
			codes[o.ID] = o.Code
		}
		for _, u := range all {
			state := "enabled"
			if u.Disabled {
				state = "disabled"
			}
			fmt.Printf("%s\t%s\t%s\t%s\t%s\n", u.Username, u.Role, state, codes[u.BranchID], u.FullName)
		}
		return err
	})
}

// withNode opens a node, without its relay, for one task.
func withNode(ctx context.Context, s *settings, work func(*node) error) error {
	n, err := openNode(ctx, s, s.logger())
	if err != nil {
		return err
	}
	defer n.close()
	return work(n)
}

// withData opens a node as withNode does, but creates no embedded database.
func withData(ctx context.Context, s *settings, work func(*node) error) error {
	if err := s.hasDatabase(); err != nil {
		return err
	}
	return withNode(ctx, s, work)
}

// hasDatabase refuses a data folder without a database, which is probably the wrong folder.
func (s *settings) hasDatabase() error {
	if s.primaryURL() == "" && !db.HasDatabase(s.Data) {
		return fmt.Errorf("SOFIPO_DATA: no database in %s; sofipo serve creates one", s.Data)
	}
	return nil
}

// change opens a node, without its relay, for one task that writes.
func change(ctx context.Context, s *settings, work func(*node) error) error {
	return withNode(ctx, s, func(n *node) error {
		if err := n.checkGap(ctx, s); err != nil {
			return err
		}
		return work(n)
	})
}

// askPassword reads a new password from the terminal or from standard input.
func askPassword(username string) (string, error) {
	return readSecret("New password for " + username)
}

// readSecret reads a secret from the terminal, after the prompt, or from standard input.
func readSecret(prompt string) (text string, err error) {
	if in := int(os.Stdin.Fd()); term.IsTerminal(in) {
		fmt.Fprint(os.Stderr, prompt+": ")
		var typed []byte
		typed, err = term.ReadPassword(in)
		fmt.Fprintln(os.Stderr)
		text = string(typed)
	} else {
		text, err = bufio.NewReader(os.Stdin).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		text = strings.TrimRight(text, "\r\n")
	}
	if err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	return text, nil
}

// hashed checks a new password and hashes it.
func (n *node) hashed(ctx context.Context, username, password string) (string, error) {
	letter, err := n.view.Letterhead(ctx, view.System)
	if err != nil {
		return "", err
	}
	if err := auth.CheckNewPassword(username, letter.Name, password); err != nil {
		return "", usageError{err}
	}
	return auth.HashPassword(password)
}
