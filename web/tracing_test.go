package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// TestTheCallerDoesNotDecideWhichTracesAreKept: a request keeps the id of the caller's trace, and the
// sampler decides whether it is kept, whatever the caller's flag and id.
func TestTheCallerDoesNotDecideWhichTracesAreKept(t *testing.T) {
	const id, requests = "00000000000000000000000000000001", 200 // a ratio by id keeps this one always
	for _, c := range []struct {
		ratio    float64
		flag     string
		min, max int
	}{{0, "01", 0, 0}, {1, "00", requests, requests}, {0.5, "01", requests / 4, requests * 3 / 4}, {0.5, "00", requests / 4, requests * 3 / 4}} {
		spans := tracetest.NewInMemoryExporter()
		tracer := sdk.NewTracerProvider(sdk.WithSyncer(spans), sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(c.ratio)))).Tracer("test")
		handler := Traced(tracer, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := trace.SpanContextFromContext(r.Context()).TraceID().String(); got != id {
				t.Errorf("ratio %g, flag %s: got the trace %s, want the caller's, %s", c.ratio, c.flag, got, id)
			}
		}))
		for range requests {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("traceparent", "00-"+id+"-00f067aa0ba902b7-"+c.flag)
			handler.ServeHTTP(httptest.NewRecorder(), r)
		}
		if n := len(spans.GetSpans()); n < c.min || n > c.max {
			t.Errorf("ratio %g, flag %s: got %d spans of %d requests, want %d to %d", c.ratio, c.flag, n, requests, c.min, c.max)
		}
	}
}
