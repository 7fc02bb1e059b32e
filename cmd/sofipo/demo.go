package main

import (
	"context"
	"fmt"
	"net"
)

type demoCommand struct {
	settings `embed:""`
}

// Run serves with the demo profile and prints where to begin.
func (c *demoCommand) Run(ctx context.Context) error {
	c.Profile = demoProfile
	return serve(ctx, &c.settings, c.logger(), func(at net.Addr) {
		fmt.Printf(`
sofipo is serving at http://%[1]s
  documentation   http://%[1]s/docs
  user            admin, password string
  stop            Ctrl-C

`, at)
	})
}
