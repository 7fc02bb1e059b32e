package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sofipo/bank"
	hooking "sofipo/bank/webhooks"
	"sofipo/core/id"
	"sofipo/core/webhook"
	sending "sofipo/infra/webhook"
	"sofipo/view"
)

type webhookCommand struct {
	List       webhookListCommand       `cmd:"" help:"List webhooks: id, state, events behind, dead letters, name, address, types of events."`
	Add        webhookAddCommand        `cmd:"" help:"Add a webhook, and print its id and its secret. The secret is not shown again."`
	Change     webhookChangeCommand     `cmd:"" help:"Change the name, the address or the types of events."`
	Pause      webhookPauseCommand      `cmd:"" help:"Stop the deliveries."`
	Resume     webhookResumeCommand     `cmd:"" help:"Continue the deliveries."`
	Secret     webhookSecretCommand     `cmd:"" help:"Replace the secret and print the new one. It is not shown again."`
	Test       webhookTestCommand       `cmd:"" help:"Send a test event."`
	Deliveries webhookDeliveriesCommand `cmd:"" help:"List the last deliveries: event, state, attempts, status, duration, time, type, error."`
	Replay     webhookReplayCommand     `cmd:"" help:"Send one dead letter again, or all."`
	Remove     webhookRemoveCommand     `cmd:"" help:"Remove a webhook with its dead letters."`
}

// hookID is the id of a webhook in the arguments.
type hookID struct {
	settings `embed:""`
	ID       string `arg:"" help:"Id of the webhook, as sofipo webhook list shows it."`
}

// do runs a command on the webhook.
func (c *hookID) do(ctx context.Context, command func(webhookID id.ID) bank.Command[webhook.Webhook]) error {
	webhookID, err := id.Parse(c.ID)
	if err != nil {
		return usageError{fmt.Errorf("id: %w", err)}
	}
	return change(ctx, &c.settings, func(n *node) error {
		_, err := bank.Do(ctx, n.bank, commandLine, command(webhookID))
		return err
	})
}

type webhookListCommand struct {
	settings `embed:""`
}

// Run lists the webhooks.
func (c *webhookListCommand) Run(ctx context.Context) error {
	return withData(ctx, &c.settings, func(n *node) error {
		all, err := n.view.Webhooks(ctx, view.System)
		for _, w := range all {
			types := "all"
			if len(w.Webhook.Events) > 0 {
				types = strings.Join(w.Webhook.Events, ",")
			}
			fmt.Printf("%s\t%s\t%d\t%d\t%s\t%s\t%s\n", w.Webhook.ID, w.Webhook.State, w.Behind, w.DeadLetters, w.Webhook.Name, w.Webhook.URL, types)
		}
		return err
	})
}

type webhookAddCommand struct {
	settings `embed:""`
	Name     string   `arg:"" help:"Which system it is."`
	URL      string   `arg:"" help:"Address that gets the events by POST."`
	Events   []string `help:"Types of events, separated by commas. Default: all."`
}

// Run adds the webhook.
func (c *webhookAddCommand) Run(ctx context.Context) error {
	secret := sending.NewSecret()
	return change(ctx, &c.settings, func(n *node) error {
		made, err := bank.Do(ctx, n.bank, commandLine, &hooking.AddWebhook{Title: c.Name, URL: c.URL, Events: c.Events, Secret: secret})
		if err == nil {
			fmt.Printf("%s\t%s\n", made.Answer.ID, secret)
		}
		return err
	})
}

type webhookChangeCommand struct {
	hookID `embed:""`
	Name   *string  `help:"Which system it is."`
	URL    *string  `name:"url" help:"Address that gets the events by POST."`
	Events []string `help:"Types of events, separated by commas, or all."`
}

// Run changes the webhook.
func (c *webhookChangeCommand) Run(ctx context.Context) error {
	return c.do(ctx, func(webhookID id.ID) bank.Command[webhook.Webhook] {
		command := hooking.ChangeWebhook{ID: webhookID, Title: c.Name, URL: c.URL}
		if len(c.Events) == 1 && c.Events[0] == "all" {
			command.Events = &[]string{}
		} else if len(c.Events) > 0 {
			command.Events = &c.Events
		}
		return command
	})
}

