package amqp

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"sofipo/core/event"
)

// TestNothingIsLostWhenTheBrokerIsKilled publishes as a relay does, again until
// it is confirmed, while the broker is killed under publisher and consumer.
func TestNothingIsLostWhenTheBrokerIsKilled(t *testing.T) {
	fresh(t)
	const n, kills = 2000, 2
	p, log := publisher(t), documentLog(t)
	consume(t, into(log))
	relayed, failures := make(chan int), 0
	go func() {
		for some := range slices.Chunk(chained(t, n), 25) {
			for p.Publish(context.Background(), some) != nil {
				failures++
				time.Sleep(50 * time.Millisecond)
			}
			time.Sleep(20 * time.Millisecond)
		}
		relayed <- failures
	}()
	for range kills {
		time.Sleep(400 * time.Millisecond)
		if err := broker.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := broker.Start(); err != nil {
			t.Fatal(err)
		}
	}
	if failures := <-relayed; failures < kills {
		t.Errorf("got %d failures, want at least %d: the broker was not killed under the publisher", failures, kills)
	}
	arrived(t, log, n)
}

// margin is what may be added to a limit on a machine that is busy with something
// else; a frozen broker stays so.
const margin = 15 * time.Second

// TestAFrozenBrokerEndsPublishInTime: by the context, by the publisher's own
// limits of connecting and of sending (or by the heartbeats that are missed
// before); and all is well after the thaw.
func TestAFrozenBrokerEndsPublishInTime(t *testing.T) {
	fresh(t)
	log := documentLog(t)
	events := chained(t, 1000, 2)
	big := events[2] // a whole flight of it exceeds the socket's buffers
	impatient, patient := publisher(t), publisher(t)
	publish(t, impatient, events[0])
	publish(t, patient, events[1])
	consume(t, into(log))
	arrived(t, log, 2)
	if err := broker.Freeze(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan time.Duration, 1)
	go func() {
		begin := time.Now()
		if err := patient.Publish(context.Background(), events[2:5]); err == nil {
			t.Error("a frozen broker: got no error, want one")
		}
		ended <- time.Since(begin)
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	inTime := within(t, 3*time.Second+margin, func() error { return impatient.Publish(ctx, slices.Repeat([]event.Encoded{big}, maxUnconfirmed)) })
	if !errors.Is(inTime, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v by the context", inTime, context.DeadlineExceeded)
	}
	_ = within(t, openTimeout+margin, func() error { return impatient.Publish(context.Background(), events[2:]) })
	inTime = within(t, time.Second+margin, func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := DeadLetters(ctx, broker.URL)
		return err
	})
	if !errors.Is(inTime, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v by the context", inTime, context.DeadlineExceeded)
	}
	if took := <-ended; took > sendTimeout+margin {
		t.Errorf("got an end of sending after %s, want at most %v", took, sendTimeout+margin)
	}
	if err := broker.Thaw(); err != nil {
		t.Fatal(err)
	}
	publish(t, impatient, events[2:100]...)
	publish(t, patient, events[100:1000]...)
	arrived(t, log, 1000, 2)
}

// TestCloseOfAFrozenBrokerReturns closes publisher and consumer.
func TestCloseOfAFrozenBrokerReturns(t *testing.T) {
	fresh(t)
	p, log := publisher(t), documentLog(t)
	publish(t, p, chained(t, 1)...)
	stop := consume(t, into(log))
	arrived(t, log, 1)
	if err := broker.Freeze(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	_ = p.Close()
	stop()
	if took := time.Since(begin); took > 6*time.Second {
		t.Errorf("closing took %s, want at most %v", took, 6*time.Second)
	}
	if err := broker.Thaw(); err != nil {
		t.Fatal(err)
	}
}

// within checks that a call fails within a time limit, and returns its error.
func within(t *testing.T, limit time.Duration, call func() error) error {
	t.Helper()
	begin := time.Now()
	err := call()
	if err == nil || time.Since(begin) > limit {
		t.Errorf("got %v after %s, want an error within %s", err, time.Since(begin), limit)
	}
	return err
}
