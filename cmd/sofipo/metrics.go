package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"sofipo/bank/webhooks"
	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/infra/outbox"
	"sofipo/view"
	"sofipo/web"
)

// newRegistry returns a registry with the metrics of every process.
func newRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "sofipo_build_info", Help: "1, with the version of the program.", ConstLabels: prometheus.Labels{"version": web.Version}})
	build.Set(1)
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build)
	return registry
}

// register adds the metrics of the services. None of them waits for a service: the counters are in
// memory, and the figures of the database are sampled.
func (n *node) register(registry *prometheus.Registry) {
	count := func(name, help string, labels prometheus.Labels, value func() uint64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(value()) }))
	}
	const requests = "sofipo_cache_requests_total"
	count(requests, "Reads of the cache, by result.", prometheus.Labels{"result": "hit"}, func() uint64 { return n.caching().Hits })
	count(requests, "Reads of the cache, by result.", prometheus.Labels{"result": "miss"}, func() uint64 { return n.caching().Misses })
	count("sofipo_cache_failures_total", "Calls of the cache that failed because Redis was down.", nil, func() uint64 { return n.caching().Failures })
	count("sofipo_relay_published_total", "Events that this node published.", nil, n.relay.Published.Load)
	count("sofipo_relay_failures_total", "Batches of events that this node did not publish; they are tried again.", nil, n.relay.Failures.Load)
	const deliveries = "sofipo_webhook_deliveries_total"
	for outcome, counter := range map[string]*atomic.Uint64{"delivered": &n.webhooks.Delivered, "failed": &n.webhooks.Failed, "dead": &n.webhooks.Dead, "missed": &n.webhooks.Missed} {
		count(deliveries, "Deliveries to webhooks by this node, by outcome.", prometheus.Labels{"outcome": outcome}, counter.Load)
	}
	gauge := func(name, help string, value func() float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	gauge("sofipo_replica_lag_bytes", "Bytes of the write-ahead log that the replica has not replayed; -1 without a replica.", func() float64 {
		if lag, known := n.db.Lag(); known {
			return float64(lag.Bytes)
		}
		return -1
	})
	gauge("sofipo_replica_lag_seconds", "Since when the replica lacks what the primary had, 0 while that is under 2 s; -1 without a replica.", func() float64 {
		if lag, known := n.db.Lag(); known {
			return lag.Time.Seconds()
		}
		return -1
	})
	registry.MustRegister(&sampler{measure: n.measure})
}

// readings are the metrics that the database has. A figure is negative if it is unknown.
type readings struct {
	up             float64 // 1 if all figures were read
	backlog        float64
	oldest         float64 // age of the oldest event in the backlog, in seconds
	behind         float64 // events that the slowest active webhook has not passed
	waited         float64 // how long the oldest of them has waited, in seconds
	dead           float64 // dead letters of webhooks
	closing        float64 // 1 while a day is being closed
	closed, of     float64 // loans that the running close has closed, and the expected number
	lastDay        float64 // Unix time of the last closed day
	lastTook       float64 // duration of its close, in seconds
	imor           float64 // a fraction
	total, overdue float64 // pesos
}

// unknown are the figures of a database that does not answer.
var unknown = readings{up: 0, backlog: -1, oldest: -1, behind: -1, waited: -1, dead: -1, closing: -1, closed: -1, of: -1, lastDay: -1, lastTook: -1, imor: -1, total: -1, overdue: -1}

// sampledGauges are the metrics of the figures.
var sampledGauges = []struct {
	about *prometheus.Desc
	value func(readings) float64
}{
	{sampledGauge("sofipo_database_up", "1 if the database answered the last questions about the metrics, within 5 s."), func(f readings) float64 { return f.up }},
	{sampledGauge("sofipo_outbox_backlog", "Events waiting to be relayed; -1 if unknown."), func(f readings) float64 { return f.backlog }},
	{sampledGauge("sofipo_outbox_oldest_seconds", "Age of the oldest event waiting to be relayed, 0 if there is none; -1 if unknown."), func(f readings) float64 { return f.oldest }},
	{sampledGauge("sofipo_webhook_backlog", "Events that the slowest active webhook has not passed yet; -1 if unknown."), func(f readings) float64 { return f.behind }},
	{sampledGauge("sofipo_webhook_oldest_seconds", "How long the oldest of these events has been published, 0 if there is none; -1 if unknown."), func(f readings) float64 { return f.waited }},
	{sampledGauge("sofipo_webhook_dead_letters", "Deliveries to webhooks that were given up and can be sent again; -1 if unknown."), func(f readings) float64 { return f.dead }},
	{sampledGauge("sofipo_close_running", "1 while a day is being closed; -1 if unknown."), func(f readings) float64 { return f.closing }},
	{sampledGauge("sofipo_close_loans", "Loans that the running close has closed; -1 if unknown."), func(f readings) float64 { return f.closed }},
	{sampledGauge("sofipo_close_expected_loans", "Loans that the running close is expected to close: those of the day before; -1 if unknown."), func(f readings) float64 { return f.of }},
	{sampledGauge("sofipo_last_closed_day_timestamp_seconds", "Midnight UTC of the last closed business day; -1 if there is none."), func(f readings) float64 { return f.lastDay }},
	{sampledGauge("sofipo_last_close_duration_seconds", "Duration of the last close, including interruptions; -1 if there is none."), func(f readings) float64 { return f.lastTook }},
	{sampledGauge("sofipo_portfolio_imor_ratio", "IMOR of the last closed day: overdue to total portfolio, from 0 to 1; -1 if unknown."), func(f readings) float64 { return f.imor }},
	{sampledGauge("sofipo_portfolio_pesos", "Principal and interest of all loans at the end of the last closed day; -1 if unknown."), func(f readings) float64 { return f.total }},
	{sampledGauge("sofipo_portfolio_overdue_pesos", "The same of the loans in stage 3; -1 if unknown."), func(f readings) float64 { return f.overdue }},
}

