package accounting

import "sofipo/core/civil"

// Period is the closed part of the books: they take no entries up to this day.
type Period struct {
	ClosedThrough civil.Date `json:"closed_through"`
}

// AppendJSON adds the period as JSON.
func (p Period) AppendJSON(b []byte) []byte {
	return append(append(append(b, `{"closed_through":"`...), p.ClosedThrough.String()...), `"}`...)
}

// CloseState is the progress of the daily close.
type CloseState struct {
	Begun   civil.Date // last day with a close that was started; zero if none
	Closed  bool       // the close of that day is finished
	First   civil.Date // day of the first entry; zero without entries
	Through civil.Date // last day of the closed periods
	Clock   civil.Date // today
}

// Next returns the next day to close: the day with an unfinished close, or the day after
// the last closed one. The first day to close is that of the first entry, or the first
// day after the closed periods if that is later.
func (c CloseState) Next() civil.Date {
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
