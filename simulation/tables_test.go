package simulation

import (
	"fmt"
	"time"

	"sofipo/core/id"
)

// audited is an audit line.
type audited struct {
	command, subject id.ID
	at               time.Time
	actor, action    string
}

// String is the line as text.
func (a audited) String() string {
	return fmt.Sprintln(a.command, a.at.UnixMicro(), a.actor, a.action, a.subject)
}
