// Package upgrade tests that this program takes over the data of the version before
// it: databases that the old program wrote (testdata) are migrated and compared with
// what the old program said. Command fixture makes the data.
package upgrade

import (
	"net/http"
	"time"
)

// Password is that of the users of the fixture but admin.
const Password = "the fixture's"

// Answers are what the old program answered while it wrote a database.
type Answers struct {
	At     time.Time // of the last write
	Writes []Exchange
	Reads  []Exchange // after all writes
}

// Exchange is a request and its answer.
type Exchange struct {
	User, Method, Path, Body string
	Key                      string // of idempotency
	Status                   int
	Answer                   string
}

// Sign adds who asks, and the key, to the request.
func (e Exchange) Sign(request *http.Request, token string) {
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if e.Key != "" {
		request.Header.Set("Idempotency-Key", e.Key)
	}
}
