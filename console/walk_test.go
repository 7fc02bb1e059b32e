package console_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	staffing "sofipo/bank/staff"
	"sofipo/console"
	"sofipo/core/access"
	"sofipo/core/nouns"
	"sofipo/infra/auth"
	"sofipo/test/ground"
	"sofipo/test/office"
)

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// TestEveryPageAsksForItsPermission: each page and form refuses who is not signed in and each role
// without its permission, and not the role admin.
func TestEveryPageAsksForItsPermission(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	hash, err := auth.HashPassword(password)
	must(t, err)
	all := console.Needs()
	if len(all) < 100 {
		t.Errorf("got %d pages and forms, want 100 or more", len(all))
	}
	visit := func(pattern string) (status int, body string) {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.ReplaceAll(path, "{$}", "")
		r, err := http.NewRequestWithContext(t.Context(), method, w.url+wildcard.ReplaceAllString(path, "1"), nil)
		must(t, err)
		answer, err := w.Do(r)
		must(t, err)
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		must(t, err)
		return answer.StatusCode, string(text)
	}
	for pattern := range all {
		if status, body := visit(pattern); status != 401 || !strings.Contains(body, "Iniciar sesión") {
			t.Errorf("%s without a session: got %d, want 401 and the page to sign in", pattern, status)
		}
	}
	for _, role := range access.Roles() {
		name := "rol." + strings.ReplaceAll(string(role), "_", ".")
		office.Must(t, w.bank, staffing.AddUser{Username: name, Password: hash, Role: string(role), FullName: "Persona"})
		w.forget()
		w.signIn(name)
		for pattern, need := range all {
			if nouns.May(role, need) && role != access.Admin || need == access.Own {
				continue // the pages of each role have tests of their own
			}
			status, body := visit(pattern)
			if refused := status == 403 && strings.Contains(body, "Su perfil no le permite"); refused == nouns.May(role, need) || status == 401 || status >= 500 && status != 503 {
				t.Errorf("%s as %s: got %d, want a refusal only without the permission %s (the role has it: %t), and never 401 or 500\n%.300s", pattern, role, status, need, nouns.May(role, need), body)
			}
		}
	}
}
