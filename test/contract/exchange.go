// Package contract replays the contract of the Python seed, recorded from the running system
// in testdata/seed.json, against this system. All intentional differences are in one table,
// Differences; docs/seed-differences.md is generated from it.
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

// Exchange is a request and the seed's answer.
type Exchange struct {
	Name          string            `json:"name"`
	Deduced       bool              `json:"deduced"` // not recorded; request and answer follow from later recordings
	Method        string            `json:"method"`
	Path          string            `json:"path"`
	Headers       map[string]string `json:"headers"` // a placeholder such as {valid} stands for a token
	Body          string            `json:"body"`
	Status        int               `json:"status"`
	AnswerHeaders map[string]string `json:"answer_headers"`
	Answer        string            `json:"answer"` // not compared if empty
}

//go:embed testdata/seed.json
var recording []byte

// Recorded returns the exchanges in order.
func Recorded(t *testing.T) []Exchange {
	t.Helper()
	var all []Exchange
	if err := json.Unmarshal(recording, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Target is a running system with new data: no clients, and the user admin with the password
// string, as in the seed.
type Target struct {
	URL    string // http://127.0.0.1:8000
	Secret string // signs the tokens
}

// tokens replaces the placeholders of the recording by tokens.
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

// sign creates a token without the system's own code, so that the code is tested
// independently.
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

// answer is a response.
type answer struct {
	status int
	header http.Header
	body   []byte
}

var browser = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send sends the request of an exchange, with this system's ids instead of the recorded ones.
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
		return answer{}, fmt.Errorf("reading the response: %w", err)
	}
	return answer{response.StatusCode, response.Header, body}, nil
}
