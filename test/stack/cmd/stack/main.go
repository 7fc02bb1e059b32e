// Command stack starts the services that sofipo works with (see package test/stack), for
// manual use or for a whole test run:
//
//	go run ./test/stack/cmd/stack up [--file F]
//	go run ./test/stack/cmd/stack run [--] COMMAND ARGS...
//
// "up" prints the environment for sofipo and keeps the services running until Ctrl-C. With
// --file it also writes F for SOFIPO_TEST_STACK. "run" sets the environment for one command
// and returns its exit code.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"sofipo/test/stack"
)

type commands struct {
	Up  upCommand  `cmd:"" help:"Start the services and keep them running until Ctrl-C."`
	Run runCommand `cmd:"" help:"Start the services, run a command with their environment, and stop them."`
}

type upCommand struct {
	File string `help:"Write the file for SOFIPO_TEST_STACK here." type:"path"`
}

type runCommand struct {
	Command []string `arg:"" passthrough:"" help:"The command and its arguments."`
}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	parsed := kong.Parse(&commands{}, kong.Name("stack"),
		kong.Description("Starts the services that sofipo works with on free ports of 127.0.0.1."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	err := parsed.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(max(1, exit.ExitCode()))
	}
	parsed.FatalIfErrorf(err)
}

// Run implements the subcommand up.
func (c *upCommand) Run(ctx context.Context) (err error) {
	services, err := stack.StartOwn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, services.Close()) }()
	for _, service := range services.Services() {
		fmt.Printf("# %-9s %s  process %d\n", service.Name, service.Addr, service.Pid())
	}
	for _, line := range services.Env() {
		fmt.Println("export", line)
	}
	if c.File != "" {
		if err := services.Share(c.File); err != nil {
			return err
		}
		defer func() { _ = os.Remove(c.File) }()
		fmt.Println("export SOFIPO_TEST_STACK=" + c.File)
	}
	fmt.Println("export SOFIPO_PROFILE=demo API_SECRET_KEY=" + rand.Text())
	fmt.Println("# running until Ctrl-C; in another terminal, with these lines: go run ./cmd/sofipo serve, and … consume")
	<-ctx.Done()
	return nil
}

// Run implements the subcommand run.
func (c *runCommand) Run(ctx context.Context) (err error) {
	arguments := c.Command
	if arguments[0] == "--" {
		arguments = arguments[1:]
	}
	if len(arguments) == 0 {
		return errors.New("run: a command is required")
	}
	services, err := stack.StartOwn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, services.Close()) }()
	folder, err := os.MkdirTemp("", "sofipo-stack-run-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, "stack.json")
	if err := services.Share(file); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, arguments[0], arguments[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(append(os.Environ(), services.Env()...), "SOFIPO_TEST_STACK="+file)
	return cmd.Run()
}