type webhookPauseCommand struct {
	hookID `embed:""`
}

// Run pauses the webhook.
func (c *webhookPauseCommand) Run(ctx context.Context) error {
	return c.do(ctx, func(webhookID id.ID) bank.Command[webhook.Webhook] { return hooking.PauseWebhook{ID: webhookID} })
}

type webhookResumeCommand struct {
	hookID `embed:""`
}

// Run resumes the webhook.
func (c *webhookResumeCommand) Run(ctx context.Context) error {
	return c.do(ctx, func(webhookID id.ID) bank.Command[webhook.Webhook] { return hooking.ResumeWebhook{ID: webhookID} })
}

type webhookSecretCommand struct {
	hookID `embed:""`
	Hours  int64 `default:"24" help:"Hours for which the former secret signs too: 0 to 168."`
}

// Run replaces the secret.
func (c *webhookSecretCommand) Run(ctx context.Context) error {
	secret := sending.NewSecret()
	err := c.do(ctx, func(webhookID id.ID) bank.Command[webhook.Webhook] {
		return hooking.RotateSecret{ID: webhookID, Secret: secret, Hours: c.Hours}
	})
	if err == nil {
		fmt.Println(secret)
	}
	return err
}

type webhookTestCommand struct {
	hookID `embed:""`
}

// Run publishes the test event, which a server delivers.
func (c *webhookTestCommand) Run(ctx context.Context) error {
	return c.do(ctx, func(webhookID id.ID) bank.Command[webhook.Webhook] { return hooking.TestWebhook{ID: webhookID} })
}

type webhookReplayCommand struct {
	hookID `embed:""`
	Event  string `help:"Id of the event. Default: all dead letters."`
}

// Run lets a server deliver the dead letters again.
func (c *webhookReplayCommand) Run(ctx context.Context) error {
	var eventID id.ID
	if c.Event != "" {
		var err error
		if eventID, err = id.Parse(c.Event); err != nil {
			return usageError{fmt.Errorf("event: %w", err)}
		}
	}
	return c.do(ctx, func(webhookID id.ID) bank.Command[webhook.Webhook] {
		return hooking.ReplayDeliveries{ID: webhookID, EventID: eventID}
	})
}

type webhookRemoveCommand struct {
	hookID `embed:""`
}

// Run removes the webhook.
func (c *webhookRemoveCommand) Run(ctx context.Context) error {
	return c.do(ctx, func(webhookID id.ID) bank.Command[webhook.Webhook] { return hooking.RemoveWebhook{ID: webhookID} })
}

type webhookDeliveriesCommand struct {
	hookID `embed:""`
	Dead   bool  `help:"Only dead letters."`
	Show   int64 `default:"20" help:"Number of deliveries, the newest events first: 1 to 1000."`
}

// Run lists the deliveries.
func (c *webhookDeliveriesCommand) Run(ctx context.Context) error {
	webhookID, err := id.Parse(c.ID)
	if err != nil {
		return usageError{fmt.Errorf("id: %w", err)}
	}
	if c.Show < 1 || c.Show > 1000 {
		return usageError{fmt.Errorf("show is %d: use 1 to 1000", c.Show)}
	}
	return withData(ctx, &c.settings, func(n *node) error {
		page, err := n.view.Deliveries(ctx, view.System, view.DeliveryQuery{Webhook: webhookID, Dead: c.Dead, Paging: view.Paging{Limit: c.Show}})
		for _, d := range page.Items {
			fmt.Printf("%s\t%s\t%d\t%d\t%d ms\t%s\t%s\t%s\n", d.EventID, d.State, d.Attempts, d.Status, d.DurationMS, d.At.Format(time.RFC3339), d.EventType, d.Problem)
		}
		return err
	})
}
