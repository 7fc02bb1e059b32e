package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sofipo/core/civil"
	"sofipo/core/wire"
)

var _ = mount(130, systemOperations)

var systemOperations = []operation{
	plain[Message](operation{
		method: http.MethodGet, path: "/", id: "read_root__get", seed: true,
		tag: "Root", summary: "Read Root", status: http.StatusOK, unbounded: true,
		about: "Returns a greeting.",
	}, func(_ *server, c *call, _ *none) error {
		c.answer(http.StatusOK, []byte(`{"message":"Bienvenido a SOFIPO API"}`))
		return nil
	}),
	plain[Health](operation{
		method: http.MethodGet, path: "/healthz", id: "healthz_get",
		tag: "System", summary: "Check liveness", status: http.StatusOK, unbounded: true,
		about: "Returns 200 while the process runs. It does not check any dependency.",
	}, func(s *server, c *call, _ *none) error {
		c.answer(http.StatusOK, wire.JSON(nil, Health{"ok", s.trainingDate()}))
		return nil
	}),
	plain[Readiness](operation{
		method: http.MethodGet, path: "/readyz", id: "readyz_get",
		tag: "System", summary: "Check readiness", status: http.StatusOK, unbounded: true,
		about: "Returns 200 if the database responds and its disk accepts writes, and 503 otherwise. The body has the result of each check. The check event_log warns when events do not arrive in the event log; it does not change the status.",
	}, ready),
	plain[string](operation{
		method: http.MethodGet, path: "/metrics", id: "metrics_get",
		tag: "System", summary: "Get metrics", status: http.StatusOK, unbounded: true,
		about: "Returns metrics in the Prometheus text format.",
	}, func(s *server, c *call, _ *none) error {
		promhttp.HandlerFor(s.Registry, promhttp.HandlerOpts{}).ServeHTTP(c, c.request)
		return nil
	}),
}

// Message is a greeting.
type Message struct {
	Message string `json:"message" doc:"Greeting." example:"Bienvenido a SOFIPO API"`
}

// Health is the result of the liveness check.
type Health struct {
	Status       string      `json:"status" doc:"Always ok."`
	BusinessDate *civil.Date `json:"business_date,omitempty" doc:"Business date of a server for training. Absent on others."`
}

// Readiness is the result of the readiness check.
type Readiness struct {
	Status       string            `json:"status" enum:"ready,not ready,starting" doc:"ready, or not ready or starting with HTTP status 503."`
	Checks       map[string]string `json:"checks" doc:"Result of each check by name: ok, failing, or warning, which does not change the status."`
	BusinessDate *civil.Date       `json:"business_date,omitempty" doc:"Business date of a server for training. Absent on others."`
}

// trainingDate returns the business date of a server for training, and nil on others.
func (s *server) trainingDate() *civil.Date {
	if !s.Training {
		return nil
	}
	today := s.today()
	return &today
}

const readyTime = 3 * time.Second

// ready reports which dependencies fail. Only the log has the causes.
func ready(s *server, c *call, _ *none) error {
	status, answer := http.StatusOK, Readiness{Status: "ready", Checks: map[string]string{}, BusinessDate: s.trainingDate()}
	if s.Ready != nil {
		ctx, cancel := context.WithTimeout(c.request.Context(), readyTime)
		defer cancel()
		for name, err := range s.Ready(ctx) {
			answer.Checks[name] = "ok"
			if err != nil {
				status, answer.Status, answer.Checks[name] = http.StatusServiceUnavailable, "not ready", "failing"
				s.log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.String("part", name), slog.Any("error", err))
			}
		}
	}
	if s.Warnings != nil {
		for name, err := range s.Warnings() {
			answer.Checks[name] = "ok"
			if err != nil {
				answer.Checks[name] = "warning"
			}
		}
	}
	c.answer(status, wire.JSON(nil, answer))
	return nil
}
