package api

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sofipo/bank"
)

// meters has the metrics of all routes.
type meters struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// newMeters registers the metrics of the API and of the bank.
func newMeters(registry *prometheus.Registry, b *bank.Bank) meters {
	m := meters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sofipo_http_requests_total", Help: "HTTP requests.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sofipo_http_request_duration_seconds", Help: "Duration of HTTP requests.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route"}),
	}
	registry.MustRegister(m.requests, m.duration)
	if b == nil {
		return m
	}
	stats := b.Stats()
	for _, c := range []struct {
		name, help string
		value      *atomic.Uint64
	}{
		{"sofipo_bank_commands_total", "Commands passed to the writers.", &stats.Commands},
		{"sofipo_bank_refused_total", "Commands refused by a rule.", &stats.Refused},
		{"sofipo_bank_batches_total", "Batches started. Commands divided by batches is the mean batch size.", &stats.Batches},
		{"sofipo_bank_alone_total", "Commands retried alone after their batch failed.", &stats.Alone},
	} {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.name, Help: c.help},
			func() float64 { return float64(c.value.Load()) }))
	}
	return m
}

// countRefusals registers the counters of work that is refused to limit the load.
func (s *server) countRefusals() {
	logins := &s.Logins.Stats
	s.countReasons("sofipo_logins_refused_total", "Logins refused with 429, by reason: failures for a name from an address, for an address, or for a name; or too many waiting.",
		map[string]*atomic.Uint64{"pair": &logins.Pair, "address": &logins.Address, "name": &logins.Name, "waiting": &logins.Waiting})
	if s.Rates != nil {
		users, addresses := s.Rates.Refused()
		s.countReasons("sofipo_requests_limited_total", "Requests refused with 429, by what sent too many: a user or an address.", map[string]*atomic.Uint64{"user": users, "address": addresses})
	}
	shed := map[string]*atomic.Uint64{"reads": &s.reads.Refused, "heavy": &s.heavy.Refused, "answers": &s.answers.Refused}
	if s.Bank != nil {
		shed["writes"] = &s.Bank.Stats().Shed
	}
	s.countReasons("sofipo_shed_requests_total", "Requests refused with 503 because of overload, by what was short: slots for reads or for heavy requests (quotes, books, reports, documents), time of the writers, or bytes for large answers.", shed)
	s.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sofipo_answer_bytes", Help: "Bytes of large answers that clients have not read yet.",
	}, func() float64 { return float64(s.answers.Used()) }))
}

// countReasons registers a counter with the label reason.
func (s *server) countReasons(name, help string, reasons map[string]*atomic.Uint64) {
	for reason, value := range reasons {
		s.Registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{"reason": reason}},
			func() float64 { return float64(value.Load()) }))
	}
}

// meter counts the requests of one route. It looks up each counter once.
type meter struct {
	meters        meters
	method, route string
	duration      prometheus.Observer
	byStatus      [http.StatusNetworkAuthenticationRequired + 1]atomic.Pointer[prometheus.Counter]
}

func (m meters) of(method, route string) *meter {
	return &meter{meters: m, method: method, route: route, duration: m.duration.WithLabelValues(method, route)}
}

func (m *meter) count(status int, took time.Duration) {
	m.duration.Observe(took.Seconds())
	if status < 0 || status >= len(m.byStatus) {
		status = 0
	}
	counter := m.byStatus[status].Load()
	if counter == nil {
		found := m.meters.requests.WithLabelValues(m.method, m.route, strconv.Itoa(status))
		counter = &found
		m.byStatus[status].Store(counter)
	}
	(*counter).Inc()
}
