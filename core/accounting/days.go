package accounting

import "sofipo/core/civil"

// NextToClose is the business day that is closed next: the last whose close has begun,
// until it is closed, and then the day after it. While none has begun it is the day of
// the first entry, or the first day that takes entries if the books were closed through
// it. It is the zero day if there is no entry either.
func NextToClose(last civil.Date, closed bool, first, closedThrough civil.Date) civil.Date {
	switch {
	case !last.IsZero() && !closed:
		return last
	case !last.IsZero():
		return last.AddDays(1)
	case first.IsZero() || first.After(closedThrough):
		return first
	}
	return closedThrough.AddDays(1)
}
