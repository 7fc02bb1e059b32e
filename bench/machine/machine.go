// Package machine measures the processor time and memory of processes and describes the
// machine, for the benchmarks. It also runs work in parallel.
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

// Heading returns the line above a table: the date, the Go version, the number of processors,
// and the load average before the run.
func Heading(busy string) string {
	return fmt.Sprintf("%s, %s, %d processors, load average before the run %s\n\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU(), busy)
}

// LoadAverage returns the load average of the last minute.
func LoadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	minute, _, _ := strings.Cut(string(text), " ")
	return minute
}

// Parallel calls work for every number below n, atOnce at the same time, and stops at the
// first error.
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

// UsedAlone returns the processor time of a process and its ended children; 0 if the process
// has ended.
func UsedAlone(pid int) time.Duration {
	_, ticks, _ := readStat(pid)
	return time.Duration(ticks) * tick
}

// tick is the unit of the times in /proc/PID/stat on Linux.
const tick = 10 * time.Millisecond

// Used returns the total processor time of processes and their descendants, including ended
// children. It returns 0 without /proc.
func Used(roots ...int) (sum time.Duration) {
	for _, used := range UsedByEach(roots...) {
		sum += used
	}
	return sum
}

// UsedByEach returns the processor time of each process with its descendants, including ended
// children. It returns 0 without /proc.
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

// Memory returns the current and the maximum resident memory of a process, in bytes.
func Memory(pid int) (now, most int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64) // 0 for other lines
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

// readStat reads the parent and the used ticks from /proc/PID/stat. After "pid (name)", the
// parent is field 2, and utime, stime, cutime and cstime are the fields 12 to 15. It returns
// false if the process has ended.
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
