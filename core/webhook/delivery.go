package webhook

import (
	"time"

	"sofipo/core/id"
	"sofipo/core/wire"
)

// Delivery is what became of an event for a webhook.
type Delivery struct {
	EventID    id.ID         `json:"event_id"`
	WebhookID  id.ID         `json:"webhook_id"`
	EventType  string        `json:"event_type"`
	Sequence   int64         `json:"sequence"`
	State      DeliveryState `json:"state"`
	Attempts   int64         `json:"attempts"`
	Status     int64         `json:"status"`      // of the last answer; 0: none
	DurationMS int64         `json:"duration_ms"` // of the last attempt
	Problem    string        `json:"error"`       // of the last attempt; empty if the receiver accepted the event
	At         time.Time     `json:"at"`          // of the last attempt
}

// AppendJSON adds the delivery as JSON.
func (d Delivery) AppendJSON(b []byte) []byte { return wire.JSON(b, d) }

// DeliveryState is the state of a delivery.
type DeliveryState string

// The states of deliveries.
const (
	Delivered DeliveryState = "delivered"
	Dead      DeliveryState = "dead"   // it was given up; it can be replayed
	Replay    DeliveryState = "replay" // a dead letter that is about to be delivered again
)

// Progress is how far a webhook is.
type Progress struct {
	WebhookID   id.ID     `json:"-"`
	Sequence    int64     `json:"sequence"`     // of the last event that was delivered, given up or not wanted
	Attempts    int64     `json:"attempts"`     // to deliver the next event that failed so far
	FirstFailed time.Time `json:"first_failed"` // moment of the first of them; zero without attempts
	Status      int64     `json:"status"`       // of the answer to the last attempt; 0: none
	Problem     string    `json:"error"`        // of the last attempt; empty if it succeeded
	Missed      int64     `json:"missed"`       // events that the database no longer kept when it was their turn
}

// Outcome is the result of an attempt.
type Outcome int

// The outcomes.
const (
	Accepted    Outcome = iota
	Refused             // the receiver answered that it does not take the event
	Unavailable         // the receiver did not answer, or answered that it is busy
	Ended               // the receiver wants no more events
)

// OutcomeOf returns the outcome of an answer with a status; 0 means none.
func OutcomeOf(status int) Outcome {
	switch status {
	case 410: // Gone
		return Ended
	case 0, 408, 425, 429, 502, 503, 504: // too late, too early, too many, or a server that is not there
		return Unavailable
	}
	if status >= 200 && status < 300 {
		return Accepted
	}
	return Refused
}

// When a delivery is tried again, and when it becomes a dead letter.
const (
	MaxAttempts = 12              // with an answer that refuses the event, about 15 minutes
	MaxAge      = 24 * time.Hour  // from the first failed attempt, if the receiver is unavailable
	maxPause    = 5 * time.Minute // between attempts
	maxAsked    = time.Hour       // that a receiver can ask to wait by Retry-After
)

// Pause returns how long to wait after failed attempts: about a second after the first one, twice
// as long after each further one, at most five minutes. Chance, from 0 to 1, spreads the attempts
// of several webhooks. The receiver can ask for more, at most an hour.
func Pause(attempts int64, chance float64, asked time.Duration) time.Duration {
	longest := min(maxPause, time.Second<<min(max(attempts-1, 0), 20))
	return max(time.Duration((0.5+chance/2)*float64(longest)), min(asked, maxAsked))
}

// GivesUp reports whether an event becomes a dead letter after an attempt with this outcome. A
// replayed dead letter has one attempt that the receiver refuses.
func GivesUp(o Outcome, attempts int64, firstFailed, now time.Time, replayed bool) bool {
	switch o {
	case Refused:
		return replayed || attempts >= MaxAttempts
	case Unavailable:
		return now.Sub(firstFailed) >= MaxAge
	}
	return false
}
