//go:build !linux

package bank

import "time"

var started = time.Now()

// uptime returns the time since the program started, by the monotonic clock.
func uptime() time.Duration { return time.Since(started) }
