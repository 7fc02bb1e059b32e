package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"sofipo/api"
	"sofipo/infra/amqp"
)

type healthCommand struct {
	settings `embed:""`
	Consumer bool `help:"Check whether a consumer is connected to the RabbitMQ queue instead."`
}

// Run checks /readyz of the server at SOFIPO_ADDR, or the consumers of the queue. It
// returns an error if the check fails.
func (c *healthCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if c.Consumer {
		return c.askBroker(ctx)
	}
	return c.askServer(ctx)
}

func (c *healthCommand) askBroker(ctx context.Context) error {
	count, err := amqp.Consumers(ctx, c.amqpURL())
	if err == nil && count == 0 {
		err = errors.New("no consumer is connected to the queue")
	}
	return err
}

func (c *healthCommand) askServer(ctx context.Context) error {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	certificate, err := c.trustOwn()
	if err != nil {
		return err
	}
	scheme := "http"
	if certificate != nil {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: certificate}}
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", answer.Status)
	}
	var readiness api.Readiness
	if err := json.NewDecoder(answer.Body).Decode(&readiness); err != nil {
		return fmt.Errorf("/readyz: %w", err)
	}
	for name, result := range readiness.Checks {
		if result == "warning" {
			fmt.Fprintf(os.Stderr, "sofipo: ready, with a warning: %s; see sofipo doctor\n", name)
		}
	}
	return nil
}
