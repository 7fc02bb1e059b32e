package collections

import "sofipo/core/civil"

// Action is the next thing to do about an overdue loan.
type Action string

// The actions. Those of a contact have the name of its channel.
const (
	DoCall    Action = "call"
	DoMessage Action = "message"
	DoEmail   Action = "email"
	DoVisit   Action = "visit"
	DoLetter  Action = "letter"
	Await     Action = "await_promise"
)

// step is the usual action from a number of days past due.
type step struct {
	from   int
	action Action
}

// steps are ordered from the most days past due.
var steps = []step{{90, DoVisit}, {61, DoLetter}, {31, DoVisit}, {8, DoCall}, {1, DoMessage}}

// Next returns the next action and its day. An open promise is awaited until its day. Else it
// is what the last contact planned. Else it is the usual action for the days past due, which
// has no day. Promised and planned days are zero if there are none.
func Next(promised civil.Date, planned Channel, on civil.Date, daysPastDue int) (Action, civil.Date) {
	if !promised.IsZero() {
		return Await, promised
	}
	if planned != "" {
		return Action(planned), on
	}
	for _, s := range steps {
		if daysPastDue >= s.from {
			return s.action, civil.Date{}
		}
	}
	return "", civil.Date{}
}

// BrokenDays is the number of days for which a broken promise puts a loan at the top of the
// work list, unless a later promise was made.
const BrokenDays = 90
