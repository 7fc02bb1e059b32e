// Package machine tells what both benchmarks must know of the machine that they run
// on, and keeps it busy.
package machine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Heading is the line above a table of figures: the day, Go's version, the
// processors, and how busy others kept them before the run.
func Heading(busy string) string {
	return fmt.Sprintf("%s, %s, %d processors, load average before the run %s\n\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU(), busy)
}

// LoadAverage is how many others used the processors in the last minute.
func LoadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	minute, _, _ := strings.Cut(string(text), " ")
	return minute
}

// Parallel does the work for every number below n, so many at once, and stops at
// the first error.
func Parallel(atOnce, n int, work func(int) error) error {
	var next atomic.Int64
	var group sync.WaitGroup
	var failure atomic.Pointer[error]
	for range atOnce {
		group.Go(func() {
			for failure.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := work(i); err != nil {
					failure.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	group.Wait()
	if err := failure.Load(); err != nil {
		return *err
	}
	return nil
}

// UsedAlone is the processor time that a process itself and its ended children have
// used; 0 if it has gone.
func UsedAlone(pid int) time.Duration {
	_, ticks, _ := readStat(pid)
	return time.Duration(ticks) * tick
}

// tick is the unit of the times in /proc/PID/stat on Linux.
const tick = 10 * time.Millisecond

// Used adds up the processor time that the processes and their descendants
// have used, ended children included. 0 where there is no /proc.
func Used(roots ...int) (sum time.Duration) {
	for _, used := range UsedByEach(roots...) {
		sum += used
	}
	return sum
}

// UsedByEach is the processor time that each of the processes has used with its
// descendants, ended children included. 0 where there is no /proc.
func UsedByEach(roots ...int) []time.Duration {
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
	sums := make([]time.Duration, len(roots))
	for i, root := range roots {
		family := []int{root}
		for k := 0; k < len(family); k++ {
			sums[i] += time.Duration(used[family[k]]) * tick
			family = append(family, children[family[k]]...)
		}
	}
	return sums
}

// Memory is what a process has in memory now, and the most that it ever had, in bytes.
func Memory(pid int) (now, most int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64) // 0 for a line of another kind
		switch name {
		case "VmRSS":
			now = kilobytes << 10
		case "VmHWM":
			most = kilobytes << 10
		}
	}
	if now == 0 || most == 0 {
		err = fmt.Errorf("/proc/%d/status has no VmRSS or no VmHWM", pid)
	}
	return now, most, err
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
