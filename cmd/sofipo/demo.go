package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/infra/auth"
	"sofipo/simulation"
)

type demoCommand struct {
	settings `embed:""`
	Seed     uint64  `default:"1" help:"Random seed. The same seed gives the same institution."`
	Days     *int    `help:"Number of days to simulate in an empty database. Prints a report and exits, unless --serve is set. Without it, an empty database gets 120 days up to yesterday, and is then served."`
	Clients  *int    `help:"Number of clients. Defaults to 2000 with --days and 40 without."`
	From     *string `placeholder:"DATE" help:"First day of the simulation, with --days. Defaults to 2025-01-02 or, with --serve, to as many days ago as --days."`
	Serve    bool    `help:"With --days: keep the data and serve it."`
	Faults   string  `enum:",sqlite,twin" default:"" help:"With --days: inject crashes, lost answers, doubled requests, slow reads and wrong clocks, on SQLite or on the twin of the tests in memory (sqlite, twin), and compare the books with those without."`
}

// Defaults of the simulation.
const (
	servedDays       = 120
	servedClients    = 40
	simulatedClients = 2_000
)

// Validate checks the flags. Kong calls it after parsing.
func (c *demoCommand) Validate() error {
	if err := c.settings.Validate(); err != nil {
		return err
	}
	if c.Days != nil && (*c.Days < 1 || *c.Days > simulation.MaxDays) {
		return fmt.Errorf("--days is %d: use 1 to %d", *c.Days, simulation.MaxDays)
	}
	if c.Clients != nil && (*c.Clients < 1 || *c.Clients > simulation.MaxClients) {
		return fmt.Errorf("--clients is %d: use 1 to %d", *c.Clients, simulation.MaxClients)
	}
	if c.Days == nil && (c.From != nil || c.Serve || c.Faults != "") {
		return errors.New("--from, --serve and --faults require --days")
	}
	if c.Faults != "" && (c.Serve || c.primaryURL() != "") {
		return errors.New("--faults keeps no data: use it without --serve and without a PostgreSQL URL")
	}
	if c.From != nil {
		if day, err := civil.Parse(*c.From); err != nil || day.Year < 2007 || day.Year > 2090 {
			return fmt.Errorf("--from is %q: use a day from 2007 to 2090, such as %s", *c.From, simulation.DefaultFrom)
		}
	}
	return nil
}

// Run simulates an institution and serves it with the demo profile, or only simulates it.
func (c *demoCommand) Run(ctx context.Context) error {
	if c.Profile == productionProfile {
		return usageError{errors.New("SOFIPO_PROFILE is production: demo creates a user with a published password")}
	}
	c.Profile = demoProfile
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	switch {
	case c.Faults != "":
		return c.simulateFaults(ctx)
	case c.Days != nil && !c.Serve:
		return c.simulateOnly(ctx)
	}
	return serve(ctx, &c.settings, c.logger(), occasions{before: c.simulate, ready: func(at net.Addr) {
		fmt.Printf(`
sofipo is serving at http://%[1]s
  console         http://%[1]s/
  documentation   http://%[1]s/docs
  user            admin, password string; so have the users of the simulated institution:
%[3]s  data            %[2]s; delete the folder to start again
  stop            Ctrl-C

`, at, c.where(), demoUsers())
	}})
}

// simulateOnly simulates in a temporary folder, which it removes. PostgreSQL keeps the
// data.
func (c *demoCommand) simulateOnly(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "sofipo-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // the system removes temporary files later
	c.Data = folder
	return c.simulate(ctx)
}

// simulateFaults simulates with faults and without, in temporary folders.
func (c *demoCommand) simulateFaults(ctx context.Context) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	o.Out, o.Files = os.Stdout, nil
	report, err := simulation.PlayFaults(ctx, o, simulation.Store(c.Faults))
	if err == nil {
		fmt.Print("\n", report)
	}
	return err
}

// simulate fills the database with a simulated institution. Without --days it keeps a
// database that already has data.
func (c *demoCommand) simulate(ctx context.Context) error {
	log := c.logger()
	patient := c.settings
	patient.patient = true
	database, err := openDatabase(ctx, &patient, log)
	if err != nil {
		return err
	}
	defer database.Close()
	o, err := c.options()
	if err != nil {
		return err
	}
	if o.DB, o.Log = database, log; c.Days == nil {
		if empty, err := simulation.Empty(ctx, database); err != nil || !empty {
			return err
		}
		log.Info("simulating an institution", "days", o.Days, "clients", o.Clients, "seed", o.Seed)
		_, err = simulation.Play(ctx, o)
		return err
	}
	o.Out = os.Stdout
	report, err := simulation.Play(ctx, o)
	if errors.Is(err, simulation.ErrNotEmpty) {
		return fmt.Errorf("%s: %w", c.where(), err)
	}
	if err == nil {
		fmt.Print("\n", report)
	}
	return err
}

// options returns the options of the simulation without the database.
func (c *demoCommand) options() (simulation.Options, error) {
	location, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return simulation.Options{}, err
	}
	o := simulation.Options{Seed: c.Seed, Days: servedDays, Clients: servedClients, Location: location}
	if o.Password, err = auth.HashPassword(seedPassword); err != nil {
		return o, err
	}
	if o.Files, err = c.files(); err != nil {
		return o, err
	}
	if c.Days != nil {
		o.Days, o.Clients = *c.Days, simulatedClients
	}
	if c.Clients != nil {
		o.Clients = *c.Clients
	}
	switch {
	case c.From != nil:
		o.From, err = civil.Parse(*c.From)
	case c.Days == nil || c.Serve:
		today := civil.DateOf(time.Now().In(location))
		if c.BusinessDate != "" {
			if today, err = civil.Parse(c.BusinessDate); err != nil {
				return o, err
			}
		}
		o.From = today.AddDays(-o.Days)
	}
	return o, err
}

// demoUsers returns the users of the simulated institution as a table for the terminal.
func demoUsers() string {
	var out strings.Builder
	for _, u := range simulation.Users() {
		fmt.Fprintf(&out, "                  %-18s %-15s %s\n", u.Name, u.Role, u.FullName)
	}
	return out.String()
}

// where returns the location of the data.
func (s *settings) where() string {
	if s.primaryURL() != "" {
		return "PostgreSQL"
	}
	return s.Data
}
