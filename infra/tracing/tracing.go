// Package tracing carries traces of OpenTelemetry with events: from the command, through the outbox
// and the broker, to the event log. A nil trace.Tracer means that nothing is traced; nothing then
// costs time.
package tracing

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"sofipo/core/event"
	"sofipo/core/wire"
)

// Of returns the span of a context in the form that events carry. It is zero if the context has no
// span or its trace is not sampled.
func Of(ctx context.Context) event.Trace { return of(trace.SpanContextFromContext(ctx)) }

func of(span trace.SpanContext) (t event.Trace) {
	if !span.IsValid() || !span.IsSampled() {
		return t
	}
	id, parent := span.TraceID(), span.SpanID()
	copy(t[copy(t[:], id[:]):], parent[:])
	t[len(t)-1] = byte(span.TraceFlags())
	return t
}

// Into returns a context whose spans are children of the span that an event carries.
func Into(ctx context.Context, t event.Trace) context.Context {
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(t[:16]), SpanID: trace.SpanID(t[16:24]), TraceFlags: trace.TraceFlags(t[24]), Remote: true,
	}))
}

// Text returns the traceparent of the W3C, version 00.
func Text(t event.Trace) string {
	b := append(make([]byte, 0, 55), "00-"...)
	b = append(hex.AppendEncode(b, t[:16]), '-')
	b = append(hex.AppendEncode(b, t[16:24]), '-')
	return string(hex.AppendEncode(b, t[24:]))
}

// Parse reads a traceparent. It returns the zero Trace for a text in another form.
func Parse(text string) event.Trace {
	var t, none event.Trace
	if len(text) != 55 || text[:3] != "00-" || text[35] != '-' || text[52] != '-' {
		return none
	}
	_, wrongTrace := hex.Decode(t[:16], []byte(text[3:35]))
	_, wrongSpan := hex.Decode(t[16:24], []byte(text[36:52]))
	_, wrongFlags := hex.Decode(t[24:], []byte(text[53:]))
	if wrongTrace != nil || wrongSpan != nil || wrongFlags != nil {
		return none
	}
	return t
}

// Events starts a span for each event that carries a trace, and returns the events with their new
// spans. The function end ends the spans. Events that carry none, and all without a tracer, are
// returned as they are.
func Events(t trace.Tracer, events []event.Encoded, name string, options ...trace.SpanStartOption) (marked []event.Encoded, end func(error)) {
	if t == nil || !slices.ContainsFunc(events, func(e event.Encoded) bool { return e.Trace != event.Trace{} }) {
		return events, func(error) {}
	}
	marked = slices.Clone(events)
	var spans []trace.Span
	for i := range marked {
		e := &marked[i]
		if e.Trace == (event.Trace{}) {
			continue
		}
		_, span := t.Start(Into(context.Background(), e.Trace), name, append(options,
			trace.WithAttributes(attribute.String("messaging.message.id", e.EventID.String()), attribute.String("sofipo.event.type", e.EventType)))...)
		e.Trace = of(span.SpanContext())
		spans = append(spans, span)
	}
	return marked, func(err error) {
		for _, span := range spans {
			Fail(span, err)
			span.End()
		}
	}
}

// longestWait is the longest time in the outbox that is believed. Events of an injected clock have
// another one.
const longestWait = 24 * time.Hour

// Waited makes the span of the time that an event was in the outbox, until now, and returns it.
func Waited(t trace.Tracer, e *event.Encoded, now time.Time) event.Trace {
	began, err := time.Parse(wire.EventMoment, e.Timestamp)
	if waited := now.Sub(began); err != nil || waited < 0 || waited > longestWait {
		return e.Trace
	}
	_, span := t.Start(Into(context.Background(), e.Trace), "outbox", trace.WithTimestamp(began))
	span.End(trace.WithTimestamp(now))
	return of(span.SpanContext())
}

// Fail marks a span as failed, unless the error is nil.
func Fail(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
}
