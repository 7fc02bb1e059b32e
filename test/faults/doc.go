// Package faults kills, freezes, cuts off and starves each part of the running system while
// clients make payments and read. It then checks the result: every confirmed payment is in the
// books exactly once, every payment has exactly one event in the log, every event has its
// payment, the chain of events is unbroken, and no answer contradicted the books. TestFaults has
// the faults as a table, with one load and one judge; make test-faults runs all of it. The other
// tests need something of their own: one moment of a close, a damaged log, the command line.
package faults
