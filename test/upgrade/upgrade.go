// Package upgrade tests the upgrade from the previous version. Databases written by the old
// program (testdata) are migrated and compared with the old program's answers. Command
// fixture creates the test data.
package upgrade

import (
	"net/http"
	"time"
)

// Password is the password of the fixture's users other than admin.
const Password = "the fixture's"

// Answers are the old program's answers while it wrote a database.
type Answers struct {
	At     time.Time // time of the last write
	Writes []Exchange
	Reads  []Exchange // after all writes
}

// Exchange is a request and its answer.
type Exchange struct {
	User, Method, Path, Body string
	Key                      string // idempotency key
	Status                   int
	Answer                   string
}

// Sign adds the token and the idempotency key to the request.
func (e Exchange) Sign(request *http.Request, token string) {
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if e.Key != "" {
		request.Header.Set("Idempotency-Key", e.Key)
	}
}
