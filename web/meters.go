package web

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Meters has the metrics of HTTP requests. It is safe for concurrent use.
type Meters struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	patterns sync.Map // *Meter by pattern of a http.ServeMux
}

// NewMeters registers the metrics.
func NewMeters(registry *prometheus.Registry) *Meters {
	m := &Meters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sofipo_http_requests_total", Help: "HTTP requests.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sofipo_http_request_duration_seconds", Help: "Duration of HTTP requests.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route"}),
	}
	registry.MustRegister(m.requests, m.duration)
	return m
}

// Meter counts the requests of one route. It looks up each counter once.
type Meter struct {
	meters        *Meters
	method, route string
	duration      prometheus.Observer
	byStatus      [http.StatusNetworkAuthenticationRequired + 1]atomic.Pointer[prometheus.Counter]
}

// Of returns the meter of a route, which is a pattern and not a path: paths have personal data.
func (m *Meters) Of(method, route string) *Meter {
	return &Meter{meters: m, method: method, route: route, duration: m.duration.WithLabelValues(method, route)}
}

// Count counts a request.
func (m *Meter) Count(status int, took time.Duration) {
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

// Wrap counts the requests of a mux by its patterns, and names their spans. Without meters it does
// nothing.
func (m *Meters) Wrap(mux *http.ServeMux) http.Handler {
	if m == nil {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			panicked := recover()
			if panicked != nil {
				seen.status = http.StatusInternalServerError // the answer of whoever recovers it
			}
			meter := m.ofPattern(r.Pattern)
			meter.Count(seen.status, time.Since(began))
			NameSpan(r, meter.route, seen.status)
			if panicked != nil {
				panic(panicked)
			}
		}()
		mux.ServeHTTP(seen, r) // sets the pattern
	})
}

// ofPattern returns the meter of a pattern, such as "GET /console/loans/{loan}".
func (m *Meters) ofPattern(pattern string) *Meter {
	if found, known := m.patterns.Load(pattern); known {
		return found.(*Meter)
	}
	method, route, cut := strings.Cut(pattern, " ")
	if !cut {
		method, route = "none", "none"
	}
	made, _ := m.patterns.LoadOrStore(pattern, m.Of(method, route))
	return made.(*Meter)
}

// recorder records the status of a response.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap supports http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
