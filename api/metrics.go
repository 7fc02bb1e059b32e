package api

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"sofipo/bank"
)

// countCommands registers the metrics of the bank.
func (s *server) countCommands() {
	if s.Bank == nil {
		return
	}
	stats := s.Bank.Stats()
	for _, c := range []struct {
		name, help string
		value      *atomic.Uint64
	}{
		{"sofipo_bank_commands_total", "Commands passed to the writers.", &stats.Commands},
		{"sofipo_bank_refused_total", "Commands refused by a rule.", &stats.Refused},
		{"sofipo_bank_batches_total", "Batches started. Commands divided by batches is the mean batch size.", &stats.Batches},
		{"sofipo_bank_alone_total", "Commands retried alone after their batch failed.", &stats.Alone},
	} {
		s.Registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.name, Help: c.help},
			func() float64 { return float64(c.value.Load()) }))
	}
	s.countMoney("payments", "Payments of loans that were registered", &stats.Payments)
	s.countMoney("disbursements", "Loans that were disbursed", &stats.Disbursements)
	s.Registry.MustRegister(stats.BatchSize, stats.BatchTime, stats.CommitTime, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sofipo_bank_queue_commands", Help: "Commands that are queued or being written.",
	}, func() float64 { return float64(s.Bank.Waiting()) }))
}

// countMoney registers the number and the sum of what was received or paid by this process.
func (s *server) countMoney(name, help string, moved *bank.Moved) {
	s.Registry.MustRegister(
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "sofipo_" + name + "_total", Help: help + "."},
			func() float64 { return float64(moved.Count.Load()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "sofipo_" + name + "_pesos_total", Help: help + ", in pesos."},
			func() float64 { return float64(moved.Centavos.Load()) / 100 }))
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