func sampledGauge(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, nil, nil)
}

// Times of the sampler.
const (
	sampleFor   = 10 * time.Second // age up to which figures are shown again
	sampleTime  = 5 * time.Second  // timeout of a measurement
	sampleShown = time.Second      // how long a scrape waits for one; then it shows the figures of before
)

// sampler shows the figures of the database. However often it is scraped, it measures at most once
// in sampleFor, and a scrape never waits longer than sampleShown.
type sampler struct {
	measure func(ctx context.Context, before readings) (readings, error)

	mu      sync.Mutex
	last    *readings     // nil before the first measurement
	taken   time.Time     // when the last measurement ended
	running chan struct{} // closed when the running measurement ends; nil if none
}

// Describe implements prometheus.Collector.
func (s *sampler) Describe(to chan<- *prometheus.Desc) {
	for _, g := range sampledGauges {
		to <- g.about
	}
}

// Collect implements prometheus.Collector.
func (s *sampler) Collect(to chan<- prometheus.Metric) {
	f := s.figures()
	for _, g := range sampledGauges {
		to <- prometheus.MustNewConstMetric(g.about, prometheus.GaugeValue, g.value(f))
	}
}

// figures returns figures that are at most sampleFor old, or older ones if the database does not
// answer within sampleShown.
func (s *sampler) figures() readings {
	s.mu.Lock()
	if s.running == nil && (s.last == nil || time.Since(s.taken) >= sampleFor) {
		s.running = make(chan struct{})
		go s.sample(s.running)
	}
	running := s.running
	s.mu.Unlock()
	if running != nil {
		select {
		case <-running:
		case <-time.After(sampleShown):
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		return unknown
	}
	return *s.last
}

// sample measures once.
func (s *sampler) sample(done chan struct{}) {
	defer close(done)
	ctx, cancel := context.WithTimeout(context.Background(), sampleTime)
	defer cancel()
	s.mu.Lock()
	before := unknown
	if s.last != nil {
		before = *s.last
	}
	s.mu.Unlock()
	f, err := s.measure(ctx, before)
	if err != nil {
		f = unknown
	}
	s.mu.Lock()
	s.last, s.taken, s.running = &f, time.Now(), nil
	s.mu.Unlock()
}

// measure reads the figures. The portfolio is that of the last closed day, so it is read again only
// after a close.
func (n *node) measure(ctx context.Context, before readings) (readings, error) {
	f := readings{up: 1, lastDay: -1, lastTook: -1, imor: -1, total: -1, overdue: -1}
	backlog, err := outbox.Backlog(ctx, n.db)
	if err != nil {
		return f, err
	}
	f.backlog = float64(backlog)
	oldest, err := outbox.Oldest(ctx, n.db)
	if err != nil {
		return f, err
	}
	if !oldest.IsZero() {
		f.oldest = max(0, n.now().Sub(oldest).Seconds())
	}
	hooks, err := webhooks.Measure(ctx, n.db)
	if err != nil {
		return f, err
	}
	f.behind, f.dead = float64(hooks.Backlog), float64(hooks.Dead)
	if !hooks.Oldest.IsZero() {
		f.waited = max(0, time.Since(hooks.Oldest).Seconds())
	}
	closes, err := n.view.LastCloses(ctx, view.System)
	if err != nil {
		return f, err
	}
	if running := closes.Running; !running.Day.IsZero() {
		f.closing, f.closed, f.of = 1, float64(running.Loans), float64(running.Of)
	}
	last := closes.Closed
	if last.Day.IsZero() {
		return f, nil
	}
	f.lastDay, f.lastTook = float64(last.Day.Midnight().Unix()), last.ClosedAt.Sub(last.BeganAt).Seconds()
	if f.lastDay == before.lastDay && before.total >= 0 {
		f.imor, f.total, f.overdue = before.imor, before.total, before.overdue
		return f, nil
	}
	if err := n.measurePortfolio(ctx, last.Day, &f); err != nil {
		n.log.Warn("the figures of the portfolio are unknown", "day", last.Day.String(), "error", err) // the database answered
	}
	return f, nil
}

// measurePortfolio reads the figures of a closed day.
func (n *node) measurePortfolio(ctx context.Context, day civil.Date, f *readings) error {
	p, err := n.view.Portfolio(ctx, view.System, day)
	if err != nil {
		return err
	}
	pesos := func(a money.Amount) float64 { return float64(a) / 100 }
	ratio := p.Total.IMOR
	f.total, f.overdue, f.imor = pesos(ratio.Whole), pesos(ratio.Part), 0
	if ratio.Whole > 0 {
		f.imor = float64(ratio.Part) / float64(ratio.Whole)
	}
	return nil
}
