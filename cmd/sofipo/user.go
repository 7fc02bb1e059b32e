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
	"sofipo/infra/auth"
)

type userCommand struct {
	Add     userAddCommand     `cmd:"" help:"Add a user; the password is asked for, or read from standard input."`
	Passwd  userPasswdCommand  `cmd:"" help:"Change a password; this also lets a disabled user in again."`
	Disable userDisableCommand `cmd:"" help:"Keep a user out; tokens in use end within seconds."`
}

type userAddCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"2 to 64 lower-case letters, digits and . _ @ -"`
	Role     string `required:"" enum:"${roles}" help:"Role: ${enum}."`
}

// Run adds the user through the bank's door.
func (c *userAddCommand) Run(ctx context.Context) error {
	hash, err := askPassword(c.Username)
	if err != nil {
		return err
	}
	return withNode(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.AddUser{Username: c.Username, Password: hash, Role: c.Role})
		return err
	})
}

type userPasswdCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"Name of the user."`
}

// Run changes the password.
func (c *userPasswdCommand) Run(ctx context.Context) error {
	hash, err := askPassword(c.Username)
	if err != nil {
		return err
	}
	return withNode(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.ChangePassword{Username: c.Username, Password: hash})
		return err
	})
}

type userDisableCommand struct {
	settings `embed:""`
	Username string `arg:"" help:"Name of the user."`
}

// Run disables the user.
func (c *userDisableCommand) Run(ctx context.Context) error {
	return withNode(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, staffing.DisableUser{Username: c.Username})
		return err
	})
}

// withNode opens the system, without its relay, for one piece of work.
func withNode(ctx context.Context, s *settings, work func(*node) error) error {
	n, err := openNode(ctx, s, s.logger())
	if err != nil {
		return err
	}
	defer n.close()
	return work(n)
}

// askPassword reads a new password without showing it, or a line of a pipe, and hashes it.
func askPassword(username string) (hash string, err error) {
	var text string
	if in := int(os.Stdin.Fd()); term.IsTerminal(in) {
		fmt.Fprintf(os.Stderr, "New password of %s: ", username)
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
	if err := auth.CheckNewPassword(username, text); err != nil {
		return "", usageError{err}
	}
	return auth.HashPassword(text)
}
