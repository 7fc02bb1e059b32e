package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// processorTime returns the processor time of this program and of the children of a server's
// process.
func processorTime(server int) (sum time.Duration, err error) {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", server))
	if err != nil {
		return 0, err
	}
	for _, child := range append(strings.Fields(string(children)), strconv.Itoa(os.Getpid())) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			return 0, err
		}
		var spent unix.Timespec
		// A child may have ended.
		if err := unix.ClockGettime(int32(^pid<<3|unix.CLOCK_PROCESS_CPUTIME_ID), &spent); err == nil {
			sum += time.Duration(spent.Nano())
		}
	}
	return sum, nil
}
