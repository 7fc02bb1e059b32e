// Command sofipo is the core-banking system of a SOFIPO in one program. It runs with an
// embedded database, cache and event log or, if so configured, with PostgreSQL, Redis,
// RabbitMQ and CouchDB.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // the time zone of the business date must be known on every system

	"github.com/alecthomas/kong"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/text"
)

// commands declares the command line.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"Serve the REST API."`
	Demo        demoCommand        `cmd:"" help:"Simulate an institution and serve it, with user admin and password string."`
	Consume     consumeCommand     `cmd:"" help:"Store events from RabbitMQ in CouchDB."`
	Quote       quoteCommand       `cmd:"" help:"Calculate the amortization table, the totals and the CAT of a loan."`
	Close       closeCommand       `cmd:"" help:"Close all open days before today, or one day."`
	Migrate     migrateCommand     `cmd:"" help:"Migrate the database schema to this version."`
	Journal     journalCommand     `cmd:"" help:"Detach old months of the journal to files, verify the files, and attach them again."`
	Keys        keysCommand        `cmd:"" help:"Rotate the key that encrypts personal data."`
	User        userCommand        `cmd:"" help:"List and add users, change their passwords, roles and branches, disable and enable them."`
	Role        roleCommand        `cmd:"" help:"List roles and show their permissions and limits."`
	Client      clientCommand      `cmd:"" help:"Export, block and destroy the personal data of a client."`
	Branch      branchCommand      `cmd:"" help:"List, open and close branches."`
	Screening   screeningCommand   `cmd:"" help:"Import lists of blocked persons and compare all clients with them."`
	Payments    paymentsCommand    `cmd:"" help:"Import payment files of banks."`
	Import      importCommand      `cmd:"" help:"Import the data of another system: the seed's database, or files of clients, loans, payments and opening balances."`
	Doctor      doctorCommand      `cmd:"" help:"Check the accounting books, the files for damage, the delivery of events to the event log and, with --verify, the whole event log."`
	Bench       benchCommand       `cmd:"" help:"Measure a running server: requests per second and latencies."`
	Backup      backupCommand      `cmd:"" help:"Copy the data folder to a new folder, while the server runs."`
	Restore     restoreCommand     `cmd:"" help:"Copy a backup to an empty data folder, and run the doctor."`
	Export      exportCommand      `cmd:"" help:"Write the whole institution to an archive of JSON lines, or check one."`
	Events      eventsCommand      `cmd:"" help:"Publish kept events again, or void events that the database does not have."`
	Webhook     webhookCommand     `cmd:"" help:"Manage webhooks, list their deliveries and send dead letters again."`
	DeadLetters deadLettersCommand `cmd:"" name:"dead-letters" help:"Count, list or replay messages that could not be stored."`
	Docs        docsCommand        `cmd:"" help:"Print the OpenAPI or AsyncAPI document."`
	Health      healthCommand      `cmd:"" help:"Check whether a running server is ready."`
	Settings    settingsCommand    `cmd:"" help:"List the settings that the commands share."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// usageError is a wrong setting or argument: exit status 2.
type usageError struct{ error }

// Unwrap returns the error.
func (e usageError) Unwrap() error { return e.error }

// explain returns an error as one line, with the invalid fields.
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
	return oneLine(words)
}

// oneLine replaces line ends by spaces.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// flawsOf returns the errors of all fields, with the names that the function gives them.
func flawsOf(refusal *fault.Error, name func(field string) string) string {
	flaws := make([]string, len(refusal.Flaws))
	for i, f := range refusal.Flaws {
		flaws[i] = name(f.Name()) + ": " + text.DetailOf(f)
	}
	return strings.Join(flaws, "; ")
}

// roleNames returns the roles, separated by commas.
func roleNames() string {
	var names []string
	for _, role := range access.Roles() {
		names = append(names, string(role))
	}
	return strings.Join(names, ",")
}

// newParser returns the parser of the command line. The help of a command lists only its own
// flags; that of the command settings lists the settings, which all commands share.
func newParser(options ...kong.Option) *kong.Kong {
	options = append(options, kong.Name("sofipo"), kong.Description("Core banking for a Mexican SOFIPO."), kong.Vars{"roles": roleNames()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}))
	parser, err := kong.New(&commands{}, append(options, figures...)...)
	if err != nil {
		panic(err) // the declaration of the commands is invalid
	}
	for _, command := range parser.Model.Leaves(true) { // those with the Help of settings have the settings
		for _, flag := range command.Flags {
			flag.Hidden = len(flag.Envs) > 0 && command.Detail == settings{}.Help()
		}
	}
	return parser
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	parser := newParser()
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
	context.AfterFunc(ctx, stop) // a second signal ends the program immediately
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run()
	logs.Flush()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sofipo:", explain(err))
		if usage := (usageError{}); errors.As(err, &usage) {
			return 2
		}
		if rejected := (rejectedError{}); errors.As(err, &rejected) {
			return 3
		}
		return 1
	}
	return 0
}
