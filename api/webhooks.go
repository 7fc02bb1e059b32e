package api

import (
	"context"
	"net/http"

	"sofipo/bank"
	hooking "sofipo/bank/webhooks"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/webhook"
	"sofipo/core/wire"
	sending "sofipo/infra/webhook"
	"sofipo/view"
)

const (
	webhooksTag  = "Webhooks"
	webhooksURL  = "/api/v1/webhooks"
	webhookByURL = webhooksURL + "/{webhook_id}"
)

var _ = mount(133, []operation{
	asked(operation{
		path: webhooksURL, id: "read_webhooks_api_v1_webhooks_get", tag: webhooksTag, summary: "List webhooks", permission: webhook.Read,
		about: "Lists the webhooks by name, and how far each one is. The secrets are not shown.",
	}, func(ctx context.Context, s *server, by view.By, _ *rowsInput) ([]view.WebhookRead, id.ID, error) {
		all, err := s.View.Webhooks(ctx, by)
		return all, id.ID{}, err
	}),
	plain[WebhookSecret](operation{
		method: http.MethodPost, path: webhooksURL, id: "add_webhook_api_v1_webhooks_post", tag: webhooksTag, summary: "Add a webhook", permission: webhook.Manage, status: http.StatusCreated,
		about: "Adds a webhook, which gets the events from about now on. The answer has the secret that signs the deliveries, which is not shown again. " +
			"The address is public and begins with https://, or is in one of the networks of SOFIPO_WEBHOOK_NETWORKS.",
		refusals: []fault.Code{webhook.TooManyURLs},
	}, func(s *server, c *call, in *addWebhook) error {
		b := in.Body
		return withSecret(s, c, func(secret string) bank.Command[webhook.Webhook] {
			return &hooking.AddWebhook{Title: b.Name, URL: b.URL, Events: b.Events, Secret: secret}
		})
	}),
	asked(operation{
		path: webhookByURL, id: "read_webhook_api_v1_webhooks__webhook_id__get", tag: webhooksTag, summary: "Get a webhook", permission: webhook.Read,
		about:    "Returns a webhook and how far it is.",
		refusals: []fault.Code{webhook.NotFound},
	}, func(ctx context.Context, s *server, by view.By, in *webhookByID) (view.WebhookRead, id.ID, error) {
		w, err := s.View.Webhook(ctx, by, in.WebhookID)
		return w, id.ID{}, err
	}),
	write(operation{
		method: http.MethodPut, path: webhookByURL, id: "change_webhook_api_v1_webhooks__webhook_id__put", tag: webhooksTag, summary: "Change a webhook", status: http.StatusOK,
		about:    "Changes the name, the address or the types of events. Omitted fields keep their value.",
		refusals: []fault.Code{webhook.NotFound},
	}, func(in *changeWebhook) bank.Command[webhook.Webhook] {
		return hooking.ChangeWebhook{ID: in.WebhookID, Title: in.Body.Name, URL: in.Body.URL, Events: in.Body.Events}
	}),
	write(operation{
		method: http.MethodDelete, path: webhookByURL, id: "remove_webhook_api_v1_webhooks__webhook_id__delete", tag: webhooksTag, summary: "Remove a webhook", status: http.StatusNoContent,
		about:    "Removes a webhook with its dead letters and the log of its deliveries.",
		refusals: []fault.Code{webhook.NotFound},
	}, func(in *webhookByID) bank.Command[webhook.Webhook] { return hooking.RemoveWebhook{ID: in.WebhookID} }),
	write(operation{
		method: http.MethodPost, path: webhookByURL + "/pause", id: "pause_webhook_api_v1_webhooks__webhook_id__pause_post", tag: webhooksTag, summary: "Pause a webhook", status: http.StatusOK,
		about:    "Stops the deliveries. Events wait as long as the database keeps them (SOFIPO_KEEP_DAYS).",
		refusals: []fault.Code{webhook.NotFound},
	}, func(in *webhookByID) bank.Command[webhook.Webhook] { return hooking.PauseWebhook{ID: in.WebhookID} }),
	write(operation{
		method: http.MethodPost, path: webhookByURL + "/resume", id: "resume_webhook_api_v1_webhooks__webhook_id__resume_post", tag: webhooksTag, summary: "Resume a webhook", status: http.StatusOK,
		about:    "Continues the deliveries with the event that was next. Nothing waits for the end of a pause between attempts.",
		refusals: []fault.Code{webhook.NotFound},
	}, func(in *webhookByID) bank.Command[webhook.Webhook] { return hooking.ResumeWebhook{ID: in.WebhookID} }),
	plain[WebhookSecret](operation{
		method: http.MethodPost, path: webhookByURL + "/secret", id: "rotate_webhook_secret_api_v1_webhooks__webhook_id__secret_post", tag: webhooksTag, summary: "Replace the secret of a webhook", permission: webhook.Manage, status: http.StatusOK,
		about: "Makes a new secret, which is not shown again. For some hours the former one signs the deliveries too: `webhook-signature` then has both signatures, " +
			"so that the receiver can change its secret meanwhile.",
		refusals: []fault.Code{webhook.NotFound},
	}, func(s *server, c *call, in *rotateSecret) error {
		hours := int64(24)
		if in.Body.Hours != nil {
			hours = *in.Body.Hours
		}
		return withSecret(s, c, func(secret string) bank.Command[webhook.Webhook] {
			return hooking.RotateSecret{ID: in.WebhookID, Secret: secret, Hours: hours}
		})
	}),
	write(operation{
		method: http.MethodPost, path: webhookByURL + "/test", id: "test_webhook_api_v1_webhooks__webhook_id__test_post", tag: webhooksTag, summary: "Send a test event", status: http.StatusOK,
		about:    "Publishes an event of type webhook_tested, which only this webhook gets, after the events before it. The log of deliveries shows the result.",
		refusals: []fault.Code{webhook.NotFound, webhook.NotActive},
	}, func(in *webhookByID) bank.Command[webhook.Webhook] { return hooking.TestWebhook{ID: in.WebhookID} }),
	write(operation{
		method: http.MethodPost, path: webhookByURL + "/replay", id: "replay_webhook_api_v1_webhooks__webhook_id__replay_post", tag: webhooksTag, summary: "Send all dead letters again", status: http.StatusOK,
		about:    "Delivers all dead letters of a webhook again, each once. One that the receiver refuses again stays a dead letter.",
		refusals: []fault.Code{webhook.NotFound, webhook.NotActive},
	}, func(in *webhookByID) bank.Command[webhook.Webhook] { return hooking.ReplayDeliveries{ID: in.WebhookID} }),
	asked(operation{
		path: webhookByURL + "/deliveries", id: "read_deliveries_api_v1_webhooks__webhook_id__deliveries_get", tag: webhooksTag, summary: "List the deliveries of a webhook", permission: webhook.Read, effect: lists,
		about: "Lists the deliveries that were accepted or given up, the newest events first: the last 1,000 accepted ones, and the dead letters as long as the database keeps their events. " +
			"The bodies are not in it.",
		refusals: []fault.Code{webhook.NotFound},
	}, func(ctx context.Context, s *server, by view.By, in *deliveriesInput) ([]webhook.Delivery, id.ID, error) {
		return listed(s.View.Deliveries(ctx, by, view.DeliveryQuery{Webhook: in.WebhookID, Dead: in.Dead, Paging: in.page()}))
	}),
	write(operation{
		method: http.MethodPost, path: webhookByURL + "/deliveries/{event_id}/replay", id: "replay_delivery_api_v1_webhooks__webhook_id__deliveries__event_id__replay_post", tag: webhooksTag, summary: "Send a dead letter again", status: http.StatusOK,
		about:    "Delivers the dead letter of one event again, once.",
		refusals: []fault.Code{webhook.NotFound, webhook.NotActive, webhook.NoDelivery, webhook.NotDead},
	}, func(in *deliveryByID) bank.Command[webhook.Webhook] {
		return hooking.ReplayDeliveries{ID: in.WebhookID, EventID: in.EventID}
	}),
})

