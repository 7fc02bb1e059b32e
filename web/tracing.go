package web

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Traced starts a span for each request, as a child of the span in its traceparent, except for the
// checks of health and the metrics. The caller chooses the id of the trace, but not whether it is
// kept: anybody can send a traceparent. A nil tracer traces nothing.
func Traced(t trace.Tracer, next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz", "/readyz", "/metrics":
			next.ServeHTTP(w, r)
			return
		}
		ctx := r.Context()
		if caller := callerOf(r); caller.IsValid() {
			ctx = trace.ContextWithRemoteSpanContext(ctx, caller.WithTraceFlags(caller.TraceFlags().WithSampled(keeps(t))))
		}
		ctx, span := t.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func callerOf(r *http.Request) trace.SpanContext {
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(r.Header)))
}

// keeps reports whether the sampler would keep a new trace of our own. The span that asks it never
// ends, so it is not exported.
func keeps(t trace.Tracer) bool {
	_, span := t.Start(context.Background(), "sampled")
	return span.SpanContext().IsSampled()
}

// NameSpan names the span of a request by its route, which is a pattern and not a path: paths have
// personal data.
func NameSpan(r *http.Request, route string, status int) {
	span := trace.SpanFromContext(r.Context())
	if !span.IsRecording() {
		return
	}
	span.SetName(r.Method + " " + route)
	span.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, http.StatusText(status))
	}
}
