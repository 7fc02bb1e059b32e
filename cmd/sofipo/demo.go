package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"time"

	"sofipo/core/civil"
	"sofipo/simulation"
)

type demoCommand struct {
	settings `embed:""`
	Seed     uint64  `default:"1" help:"Every name, decision, id and moment of the simulated institution comes from this number."`
	Days     *int    `help:"Simulate so many days, print what came of them and end, from an empty database. Without it: 120 days up to yesterday, if there is no data yet, and then serve."`
	Clients  *int    `help:"How many clients come; 40 without --days, 2000 with it."`
	From     *string `placeholder:"DATE" help:"First day, with --days: 2025-01-02, or with --serve so many days ago."`
	Serve    bool    `help:"With --days: keep the data and serve them."`
}

// What is simulated when nothing else is asked for.
const (
	newcomerDays    = 120
	newcomerClients = 40
	playClients     = 2_000
)

// Validate is called by kong after parsing; its message names the flag.
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
	if c.Days == nil && (c.From != nil || c.Serve) {
		return errors.New("--from and --serve are only for --days")
	}
	if c.From != nil {
		if day, err := civil.Parse(*c.From); err != nil || day.Year < 1990 || day.Year > 2090 {
			return fmt.Errorf("--from is %q: use a day from 1990 to 2090, such as %s", *c.From, simulation.DefaultFrom)
		}
	}
	return nil
}

// Run plays the life of an institution and serves it with the demo profile, or
// only plays it.
func (c *demoCommand) Run(ctx context.Context) error {
	if c.Profile == productionProfile {
		return usageError{errors.New("SOFIPO_PROFILE is production: demo makes a user with a public password")}
	}
	c.Profile = demoProfile
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if c.Days != nil && !c.Serve {
		return c.rehearse(ctx)
	}
	if err := c.play(ctx); err != nil {
		return err
	}
	return serve(ctx, &c.settings, c.logger(), func(at net.Addr) {
		fmt.Printf(`
sofipo is serving at http://%[1]s
  documentation   http://%[1]s/docs
  user            admin, password string
  data            %[2]s; delete the folder to begin anew
  stop            Ctrl-C

`, at, c.where())
	})
}

// rehearse plays in a folder of its own, which it removes; PostgreSQL keeps what
// was played.
func (c *demoCommand) rehearse(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "sofipo-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // at worst the system does it
	c.Data = folder
	return c.play(ctx)
}

// play fills the database with the life of an institution. Without --days one
// that has data already is left as it is.
func (c *demoCommand) play(ctx context.Context) error {
	release, err := c.claimFolder(serving)
	if err != nil {
		return err
	}
	defer release()
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

// options are those of the play but for its database.
func (c *demoCommand) options() (simulation.Options, error) {
	location, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return simulation.Options{}, err
	}
	o := simulation.Options{Seed: c.Seed, Days: newcomerDays, Clients: newcomerClients, Location: location}
	if c.Days != nil {
		o.Days, o.Clients = *c.Days, playClients
	}
	if c.Clients != nil {
		o.Clients = *c.Clients
	}
	switch {
	case c.From != nil:
		o.From, err = civil.Parse(*c.From)
	case c.Days == nil || c.Serve:
		o.From = civil.DateOf(time.Now().In(location)).AddDays(-o.Days)
	}
	return o, err
}

// where says where the data is.
func (s *settings) where() string {
	if s.primaryURL() != "" {
		return "PostgreSQL"
	}
	return s.Data
}
