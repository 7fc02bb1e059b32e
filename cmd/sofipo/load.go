package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// kind is a kind of request. The function do sends the n-th one.
type kind struct {
	name string
	do   func(ctx context.Context, n int) error
}

// load sends requests of all kinds in turn.
type load struct {
	kinds       []kind
	connections int           // requests in progress at a time
	rate        float64       // requests per second; 0: as fast as the answers come
	duration    time.Duration // requests are due within it; those that a slow server delays by more than lateRequest are left out
	progress    io.Writer     // gets a line that is written over each second; nil: none
}

// loadReport is the result of a load. Times are in milliseconds.
type loadReport struct {
	Seconds     float64    `json:"seconds"`
	Connections int        `json:"connections"`
	Offered     float64    `json:"offered_per_second,omitempty"` // the rate asked for; 0 in a closed loop
	Rate        float64    `json:"per_second"`                   // requests that succeeded
	Requests    int        `json:"requests"`                     // that succeeded
	Failed      int        `json:"failed"`
	Failure     string     `json:"failure,omitempty"` // the first one
	Kinds       []loadKind `json:"kinds"`
}

// loadKind has the latencies of one kind of request. In an open loop they count from the time at
// which the request was due, so that a request that waits for its turn is as late as its caller sees it.
type loadKind struct {
	Name     string  `json:"name"`
	Requests int     `json:"requests"`
	Failed   int     `json:"failed"`
	P50      float64 `json:"p50_ms"`
	P90      float64 `json:"p90_ms"`
	P99      float64 `json:"p99_ms"`
	P999     float64 `json:"p999_ms"`
	Most     float64 `json:"max_ms"`
}

// outcome is the result of a request.
type outcome struct {
	kind int
	took time.Duration
	err  error
}

func (l load) run(ctx context.Context) loadReport {
	began := time.Now()
	var sent, done atomic.Int64
	perWorker := make([][]outcome, l.connections)
	var workers sync.WaitGroup
	for w := range perWorker {
		workers.Go(func() {
			for {
				n := int(sent.Add(1) - 1)
				due := l.due(began, n)
				if due.Sub(began) >= l.duration || time.Since(began) >= l.duration+lateRequest || !sleep(ctx, time.Until(due)) {
					return
				}
				k := n % len(l.kinds)
				err := l.kinds[k].do(ctx, n/len(l.kinds))
				if ctx.Err() != nil {
					return // interrupted
				}
				perWorker[w] = append(perWorker[w], outcome{k, time.Since(due), err})
				done.Add(1)
			}
		})
	}
	stop := l.show(began, &done)
	workers.Wait()
	stop()
	return l.report(time.Since(began), slices.Concat(perWorker...))
}

// due returns when the n-th request begins: in an open loop by the rate, in a closed loop now.
func (l load) due(began time.Time, n int) time.Time {
	if l.rate == 0 {
		return time.Now()
	}
	return began.Add(time.Duration(float64(n) / l.rate * float64(time.Second)))
}

// show writes the progress until stop is called.
func (l load) show(began time.Time, done *atomic.Int64) (stop func()) {
	if l.progress == nil {
		return func() {}
	}
	ended := make(chan struct{})
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		last := int64(0)
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
			now := done.Load()
			left := max(0, l.duration-time.Since(began)).Round(time.Second)
			fmt.Fprintf(l.progress, "\r%d requests, %d per second, %s left   ", now, now-last, left)
			last = now
		}
	}()
	return func() {
		close(ended)
		fmt.Fprint(l.progress, "\r\033[K")
	}
}

func (l load) report(took time.Duration, all []outcome) loadReport {
	r := loadReport{Seconds: took.Seconds(), Connections: l.connections, Offered: l.rate, Kinds: []loadKind{}}
	for k, each := range l.kinds {
		one := loadKind{Name: each.name}
		var times []time.Duration
		for _, o := range all {
			if o.kind != k {
				continue
			}
			if o.err == nil {
				times = append(times, o.took)
				continue
			}
			if one.Failed++; r.Failure == "" {
				r.Failure = o.err.Error()
			}
		}
		slices.Sort(times)
		at := func(part float64) float64 {
			if len(times) == 0 {
				return 0
			}
			return float64(times[min(int(part*float64(len(times))), len(times)-1)].Microseconds()) / 1000
		}
		one.Requests, one.P50, one.P90, one.P99, one.P999, one.Most = len(times), at(0.5), at(0.9), at(0.99), at(0.999), at(1)
		r.Requests, r.Failed, r.Kinds = r.Requests+one.Requests, r.Failed+one.Failed, append(r.Kinds, one)
	}
	r.Rate = float64(r.Requests) / r.Seconds
	return r
}

// table writes the report for people.
func (r loadReport) table(w io.Writer) error {
	loop := "closed loop"
	if r.Offered > 0 {
		loop = fmt.Sprintf("open loop, %g per second offered", r.Offered)
	}
	text := fmt.Sprintf("%d connections, %.1f s, %s: %d requests, %.1f per second, %d failed\n\n", r.Connections, r.Seconds, loop, r.Requests, r.Rate, r.Failed)
	text += fmt.Sprintf("%-28s %9s %7s %9s %9s %9s %9s %9s\n", "ms", "requests", "failed", "p50", "p90", "p99", "p99.9", "max")
	for _, k := range r.Kinds {
		text += fmt.Sprintf("%-28s %9d %7d %9.1f %9.1f %9.1f %9.1f %9.1f\n", k.Name, k.Requests, k.Failed, k.P50, k.P90, k.P99, k.P999, k.Most)
	}
	if r.Failure != "" {
		text += "\nfirst failure: " + oneLine(r.Failure) + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// document writes the report as JSON.
func (r loadReport) document(w io.Writer) error {
	return printJSON(w, r)
}
