// Package contract replays the contract of the Python seed, recorded from the
// running system in testdata/seed.json, against this system. What is answered
// otherwise on purpose stands in one table, Differences, and nowhere else:
// docs/seed-differences.md shows the same rows.
package contract

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Exchange is a request and what the seed answered.
type Exchange struct {
	Name          string            `json:"name"`
	Deduced       bool              `json:"deduced"` // made between two recordings; request and answer follow from what was recorded after
	Method        string            `json:"method"`
	Path          string            `json:"path"`
	Headers       map[string]string `json:"headers"` // tokens by their kind: {valid}
	Body          string            `json:"body"`
	Status        int               `json:"status"`
	AnswerHeaders map[string]string `json:"answer_headers"`
	Answer        string            `json:"answer"` // empty: not compared
}

//go:embed testdata/seed.json
var recording []byte

// Recorded gives the exchanges in their order.
func Recorded(t *testing.T) []Exchange {
	t.Helper()
	var all []Exchange
	if err := json.Unmarshal(recording, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Target is a running system whose data is new: no clients, and a user admin
// with the password string, as the seed's.
type Target struct {
	URL    string // http://127.0.0.1:8000
	Secret string // that signs tokens
}

// tokens makes the tokens of the recording by their kind.
func (target Target) tokens() *strings.Replacer {
	soon, past := time.Now().Add(time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
	claims := func(subject string, expires int64) map[string]any {
		return map[string]any{"sub": subject, "exp": expires}
	}
	return strings.NewReplacer(
		"{valid}", sign(target.Secret, "HS256", sha256.New, claims("admin", soon)),
		"{expired}", sign(target.Secret, "HS256", sha256.New, claims("admin", past)),
		"{wrong signature}", sign(target.Secret+"x", "HS256", sha256.New, claims("admin", soon)),
		"{HS512}", sign(target.Secret, "HS512", sha512.New, claims("admin", soon)),
		"{no subject}", sign(target.Secret, "HS256", sha256.New, map[string]any{"exp": soon}),
		"{unknown user, no expiry}", sign(target.Secret, "HS256", sha256.New, map[string]any{"sub": "bob"}),
	)
}

// sign makes a token by hand, so that the system's own code is not what it is tested with.
func sign(secret, algorithm string, digest func() hash.Hash, claims map[string]any) string {
	part := func(value any) string {
		text, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(map[string]string{"alg": algorithm, "typ": "JWT"}) + "." + part(claims)
	mac := hmac.New(digest, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

var browser = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send makes the request of an exchange, with our ids in place of the recorded ones.
func (r *replay) send(e Exchange) (answer, error) {
	request, err := http.NewRequest(e.Method, r.target.URL+r.ids.ours(e.Path), bytes.NewReader([]byte(r.ids.ours(e.Body))))
	if err != nil {
		return answer{}, err
	}
	for name, value := range e.Headers {
		request.Header.Set(name, r.tokens.Replace(value))
	}
	response, err := browser.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("body of the answer: %w", err)
	}
	return answer{response.StatusCode, response.Header, body}, nil
}
