package main

import (
	"slices"
	"time"

	"sofipo/bench/machine"
)

// service is a process used by the server under test.
type service struct {
	name string
	pid  int
}

// usage is processor time during the span: of the server under test, of each service, and of
// the load generator.
type usage struct {
	server, load time.Duration
	services     []spent // none without services
}

// spent is the processor time of a service.
type spent struct {
	service string
	time    time.Duration
}

func (u usage) plus(o usage) usage {
	u.server, u.load, u.services = u.server+o.server, u.load+o.load, slices.Clone(u.services)
	for i := range u.services {
		u.services[i].time += o.services[i].time
	}
	return u
}

// behind returns the processor time of all services.
func (u usage) behind() (sum time.Duration) {
	for _, s := range u.services {
		sum += s.time
	}
	return sum
}

// observer measures the processor time used during a span.
type observer struct {
	window   time.Duration
	server   *process // nil if the generator talks to the services directly
	services []service
	seen     chan usage
}

// start returns the span that begins after a delay, and sends the usage to seen when it has
// ended. The generator is a process id.
func (o *observer) start(after time.Duration, generator int) span {
	during := span{begin: time.Now().Add(after)}
	during.end = during.begin.Add(o.window)
	go func() {
		time.Sleep(time.Until(during.begin))
		before := o.look(generator)
		time.Sleep(time.Until(during.end))
		now := o.look(generator)
		now.server -= before.server
		now.load -= before.load
		for i := range now.services {
			now.services[i].time -= before.services[i].time
		}
		o.seen <- now
	}()
	return during
}

func (o *observer) look(generator int) (now usage) {
	if o.server != nil {
		now.server = machine.Used(o.server.pid())
	}
	pids := make([]int, len(o.services))
	for i, s := range o.services {
		pids[i] = s.pid
	}
	for i, used := range machine.UsedByEach(pids...) {
		now.services = append(now.services, spent{o.services[i].name, used})
	}
	now.load = machine.UsedAlone(generator)
	return now
}
