package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"sofipo/test/program"
	"sofipo/test/stack"
)

// caller is the span of the one who sends the payment.
const caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// TestOnePaymentIsOneTrace sends a payment to a server with PostgreSQL and RabbitMQ, whose events a
// consumer stores in CouchDB, and to one with the embedded stores. The trace that the caller began
// has a span for each part, and each span has the right parent.
func TestOnePaymentIsOneTrace(t *testing.T) {
	const commit, sending = "batch commit", "outbox publish"
	t.Run("embedded", func(t *testing.T) {
		withoutServices(t)
		c := newcomer(t.TempDir())
		spans := tracedPayment(t, &c, nil)
		follows(t, spans, "POST /api/v1/loans/{loan_id}/payments", "receive_payment queue", "receive_payment "+commit, "receive_payment "+sending+" store")
	})
	t.Run("services", func(t *testing.T) {
		if testing.Short() {
			t.Skip("needs services")
		}
		withoutServices(t)
		s, err := stack.Start(t.Context(), stack.Postgres, stack.Rabbit, stack.Couch)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		c := newcomer(t.TempDir())
		c.DatabaseURL, c.AMQPURL, c.CouchURL, c.SecretKey = s.Primary.URL, s.Rabbit.URL, s.Couch.URL, "a key of this test"
		spans := tracedPayment(t, &c, &consumeCommand{settings: c.settings})
		follows(t, spans, "POST /api/v1/loans/{loan_id}/payments", "receive_payment queue", "receive_payment "+commit, "receive_payment "+sending+" consume store")
	})
}

// tracedPayment serves, sends a payment, and returns the spans of its trace once an event of it is
// stored.
func tracedPayment(t *testing.T, c *demoCommand, consumer *consumeCommand) []tracetest.SpanStub {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	tracer := sdk.NewTracerProvider(sdk.WithSyncer(exporter)).Tracer("test")
	c.Addr, c.tracer = free(t), tracer
	serveUntilEnd(t, c)
	if consumer != nil {
		consumer.tracer = tracer
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- consumer.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := <-ended; err != nil {
				t.Errorf("the consumer: got %v, want no error", err)
			}
		})
	}
	door := program.NewClient("http://" + c.Addr)
	if err := door.Login(t.Context(), "admin", "string"); err != nil {
		t.Fatal(err)
	}
	client, _, err := door.Register(t.Context(), "Cliente de prueba")
	if err != nil {
		t.Fatal(err)
	}
	loan, err := door.Grant(t.Context(), client, "1000.00")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := door.Send(t.Context(), http.MethodPost, "/api/v1/loans/"+loan+"/payments", map[string]any{"amount": "10.00"}, "traceparent", caller)
	if err != nil || answer.Status != http.StatusCreated {
		t.Fatalf("got %v, %v, want the payment", answer.Status, err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var spans []tracetest.SpanStub
		for _, s := range exporter.GetSpans() {
			if s.SpanContext.TraceID().String() == caller[3:35] {
				spans = append(spans, s)
			}
		}
		if slices.ContainsFunc(spans, func(s tracetest.SpanStub) bool { return s.Name == "store" }) {
			return spans
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %d spans, want one named store", len(spans))
		}
	}
}

// follows checks that the request is a child of the caller's span, and that below it there are
// chains of spans, given as the names from parent to child.
func follows(t *testing.T, spans []tracetest.SpanStub, request string, chains ...string) {
	t.Helper()
	path := func(s tracetest.SpanStub) string {
		names := []string{s.Name}
		for up := true; up; {
			up = false
			for _, p := range spans {
				if p.SpanContext.SpanID() == s.Parent.SpanID() {
					names, s, up = append(names, p.Name), p, true
					break
				}
			}
		}
		slices.Reverse(names)
		if s.Parent.SpanID().String() != caller[36:52] {
			names = append([]string{"?"}, names...)
		}
		return strings.Join(names, " ")
	}
	var got []string
	for _, s := range spans {
		got = append(got, path(s))
	}
	for _, want := range chains {
		if !slices.Contains(got, request+" "+want) {
			t.Errorf("got the spans\n%s\nwant %s %s", strings.Join(got, "\n"), request, want)
		}
	}
	if lost := slices.IndexFunc(got, func(p string) bool { return !strings.HasPrefix(p, request) }); lost >= 0 {
		t.Errorf("got the span %s, want each below %s of the caller", got[lost], request)
	}
}

