package bank

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/infra/tracing"
)

// commandTrace is the span of a command, with the times of its parts. A nil commandTrace is that of
// a command that is not traced. The writer sets the times; the spans of the parts are made by the
// goroutine that waits for the command, so that the writer does not wait for them.
type commandTrace struct {
	tracer trace.Tracer
	ctx    context.Context // has the span
	span   trace.Span
	id     event.Trace // of the span, which the command's events carry

	queued, taken, ended  time.Time // of the batch
	committing, committed time.Time // zero if nothing was committed
	size                  int       // commands of the batch
}

// startTrace starts the span of a command.
func (b *Bank) startTrace(ctx context.Context, name string) (context.Context, *commandTrace) {
	if b.opts.Tracer == nil {
		return ctx, nil
	}
	ctx, span := b.opts.Tracer.Start(ctx, name)
	return ctx, &commandTrace{tracer: b.opts.Tracer, ctx: ctx, span: span, id: tracing.Of(ctx), queued: time.Now()}
}

// end ends the span of a command.
func (t *commandTrace) end(err error) {
	if t == nil {
		return
	}
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		t.span.SetAttributes(attribute.String("sofipo.refusal", string(refusal.Code)))
	}
	if refusal == nil || refusal.Code == fault.Unavailable {
		tracing.Fail(t.span, err)
	}
	t.span.End()
}

// answered ends the spans of a command that a writer has answered.
func (t *commandTrace) answered(err error) {
	if t == nil {
		return
	}
	t.part(t.ctx, "queue", t.queued, t.taken)
	batch := t.part(t.ctx, "batch", t.taken, t.ended, attribute.Int("sofipo.batch.commands", t.size))
	if !t.committed.IsZero() {
		t.part(batch, "commit", t.committing, t.committed)
	}
	t.end(err)
}

// part makes the span of a part that has ended and returns its context.
func (t *commandTrace) part(ctx context.Context, name string, from, to time.Time, about ...attribute.KeyValue) context.Context {
	ctx, span := t.tracer.Start(ctx, name, trace.WithTimestamp(from), trace.WithAttributes(about...))
	span.End(trace.WithTimestamp(to))
	return ctx
}

// traceBatch sets the times of the traced commands of a batch.
func (w *writer) traceBatch(batch []*job, taken time.Time, took time.Duration) {
	for _, j := range batch {
		if t := j.trace; t != nil {
			t.taken, t.ended, t.size = taken, taken.Add(took), len(batch)
			t.committing, t.committed = w.committing, w.committed
		}
	}
}
