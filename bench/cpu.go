package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
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
		now.server = cpuOf(o.server.pid())
	}
	now.services = cpuOf(o.services...)
	if _, ticks, ok := readStat(generator); ok {
		now.load = time.Duration(ticks) * tick
	}
	return now
}

// tick is the unit of the times in /proc/PID/stat on Linux.
const tick = 10 * time.Millisecond

// cpuOf adds up the processor time that the processes and their descendants
// have used, ended children included. 0 where there is no /proc.
func cpuOf(roots ...int) time.Duration {
	entries, _ := os.ReadDir("/proc")
	used, children := map[int]int64{}, map[int][]int{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if parent, ticks, ok := readStat(pid); ok {
			used[pid] = ticks
			children[parent] = append(children[parent], pid)
		}
	}
	var sum int64
	roots = slices.Clone(roots)
	for i := 0; i < len(roots); i++ {
		sum += used[roots[i]]
		roots = append(roots, children[roots[i]]...)
	}
	return time.Duration(sum) * tick
}

// readStat reads the parent and the ticks used from /proc/PID/stat: after
// "pid (name)", the parent is field 2, and utime, stime, cutime and cstime are
// fields 12 to 15. A process that has gone has none.
func readStat(pid int) (parent int, ticks int64, ok bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, false
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 15 {
		return 0, 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	for _, field := range fields[11:15] {
		n, parseErr := strconv.ParseInt(field, 10, 64)
		err = errors.Join(err, parseErr)
		ticks += n
	}
	return parent, ticks, err == nil
}
