package api

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"sofipo/infra/cache"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// BenchmarkRead is a read of a client and of a statement with 24 payments, from the
// request to the answer: from the cache of the process, and from SQLite.
func BenchmarkRead(b *testing.B) {
	d := ground.Open(b, ground.Config(b, ground.SQLite))
	engine := office.OpenBank(b, d)
	holder := office.Register(b, engine, 1)
	lent := office.Grant(b, engine, holder.ID, 100_000)
	for range 24 {
		office.Pay(b, engine, lent.ID, 1)
	}
	for _, from := range []string{"cache", "SQLite"} {
		v := view.Open(d, cache.NewLocal(1000))
		if from == "SQLite" {
			v = view.Open(d, nil)
		}
		door := New(Options{Bank: engine, View: v, PublicReads: Full})
		for what, path := range map[string]string{"client": "/api/v1/clients/" + holder.RFC, "statement": fmt.Sprintf("/api/v1/loans/clients/%s/account-statement", holder.ID)} {
			b.Run(what+" from "+from, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					answer := httptest.NewRecorder()
					if door.ServeHTTP(answer, httptest.NewRequest("GET", path, nil)); answer.Code != 200 {
						b.Fatalf("got %v, %v, want 200", answer.Code, answer.Body)
					}
				}
			})
		}
	}
}
