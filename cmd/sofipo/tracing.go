package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"sofipo/core/event"
	"sofipo/infra/eventlog"
	"sofipo/infra/tracing"
	"sofipo/web"
)

// traces reports whether the variables of OpenTelemetry ask for traces: they name an endpoint or the
// exporter otlp, and do not disable them.
func traces() (on bool, err error) {
	exporter := os.Getenv("OTEL_TRACES_EXPORTER")
	endpoint := first(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"))
	if os.Getenv("OTEL_SDK_DISABLED") == "true" || exporter == "none" || exporter == "" && endpoint == "" {
		return false, nil
	}
	if exporter != "" && exporter != "otlp" {
		return false, usageError{fmt.Errorf("OTEL_TRACES_EXPORTER is %q: use otlp or none", exporter)}
	}
	const protocol = "http/protobuf"
	if given := first(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL")); given != "" && given != protocol {
		return false, usageError{fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q: use %s", given, protocol)}
	}
	if sampler := os.Getenv("OTEL_TRACES_SAMPLER"); sampler == "traceidratio" { // decides by an id that the caller chooses
		return false, usageError{fmt.Errorf("OTEL_TRACES_SAMPLER is %q: use parentbased_%s", sampler, sampler)}
	}
	return true, nil
}

// flushTime limits how long the last spans are exported at the end.
const flushTime = 5 * time.Second

// openTracer sets the tracer if the variables of OpenTelemetry ask for traces. The returned function
// exports the last spans.
func (s *settings) openTracer(ctx context.Context, log *slog.Logger) (stop func(), err error) {
	on, err := traces()
	if err != nil || !on {
		return func() {}, err
	}
	exporter, err := otlptracehttp.New(ctx) // reads OTEL_EXPORTER_OTLP_*
	if err != nil {
		return nil, usageError{fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)}
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "sofipo"), attribute.String("service.version", web.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, usageError{fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)}
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("exporting traces failed", "error", err) }))
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about)) // reads OTEL_TRACES_SAMPLER, OTEL_BSP_*
	s.tracer = provider.Tracer("sofipo")
	log.Info("traces are exported")
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), flushTime)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			log.Warn("exporting the last traces failed", "error", err)
		}
	}, nil
}

// put stores events in the event log, with a span for each event that is traced.
func put(ctx context.Context, t trace.Tracer, log eventlog.Log, events []event.Encoded) ([]eventlog.Rejected, error) {
	events, end := tracing.Events(t, events, "store", trace.WithSpanKind(trace.SpanKindClient))
	rejected, err := log.Put(ctx, events)
	end(err)
	return rejected, err
}

// tracedLog adds the ids of the trace and of the span to each line that is logged for one.
type tracedLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (h tracedLog) Handle(ctx context.Context, line slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		line.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs implements slog.Handler.
func (h tracedLog) WithAttrs(attributes []slog.Attr) slog.Handler {
	return tracedLog{h.Handler.WithAttrs(attributes)}
}

// WithGroup implements slog.Handler.
func (h tracedLog) WithGroup(name string) slog.Handler { return tracedLog{h.Handler.WithGroup(name)} }
