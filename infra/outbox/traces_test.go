package outbox

import (
	"errors"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"sofipo/bank"
	"sofipo/infra/db"
	"sofipo/infra/tracing"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestTracesOutliveAFailure: events that are published again, and those that were chained meanwhile,
// continue the traces of their commands.
func TestTracesOutliveAFailure(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		spans := tracetest.NewInMemoryExporter()
		tracer := sdk.NewTracerProvider(sdk.WithSyncer(spans)).Tracer("test")
		b := office.OpenBank(t, d, func(o *bank.Options) { o.Tracer = tracer })
		j := newJournal(t)
		r := newRelay(d, j)
		r.Tracer = tracer
		defer r.session.Close()
		holder := office.Register(t, b, 1)
		office.Grant(t, b, holder.ID, 100_000)
		j.failures = 2
		if _, err := r.round(t.Context()); !errors.Is(err, errBroker) {
			t.Fatalf("got %v, want %v", err, errBroker)
		}
		office.Grant(t, b, holder.ID, 100_000)
		if failed := publishAll(t, r); failed != 1 || len(r.traces) != 0 {
			t.Errorf("got %d more failures, %d traces left, want 1, 0", failed, len(r.traces))
		}
		commands, published := map[string]bool{}, map[string]string{} // by trace; the spans of the same trace by their ids
		for _, s := range spans.GetSpans() {
			switch s.Name {
			case "register_client", "grant_loan":
				commands[s.SpanContext.TraceID().String()] = true
			case "publish":
				published[s.SpanContext.SpanID().String()] = s.SpanContext.TraceID().String()
			}
		}
		last := map[string]string{} // traceparent by event
		for _, e := range j.all() {
			last[e.EventID.String()] = tracing.Text(e.Trace)
		}
		if len(last) != 3 || len(commands) != 3 {
			t.Errorf("got %d events of %d traced commands, want 3 of 3", len(last), len(commands))
		}
		for e, parent := range last {
			if trace := published[parent[36:52]]; trace != parent[3:35] || !commands[trace] {
				t.Errorf("event %s: got %s, want a span publish in the trace of a command", e, parent)
			}
		}
	})
}
