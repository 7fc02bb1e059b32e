// Command sofipo is the core-banking system of a SOFIPO in one program: it runs
// with an embedded database, bus, cache and event log, or, by configuration
// alone, on PostgreSQL, Redis, RabbitMQ and CouchDB.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // business days turn in America/Mexico_City wherever we run

	"github.com/alecthomas/kong"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/text"
)

// version is set by the linker.
var version = "development"

// commands is the grammar of the command line.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"Serve the REST API."`
	Demo        demoCommand        `cmd:"" help:"Serve a demonstration: profile demo, user admin with password string."`
	Consume     consumeCommand     `cmd:"" help:"Carry events from RabbitMQ to CouchDB."`
	Quote       quoteCommand       `cmd:"" help:"Print the amortization table, the totals and the CAT of a loan."`
	Close       closeCommand       `cmd:"" help:"Close the next business day, or all that were missed."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database's schema up to this program's."`
	User        userCommand        `cmd:"" help:"Add users, change their passwords, disable them."`
	Doctor      doctorCommand      `cmd:"" help:"Check the books, the outbox, the dead letters and, with --verify, the chain of events."`
	DeadLetters deadLettersCommand `cmd:"" name:"dead-letters" help:"Count or replay the messages that could not be stored."`
	Docs        docsCommand        `cmd:"" help:"Print the OpenAPI or the AsyncAPI document."`
	Health      healthCommand      `cmd:"" help:"Ask a running server whether it is ready; for health checks."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	fmt.Println("sofipo", version)
	return nil
}

// usageError is a wrong setting or argument: exit status 2.
type usageError struct{ error }

// Unwrap gives the error itself.
func (e usageError) Unwrap() error { return e.error }

// explain is an error as one line, with the fields at fault.
func explain(err error) string {
	words := err.Error()
	var refusal *fault.Error
	switch {
	case !errors.As(err, &refusal):
	case len(refusal.Flaws) > 0:
		words = flawsOf(refusal, func(field string) string { return field })
	default:
		words = text.Detail(refusal)
	}
	return strings.Join(strings.Fields(words), " ")
}

// flawsOf says what is wrong with each field, by the name that the caller has for it.
func flawsOf(refusal *fault.Error, name func(field string) string) string {
	flaws := make([]string, len(refusal.Flaws))
	for i, f := range refusal.Flaws {
		flaws[i] = name(f.Name()) + ": " + text.DetailOf(f)
	}
	return strings.Join(flaws, "; ")
}

// roleNames are the roles of users, with commas.
func roleNames() string {
	var names []string
	for _, role := range access.Roles() {
		names = append(names, string(role))
	}
	return strings.Join(names, ",")
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var cli commands
	parser, err := kong.New(&cli, append(figures, kong.Name("sofipo"),
		kong.Description("Core banking for a Mexican SOFIPO. Every setting is a flag and an environment variable."),
		kong.Vars{"roles": roleNames()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}))...)
	if err != nil {
		panic(err) // the grammar itself is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "sofipo:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run()
	logs.Flush()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sofipo:", explain(err))
		if usage := (usageError{}); errors.As(err, &usage) {
			return 2
		}
		return 1
	}
	return 0
}
