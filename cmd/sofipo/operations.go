package main

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"sofipo/checks"
	"sofipo/console"
	"sofipo/infra/amqp"
)

// operations returns what the console shows of the running system.
func (n *node) operations(s *settings, watch *logWatch) console.Operations {
	o := console.Operations{
		Ready: n.ready, Warnings: watch.warnings, Events: n.events, Settings: s.listed(),
		Transit: func(ctx context.Context) (console.Transit, error) {
			t, err := n.inTransit(ctx, s.amqpURL())
			return console.Transit{Outbox: t.outbox + t.unsent, Queued: t.queued, Dead: t.dead}, err
		},
		Doctor: func(ctx context.Context) []checks.Check { return n.examine(ctx, s, false, checkLimit) },
	}
	if s.amqpURL() != "" {
		o.DeadLetters = func(ctx context.Context, limit int) ([]amqp.DeadLetter, error) {
			return amqp.PeekDeadLetters(ctx, s.amqpURL(), limit)
		}
		o.Replay = func(ctx context.Context) (int, error) { return amqp.ReplayDeadLetters(ctx, s.amqpURL()) }
	}
	return o
}

// listed returns the settings by the names of their variables, without secrets: those named so,
// and the passwords in URLs.
func (s *settings) listed() (all []console.Setting) {
	values := reflect.ValueOf(*s)
	for i := range values.NumField() {
		name := values.Type().Field(i).Tag.Get("env")
		if name == "" {
			continue
		}
		value := fmt.Sprint(values.Field(i).Interface())
		one := console.Setting{Name: name, Set: value != ""}
		for _, word := range []string{"SECRET", "PASSWORD", "PASS", "_KEY"} {
			one.Secret = one.Secret || strings.Contains(name, word)
		}
		if u, err := url.Parse(value); err == nil && u.User != nil {
			value = u.Redacted()
		} else if err != nil && strings.Contains(name, "URL") {
			one.Secret = true // it may have a password
		}
		if !one.Secret {
			one.Value = value
		}
		all = append(all, one)
	}
	return all
}
