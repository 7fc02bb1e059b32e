package eventlog

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// RefusedError means that the server refuses the user and password. Until RetryIn has passed,
// the log answers with this error and does not ask the server: CouchDB locks an account out
// for five minutes after five wrong passwords, and then also refuses the correct one.
type RefusedError struct {
	first, last *statusError
	retry       time.Time
}

// Error has the first reason, because later answers may only say that the account is locked.
func (e *RefusedError) Error() string {
	if e.last.Reason == e.first.Reason {
		return e.first.Error()
	}
	return fmt.Sprintf("%v; later: %d %s: %s", e.first, e.last.status, e.last.Kind, e.last.Reason)
}

// Unwrap returns the first answer.
func (e *RefusedError) Unwrap() error { return e.first }

// Final reports whether waiting does not help. A locked account becomes free again.
func (e *RefusedError) Final() bool { return e.first.status == http.StatusUnauthorized }

// RetryIn returns the time until the server may be asked again.
func (e *RefusedError) RetryIn() time.Duration { return time.Until(e.retry) }

// refusals keeps the answers of a server that refuses the password.
type refusals struct {
	pause   time.Duration
	mu      sync.Mutex
	current *RefusedError // since the last accepted request; nil if there is none
}

// pending returns the current refusal until its pause has passed.
func (r *refusals) pending() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == nil || r.current.RetryIn() <= 0 {
		return nil
	}
	return r.current
}

// note returns the error for an answer of the server.
func (r *refusals) note(answer *statusError) error {
	locked := answer.status == http.StatusForbidden && strings.Contains(answer.Reason, "locked")
	if answer.status != http.StatusUnauthorized && !locked {
		return answer
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	refused := &RefusedError{first: answer, last: answer, retry: time.Now().Add(r.pause)}
	if r.current != nil {
		refused.first = r.current.first
	}
	r.current = refused
	return refused
}

// accepted forgets the refusal.
func (r *refusals) accepted() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = nil
}
