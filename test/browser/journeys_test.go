package browser

import (
	"encoding/json"
	"testing"

	"sofipo/infra/db"
	"sofipo/test/ground"
)

// TestJourneys: users work in a browser, on both databases.
func TestJourneys(t *testing.T) {
	t.Parallel()
	together := map[string][]string{
		ground.SQLite:   {"imports", "till", "officer", "safety", "session", "plain", "refused", "keyboard"},
		ground.Postgres: {"imports", "till", "officer", "safety", "session", "plain"}, // the others do not depend on the database
	}
	for database, scripts := range together {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			h := open(t, database)
			t.Run("together", func(t *testing.T) {
				for _, script := range scripts {
					t.Run(script, func(t *testing.T) {
						t.Parallel()
						h.journey(t, script)
					})
				}
			})
			for _, script := range []string{"life", "close", "lost"} {
				t.Run(script, func(t *testing.T) { h.journey(t, script) })
			}
		})
	}
}

// journey runs a script with a new loan and a new user of its own.
func (h *house) journey(t *testing.T, script string) {
	t.Helper()
	admin := h.login(t, "admin")
	client, _, err := admin.Register(t.Context(), "Cliente de prueba")
	must(t, err)
	loan, err := admin.Grant(t.Context(), client, "24000")
	must(t, err)
	answer, err := admin.Send(t.Context(), "GET", "/api/v1/loans/"+loan, nil)
	must(t, err)
	_, spanish := phrases(t)
	user, secret := "prueba."+script, "Correcta y larga 1"
	added, err := admin.Send(t.Context(), "POST", "/api/v1/users", object{"username": user, "password": secret, "full_name": "Persona de prueba"})
	must(t, err)
	role, err := admin.Send(t.Context(), "PUT", "/api/v1/users/"+user+"/role", object{"role": "teller"})
	must(t, err)
	if added.Status != 201 || role.Status != 200 {
		t.Fatalf("user: got %d %s, and for the role %d %s, want 201 and 200", added.Status, added.Body, role.Status, role.Body)
	}
	close := h.holdClose(t)
	h.play(t, script, object{"loan": answer.Field("number"), "answers": h.services != nil, "user": user, "secret": secret, "spanish": spanish}, map[string]func() any{
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
		"hold":  close.hold, "proceed": close.proceed, "release": close.release,
	})
}

// heldClose are functions that hold the close of a day before it writes loans, let it proceed
// until it adds up the portfolio, and let it end. In the embedded default, hold returns false: a
// second writer would wait for the close.
type heldClose struct{ hold, proceed, release func() any }

func (h *house) holdClose(t *testing.T) heldClose {
	if h.services == nil {
		return heldClose{hold: func() any { return false }}
	}
	var loans, portfolio *db.Session
	lock := func(d *db.DB, table string) *db.Session {
		batch, s := &db.Batch{}, d.Session()
		batch.Exec("LOCK TABLE " + table + " IN EXCLUSIVE MODE") // others may read it
		must(t, s.Begin(t.Context(), batch))
		return s
	}
	return heldClose{
		hold: func() any {
			d, err := db.Open(db.Config{PrimaryURL: h.services.Primary.URL})
			must(t, err)
			t.Cleanup(d.Close)
			loans, portfolio = lock(d, "loans"), lock(d, "portfolio")
			return true
		},
		proceed: func() any { loans.Rollback(); return true },
		release: func() any { portfolio.Rollback(); return true },
	}
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
