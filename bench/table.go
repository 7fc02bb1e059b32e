package main

import (
	"fmt"
	"io"
	"time"
)

// row is a row of the table.
type row struct {
	what, ground string
	conns        int
	writes       bool // also print the processor time of each part
	sample
	usage
}

const (
	heading = "| what | database | connections | per second | p50 ms | p99 ms | errors | server CPU µs | services CPU µs | generator CPU µs |\n" +
		"|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
	format = "| %s | %s | %d | %s | %s | %s | %d | %s | %s | %s |\n"
)

func (r row) print(to io.Writer) {
	fmt.Fprintf(to, format, r.what, r.ground, r.conns, thousands(int(r.rate()+0.5)),
		milliseconds(r.percentile(0.50)), milliseconds(r.percentile(0.99)), r.failed,
		r.each(r.server), r.each(r.behind()), r.each(r.load))
}

// each returns the time for one operation, or "–" if there was none.
func (r row) each(used time.Duration) string {
	if len(r.latencies) == 0 || used == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", float64(used)/float64(time.Microsecond)/float64(len(r.latencies)))
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.*f", map[bool]int{true: 0, false: 1}[d >= 100*time.Millisecond], float64(d)/float64(time.Millisecond))
}

func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Names of the rows that the ratios compare.
const (
	sustainedPayments  = "payments of what is due, sustained"
	sustainedYardstick = "pgbench, six statements, sustained"
	duePayments        = "payments of what is due"
	aheadPayments      = "payments ahead of time"
	yardstick          = "pgbench, six statements"
	cachedClients      = "client reads, cached"
	bareHandler        = "bare net/http handler, the same bytes"
)

// comparison compares a row with another one on the same ground; target is the ratio of rates
// to reach.
type comparison struct{ ground, what, other, target string }

// ratio prints the comparison of two rows for each number of connections.
func ratio(to io.Writer, rows []row, c comparison) {
	for _, r := range rows {
		for _, o := range rows {
			if r.ground == c.ground && o.ground == c.ground && r.what == c.what && o.what == c.other && r.conns == o.conns {
				fmt.Fprintf(to, "- %s ÷ %s, %s, %d connections: %.2f times the rate (target: %s), %.2f times the processor time of all parts\n",
					c.what, c.other, c.ground, r.conns, r.rate()/o.rate(), c.target, r.cost()/o.cost())
			}
		}
	}
}

// cost returns the processor time of an operation in seconds.
func (r row) cost() float64 {
	return (r.server + r.behind() + r.load).Seconds() / float64(len(r.latencies))
}

// shares prints the processor time of the server and of each service for one operation.
func (r row) shares(to io.Writer) {
	fmt.Fprintf(to, "- %s, %s, %d connections: processor time in µs of each: ", r.ground, r.what, r.conns)
	if r.server > 0 {
		fmt.Fprintf(to, "server %s, ", r.each(r.server))
	}
	for _, s := range r.services {
		fmt.Fprintf(to, "%s %s, ", s.service, r.each(s.time))
	}
	fmt.Fprintf(to, "generator %s\n", r.each(r.load))
}
