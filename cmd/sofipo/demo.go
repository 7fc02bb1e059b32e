package main

import (
	"context"
	"errors"
	"fmt"
	"net"
)

type demoCommand struct {
	settings `embed:""`
}

// Run serves with the demo profile and prints where to begin.
func (c *demoCommand) Run(ctx context.Context) error {
	if c.Profile == productionProfile {
		return usageError{errors.New("SOFIPO_PROFILE is production: demo makes a user with a public password")}
	}
	c.Profile = demoProfile
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

// where says where the data is.
func (s *settings) where() string {
	if s.primaryURL() != "" {
		return "PostgreSQL"
	}
	return s.Data
}
