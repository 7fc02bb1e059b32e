package accounting

import "sofipo/core/civil"

// Period tells how far the books are closed.
type Period struct {
	ClosedThrough civil.Date `json:"closed_through"`
}

// AppendJSON adds the period as JSON.
func (p Period) AppendJSON(b []byte) []byte {
	return append(append(append(b, `{"closed_through":"`...), p.ClosedThrough.String()...), `"}`...)
}

// Closes is how far the days of the books are closed.
type Closes struct {
	Begun   civil.Date // the last day whose close was begun; zero if none was
	Closed  bool       // that close is finished
	First   civil.Date // of the first entry; zero without entries
	Through civil.Date // the last day of the closed periods
	Clock   civil.Date // the day of the clock
}

// Next is the day that is closed next: the one whose close was begun, or the one
// after it. The first is that of the first entry, if its period is open.
func (c Closes) Next() civil.Date {
	switch {
	case !c.Begun.IsZero() && !c.Closed:
		return c.Begun
	case !c.Begun.IsZero():
		return c.Begun.AddDays(1)
	case c.First.IsZero():
		return c.Clock
	case c.First.After(c.Through):
		return c.First
	default:
		return c.Through.AddDays(1)
	}
}