// TestTracingIsOffByDefault: only an endpoint or the exporter otlp turns it on, and what is not
// supported is refused.
func TestTracingIsOffByDefault(t *testing.T) {
	for _, c := range []struct {
		variables string
		on        bool
		wrong     string
	}{
		{"", false, ""},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", true, ""},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318/v1/traces", true, ""},
		{"OTEL_TRACES_EXPORTER=otlp", true, ""},
		{"OTEL_TRACES_EXPORTER=none OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", false, ""},
		{"OTEL_SDK_DISABLED=true OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", false, ""},
		{"OTEL_TRACES_EXPORTER=zipkin", false, `OTEL_TRACES_EXPORTER is "zipkin": use otlp or none`},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", false, `OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": use http/protobuf`},
		{"OTEL_TRACES_SAMPLER=traceidratio OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", false, `OTEL_TRACES_SAMPLER is "traceidratio": use parentbased_traceidratio`},
	} {
		t.Run(c.variables, func(t *testing.T) {
			for variable := range strings.FieldsSeq(c.variables) {
				name, value, _ := strings.Cut(variable, "=")
				t.Setenv(name, value)
			}
			on, err := traces()
			if on != c.on || (err == nil) != (c.wrong == "") || err != nil && err.Error() != c.wrong {
				t.Errorf("got %t, %v, want %t, %q", on, err, c.on, c.wrong)
			}
		})
	}
}

// TestTracesAreExported to the endpoint, with the name of the service.
func TestTracesAreExported(t *testing.T) {
	got := make(chan string, 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	collector := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.Method + " " + r.URL.Path + " " + string(body)
	})}
	go func() { _ = collector.Serve(listener) }()
	defer func() { _ = collector.Close() }()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+listener.Addr().String())
	t.Setenv("OTEL_SERVICE_NAME", "sofipo-norte")
	var s settings
	stop, err := s.openTracer(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	_, span := s.tracer.Start(t.Context(), "a span")
	span.End()
	stop()
	select {
	case text := <-got:
		if !strings.HasPrefix(text, "POST /v1/traces ") || !strings.Contains(text, "sofipo-norte") || !strings.Contains(text, "a span") {
			t.Errorf("got %q, want the span and the name of the service", text)
		}
	default:
		t.Error("got no request, want one")
	}
}

// TestLogLinesCarryTheTrace: the ids are in lines that are logged for a span, and in no others.
func TestLogLinesCarryTheTrace(t *testing.T) {
	var lines bytes.Buffer
	log := slog.New(tracedLog{slog.NewJSONHandler(&lines, nil)}).With("a", 1)
	ctx, span := sdk.NewTracerProvider().Tracer("test").Start(t.Context(), "a span")
	log.InfoContext(ctx, "in it")
	log.InfoContext(t.Context(), "outside")
	span.End()
	var got []map[string]any
	for decoder := json.NewDecoder(&lines); ; {
		var line map[string]any
		if decoder.Decode(&line) != nil {
			break
		}
		got = append(got, line)
	}
	if len(got) != 2 || got[0]["trace_id"] != span.SpanContext().TraceID().String() || got[0]["span_id"] != span.SpanContext().SpanID().String() || got[0]["a"] != 1.0 || got[1]["trace_id"] != nil {
		t.Errorf("got %v, want the ids of the span in the first of two lines", got)
	}
}
