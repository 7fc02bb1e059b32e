// Package faults kills, stops and freezes each part of the running system while
// clients pay, and then counts: every payment that a client was told of is in
// the books once, every payment has exactly one event in the log, no event is
// without its payment, and the chain of events is unbroken. It also holds the
// tests of the command line.
package faults
