package api

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/mx"
	"sofipo/infra/cache"
	"sofipo/test/ground"
	"sofipo/view"
)

// BenchmarkRead is a read of a client and of a statement with 24 payments, from the
// request to the answer: from the cache of the process, and from SQLite.
func BenchmarkRead(b *testing.B) {
	d := ground.Open(b, ground.Config(b, ground.SQLite))
	engine := bank.Open(bank.Options{DB: d, Rules: bank.Rules{RFC: mx.TierStructural}})
	b.Cleanup(engine.Close)
	who, err := bank.Do(b.Context(), engine, bank.By{System: true, Actor: "ana"}, &clients.RegisterClient{FullName: "Ana", Email: "a@example.com", RFC: "PEPJ800101001"})
	if err != nil {
		b.Fatal(err)
	}
	lent, err := bank.Do(b.Context(), engine, bank.By{System: true, Actor: "ana"}, lending.GrantLoan{ClientID: who.Answer.ID, Terms: loan.Terms{Amount: 100_000, Rate: 150_000, TermMonths: 24}})
	for range 24 {
		if err == nil {
			_, err = bank.Do(b.Context(), engine, bank.By{System: true, Actor: "ana"}, lending.ReceivePayment{LoanID: lent.Answer.ID, Operation: servicing.Operation{Amount: 1}})
		}
	}
	if err != nil {
		b.Fatal(err)
	}
	for _, from := range []string{"cache", "SQLite"} {
		v := view.Open(d, cache.NewLocal(1000))
		if from == "SQLite" {
			v = view.Open(d, nil)
		}
		door := New(Options{Bank: engine, View: v, PublicReads: Full})
		for what, path := range map[string]string{"client": "/api/v1/clients/PEPJ800101001", "statement": fmt.Sprintf("/api/v1/loans/clients/%s/account-statement", who.Answer.ID)} {
			b.Run(what+" from "+from, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					answer := httptest.NewRecorder()
					if door.ServeHTTP(answer, httptest.NewRequest("GET", path, nil)); answer.Code != 200 {
						b.Fatal(answer.Code, answer.Body)
					}
				}
			})
		}
	}
}
