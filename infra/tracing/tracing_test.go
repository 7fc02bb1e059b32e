package tracing

import (
	"errors"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"sofipo/core/event"
	"sofipo/core/id"
)

func TestTraceparent(t *testing.T) {
	const text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	got := Parse(text)
	if got[0] != 0x4b || got[16] != 0 || got[23] != 0xb7 || got[24] != 1 || Text(got) != text {
		t.Errorf("got %x, which is %s, want %s", got, Text(got), text)
	}
	for _, wrong := range []string{"", text[1:], text + "0", "01" + text[2:], "00-4bf92f3577b34da6a3ce929d0e0e473x-00f067aa0ba902b7-01", "00_" + text[3:], text[:53] + "zz"} {
		if got := Parse(wrong); got != (event.Trace{}) {
			t.Errorf("%q: got %x, want none", wrong, got)
		}
	}
	if got := Of(Into(t.Context(), Parse(text))); Text(got) != text {
		t.Errorf("through a context: got %s, want %s", Text(got), text)
	}
	if got := Of(t.Context()); got != (event.Trace{}) {
		t.Errorf("got %x, want none", got)
	}
}

// TestEvents: only traced events get spans, as children of the ones that they carry, and the events
// that are given stay as they are.
func TestEvents(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	tracer := trace.NewTracerProvider(trace.WithSyncer(spans)).Tracer("test")
	parent := Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	given := []event.Encoded{{EventID: id.ID{1}}, {EventID: id.ID{2}, EventType: "loan_created", Trace: parent}}
	if same, end := Events(nil, given, "store"); &same[0] != &given[0] {
		t.Error("without a tracer: got other events, want the same")
	} else {
		end(nil)
	}
	marked, end := Events(tracer, given, "store")
	if given[1].Trace != parent || marked[0].Trace != (event.Trace{}) || marked[1].Trace == parent || marked[1].EventID != (id.ID{2}) {
		t.Errorf("got the traces %x and %x of %x, want none and another", marked[0].Trace, marked[1].Trace, given[1].Trace)
	}
	end(errors.New("away"))
	got := spans.GetSpans()
	if len(got) != 1 || got[0].Name != "store" || of(got[0].Parent) != parent || of(got[0].SpanContext) != marked[1].Trace || got[0].Status.Code != codes.Error {
		t.Errorf("got %+v, want one failed span store of the second event", got)
	}
}
