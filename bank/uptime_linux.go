package bank

import (
	"time"

	"golang.org/x/sys/unix"
)

// uptime returns the time since the computer started. Linux's monotonic clock, which time.Now
// reads, stops while the computer sleeps; this one does not.
func uptime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		panic("reading the uptime: " + err.Error()) // every Linux that Go supports has this clock
	}
	return time.Duration(t.Nano())
}
