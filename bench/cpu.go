package main

import (
	"time"

	"sofipo/bench/machine"
)

// usage is processor time within the span: of the server under test, of the
// services behind it, and of the load generator.
type usage struct{ server, services, load time.Duration }

func (u usage) plus(o usage) usage {
	return usage{u.server + o.server, u.services + o.services, u.load + o.load}
}

// observer measures the processor time used within a span.
type observer struct {
	window   time.Duration
	server   *process // nil where the generator speaks to the services
	services []int
	seen     chan usage
}

// start gives the span that begins a time from now, and what was used in it to
// seen when it is over. The generator is a process.
func (o *observer) start(after time.Duration, generator int) span {
	during := span{begin: time.Now().Add(after)}
	during.end = during.begin.Add(o.window)
	go func() {
		time.Sleep(time.Until(during.begin))
		before := o.look(generator)
		time.Sleep(time.Until(during.end))
		now := o.look(generator)
		o.seen <- usage{now.server - before.server, now.services - before.services, now.load - before.load}
	}()
	return during
}

func (o *observer) look(generator int) (now usage) {
	if o.server != nil {
		now.server = machine.Used(o.server.pid())
	}
	now.services = machine.Used(o.services...)
	now.load = machine.UsedAlone(generator)
	return now
}
