// Package faults kills, stops and freezes each part of the running system while clients make
// payments, and then checks the result: every confirmed payment is in the books exactly once,
// every payment has exactly one event in the log, every event has its payment, and the
// chain of events is unbroken. It also has the tests of the command line.
package faults
