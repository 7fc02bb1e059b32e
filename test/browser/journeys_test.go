package browser

import (
	"encoding/json"
	"testing"

	"sofipo/test/ground"
)

// TestJourneys: users work in a browser, on both databases.
func TestJourneys(t *testing.T) {
	for _, database := range []string{ground.SQLite, ground.Postgres} {
		t.Run(database, func(t *testing.T) {
			h := open(t, database)
			for _, script := range []string{"till", "session", "refused", "plain", "life", "lost"} {
				t.Run(script, func(t *testing.T) { h.journey(t, script) })
			}
		})
	}
}

// journey runs a script with a new loan of its own.
func (h *house) journey(t *testing.T, script string) {
	t.Helper()
	admin := h.login(t, "admin")
	client, _, err := admin.Register(t.Context(), "Cliente de prueba")
	must(t, err)
	loan, err := admin.Grant(t.Context(), client, "24000")
	must(t, err)
	answer, err := admin.Send(t.Context(), "GET", "/api/v1/loans/"+loan, nil)
	must(t, err)
	h.play(t, script, object{"loan": answer.Field("number"), "answers": h.services != nil}, map[string]func() any{
		"payments": func() any {
			var list []json.RawMessage
			answer, err := h.login(t, "admin").Send(t.Context(), "GET", "/api/v1/loans/"+loan+"/payments", nil)
			must(t, err)
			if err := json.Unmarshal(answer.Body, &list); err != nil || answer.Status != 200 {
				t.Errorf("payments: got %d %s, want a list", answer.Status, answer.Body)
			}
			return len(list)
		},
		"stop":  func() any { h.loseDatabase(t); return true },
		"start": func() any { h.findDatabase(t); return true },
	})
}

// loseDatabase stops PostgreSQL; in the embedded default, it kills the server.
func (h *house) loseDatabase(t *testing.T) {
	t.Helper()
	if h.services == nil {
		h.server.Kill()
		return
	}
	must(t, h.services.Primary.Kill())
}

// findDatabase undoes loseDatabase.
func (h *house) findDatabase(t *testing.T) {
	t.Helper()
	if h.services == nil {
		h.serve(t)
		return
	}
	must(t, h.services.Primary.Start())
}
