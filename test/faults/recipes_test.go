package faults

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"sofipo/test/program"
)

var recipe = regexp.MustCompile("(?s)```(bash|python)\n(.*?)```")

// TestRecipes runs the blocks of docs/recipes.md, those of a language as one script. The first
// answer to each idempotency key is lost: the payment is made, and the client gets 503.
func TestRecipes(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(program.Root(), "docs", "recipes.md"))
	must(t, err)
	scripts := map[string]string{}
	for _, m := range recipe.FindAllStringSubmatch(string(page), -1) {
		scripts[m[1]] += m[2]
	}
	w := embedded(t)
	server := w.serve(t)
	target, err := url.Parse(server.URL)
	must(t, err)
	var lost sync.Map
	through := httputil.NewSingleHostReverseProxy(target)
	through.ModifyResponse = func(r *http.Response) error {
		if key := r.Request.Header.Get("Idempotency-Key"); key != "" {
			if _, known := lost.LoadOrStore(key, true); !known {
				r.StatusCode, r.Status = http.StatusServiceUnavailable, ""
				r.Header.Set("Retry-After", "1")
			}
		}
		return nil
	}
	proxy := httptest.NewServer(through)
	defer proxy.Close()
	for language, wanted := range map[string][]string{
		"bash": {
			`client [0-9a-f-]{36}`, `loan [0-9a-f-]{36}`, `\{"amount":500.00,.*"status":"APPLIED".*`, `(?i)Idempotent-Replayed: true`,
			`page \[\{.*"amount":200.00.*`, `page \[\{.*"amount":100.00.*`, `page \[\{.*"amount":500.00.*`, `rows 25`,
		},
		"python": {
			`client [0-9a-f-]{36}`, `refused 400 rfc_taken`, `loan [0-9a-f-]{36} ACTIVE`, `payment [0-9a-f-]{36} the same`,
			`amounts \[100.0, 200.0, 500.0\]`, `rows 24 first due on \d{4}-\d\d-\d\d for \d+\.\d\d`,
		},
	} {
		t.Run(language, func(t *testing.T) {
			script := strings.ReplaceAll(scripts[language], "http://127.0.0.1:8000", proxy.URL)
			folder := t.TempDir()
			if language == "bash" {
				script = "set -eu\ncd " + folder + "\n" + script
			} else {
				script = "python3 - <<'END'\n" + script + "END\n"
			}
			printed := strings.TrimSpace(shell(t, script))
			lines := strings.Split(strings.ReplaceAll(printed, "\r", ""), "\n")
			if len(lines) != len(wanted) {
				t.Fatalf("got %d lines, want %d:\n%s", len(lines), len(wanted), printed)
			}
			for i, line := range lines {
				if !regexp.MustCompile("^" + wanted[i] + "$").MatchString(line) {
					t.Errorf("line %d: got %s, want %s", i+1, line, wanted[i])
				}
			}
		})
	}
	retried := 0
	lost.Range(func(any, any) bool { retried++; return true })
	if retried != 4 {
		t.Errorf("got %d lost answers, want 4: one of curl, three of Python", retried)
	}
}
