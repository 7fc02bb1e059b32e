package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
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
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	now := gcPercent
	afterCollections(func() {
		metrics.Read(live)
		// Setting it stops the program for a moment, so small changes are skipped.
		if want := percentFor(live[0].Value.Uint64()); 10*want < 9*now || 9*want > 10*now {
			debug.SetGCPercent(want)
			now = want
		}
	})
})

// percentFor returns the percentage of the live bytes that equals the headroom, at most
// gcPercent, and at least 100, so that a large heap is not collected all the time.
func percentFor(live uint64) int {
	return int(max(100, min(gcPercent, 100*headroom/max(1, live))))
}

// afterCollections calls work after each collection.
func afterCollections(work func()) {
	runtime.AddCleanup(new([32]byte), func(struct{}) {
		work()
		afterCollections(work)
	}, struct{}{})
}
