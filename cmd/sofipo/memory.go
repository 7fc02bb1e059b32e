package main

import (
	"io/fs"
	"math"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// gcPercent trades memory for processor time. The live heap is about 10 MB, so a
// collection at five times that costs little. GOGC overrides it.
const gcPercent = 400

// headroom is the allocation between two collections for a small live heap. Together with
// gcPercent it limits memory after a peak, such as the 19 MiB of a password hash.
const headroom = 32 << 20

// setCollector configures garbage collection, unless GOGC is set.
func setCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		paceCollector()
	}
}

// paceCollector adjusts the percentage to the live heap after each collection.
var paceCollector = sync.OnceFunc(func() {
	figures := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/gogc:percent"}}
	afterCollections(func() {
		metrics.Read(figures)
		want, now := percentFor(figures[0].Value.Uint64()), int(figures[1].Value.Uint64())
		// Setting it stops the program for a moment, so small changes are skipped.
		if 10*want < 9*now || 9*want > 10*now {
			debug.SetGCPercent(want)
		}
	})
})

// percentFor returns the percentage of the live bytes that equals the headroom, at most
// gcPercent, and at least 100, so that a large heap is not collected all the time.
func percentFor(live uint64) int {
	return int(max(100, min(gcPercent, 100*headroom/max(1, live))))
}

// memoryShare is the part of the container's memory that the program may use; the rest is for
// the buffers of connections and for SQLite.
const memoryShare = 0.8

// limitMemory makes the collector keep the program within the memory of its container, unless
// GOMEMLIMIT is set, and returns the bound of the bytes of large answers: at most 64 MiB and an
// eighth of the limit.
func limitMemory(system fs.FS) (answers int64) {
	if contained := containerMemory(system); os.Getenv("GOMEMLIMIT") == "" && contained < math.MaxInt64 {
		debug.SetMemoryLimit(int64(memoryShare * float64(contained)))
	}
	return max(4<<20, min(64<<20, debug.SetMemoryLimit(-1)/8))
}

// containerMemory returns the smallest memory limit of the process's control groups (cgroup v2
// or v1) and of those above them, or math.MaxInt64 if there is none. Within a container, the
// root of the file system of control groups is often its own group.
func containerMemory(system fs.FS) int64 {
	least := int64(math.MaxInt64)
	groups, _ := fs.ReadFile(system, "proc/self/cgroup") // without it, only the root counts
	for line := range strings.Lines(string(groups) + "0::/\n0:memory:/\n") {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		root, file := "sys/fs/cgroup", "memory.max"
		if slices.Contains(strings.Split(parts[1], ","), "memory") {
			root, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		}
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			text, _ := fs.ReadFile(system, path.Join(root, group, file)) // a missing file sets no limit
			if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit > 0 {
				least = min(least, limit)
			}
			if group == "/" {
				break
			}
		}
	}
	if least >= 1<<60 { // cgroup v1 without a limit
		return math.MaxInt64
	}
	return least
}

// afterCollections calls work after each collection.
func afterCollections(work func()) {
	runtime.AddCleanup(new([32]byte), func(struct{}) {
		work()
		afterCollections(work)
	}, struct{}{})
}
