package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// gcPercent trades memory for processor time: what lives is about ten megabytes, so
// collecting at four times that costs little. GOGC overrides it.
const gcPercent = 400

// headroom is how much a server allocates between two collections while little lives:
// beside gcPercent it bounds the memory after a peak, such as the 19 MiB that the hash
// of a password takes.
const headroom = 32 << 20

// setCollector sets when garbage is collected, unless GOGC does.
func setCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		paceCollector()
	}
}

// paceCollector changes the percentage after each collection to what headroom makes of
// the memory that lives.
var paceCollector = sync.OnceFunc(func() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	now := gcPercent
	afterCollections(func() {
		metrics.Read(live)
		// Setting it stops the program for a moment: small changes are left.
		if want := percentFor(live[0].Value.Uint64()); 10*want < 9*now || 9*want > 10*now {
			debug.SetGCPercent(want)
			now = want
		}
	})
})

// percentFor is the percentage of so many live bytes that is the headroom: at most
// gcPercent, and at least 100, so that much that lives is not collected all the time.
func percentFor(live uint64) int {
	return int(max(100, min(gcPercent, 100*headroom/max(1, live))))
}

// afterCollections calls work after each collection from now on.
func afterCollections(work func()) {
	runtime.AddCleanup(new([32]byte), func(struct{}) {
		work()
		afterCollections(work)
	}, struct{}{})
}