type webhookByID struct {
	WebhookID id.ID `path:"webhook_id" doc:"Id of the webhook." example:"01ea08a4-7290-7000-8001-d72b082ba426"`
}

type deliveryByID struct {
	webhookByID
	EventID id.ID `path:"event_id" doc:"Id of the event." example:"01ea08a5-0ed0-7000-8300-000000000000"`
}

type deliveriesInput struct {
	webhookByID
	Dead bool `query:"dead" default:"false" doc:"true: only dead letters."`
	pageOfRows
}

type addWebhook struct{ Body WebhookCreate }

// WebhookCreate is the body of a request that adds a webhook.
type WebhookCreate struct {
	Name   string   `json:"name" maxLength:"100" doc:"Which system it is." example:"Tablero de BI"`
	URL    string   `json:"url" maxLength:"2000" doc:"Address that gets the events by POST." example:"https://bi.example.com/eventos"`
	Events []string `json:"events,omitempty" doc:"Types of events that are delivered, as /asyncapi.json lists them. Defaults to all." example:"[\"payment_registered\"]"`
}

type changeWebhook struct {
	webhookByID
	Body WebhookUpdate
}

// WebhookUpdate is the body of a request that changes a webhook.
type WebhookUpdate struct {
	Name   *string   `json:"name,omitempty" maxLength:"100" doc:"Which system it is." example:"Tablero de BI"`
	URL    *string   `json:"url,omitempty" maxLength:"2000" doc:"Address that gets the events by POST." example:"https://bi.example.com/eventos"`
	Events *[]string `json:"events,omitempty" doc:"Types of events that are delivered. An empty list means all." example:"[\"payment_registered\"]"`
}

type rotateSecret struct {
	webhookByID
	Body SecretCreate
}

// SecretCreate is the body of a request that replaces a secret.
type SecretCreate struct {
	Hours *int64 `json:"hours,omitempty" doc:"Hours for which the former secret signs too: 0 to 168. Defaults to 24." example:"24"`
}

// WebhookSecret is a webhook with its new secret.
type WebhookSecret struct {
	Secret  string          `json:"secret" doc:"Key that signs the deliveries: whsec_ and 32 bytes in base64. It is not shown again." example:"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"`
	Webhook webhook.Webhook `json:"webhook" doc:"What is stored of the webhook."`
}

// withSecret runs a command with a new secret and shows it. Idempotency keys are not used, because
// no stored answer may have the secret in it.
func withSecret(s *server, c *call, command func(secret string) bank.Command[webhook.Webhook]) error {
	secret := sending.NewSecret()
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	receipt, err := bank.Do(ctx, s.Bank, c.actor(), command(secret))
	if err != nil {
		return err
	}
	c.mark(receipt.Token, false)
	c.answer(c.endpoint.status, wire.JSON(nil, WebhookSecret{secret, receipt.Answer}))
	return nil
}
