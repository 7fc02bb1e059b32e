package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sofipo/core/wire"
)

var _ = mount(130, systemOperations)

var systemOperations = []operation{
	plain[Message](operation{
		method: http.MethodGet, path: "/", id: "read_root__get",
		tag: "Root", summary: "Read Root", status: http.StatusOK,
	}, func(_ *server, c *call, _ *none) error {
		c.answer(http.StatusOK, []byte(`{"message":"Bienvenido a SOFIPO API"}`))
		return nil
	}),
	plain[Health](operation{
		method: http.MethodGet, path: "/healthz", id: "healthz_get",
		tag: "System", summary: "Health", status: http.StatusOK,
		about: "Answers while the process lives; it looks at nothing else.",
	}, func(_ *server, c *call, _ *none) error {
		c.answer(http.StatusOK, []byte(`{"status":"ok"}`))
		return nil
	}),
	plain[Readiness](operation{
		method: http.MethodGet, path: "/readyz", id: "readyz_get",
		tag: "System", summary: "Readiness", status: http.StatusOK,
		about: "200 when all that is needed to serve answers, 503 otherwise; the body names each part.",
	}, ready),
	plain[string](operation{
		method: http.MethodGet, path: "/metrics", id: "metrics_get",
		tag: "System", summary: "Metrics", status: http.StatusOK,
		about: "Figures in the text format of Prometheus.",
	}, func(s *server, c *call, _ *none) error {
		promhttp.HandlerFor(s.Registry, promhttp.HandlerOpts{}).ServeHTTP(c, c.request)
		return nil
	}),
}

// Message is a greeting.
type Message struct {
	Message string `json:"message" doc:"A greeting." example:"Bienvenido a SOFIPO API"`
}

// Health says that the process lives.
type Health struct {
	Status string `json:"status" doc:"ok"`
}

// Readiness says which of the parts that are needed answer.
type Readiness struct {
	Status string            `json:"status" enum:"ready,not ready" doc:"ready, or not ready with status 503."`
	Checks map[string]string `json:"checks" doc:"ok or failing, by the name of the part."`
}

const readyTime = 3 * time.Second

// ready tells which parts fail; why they do stands in the log only.
func ready(s *server, c *call, _ *none) error {
	status, answer := http.StatusOK, Readiness{Status: "ready", Checks: map[string]string{}}
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
	c.answer(status, wire.JSON(nil, answer))
	return nil
}
