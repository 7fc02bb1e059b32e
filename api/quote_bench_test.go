package api

import (
	"net/http/httptest"
	"strings"
	"testing"

	"sofipo/test/ground"
	"sofipo/view"
)

// BenchmarkQuote24 is a quote of 24 periods from the body's bytes to the answer's.
func BenchmarkQuote24(b *testing.B) {
	s := newServer(Options{View: view.Open(ground.Open(b, ground.Config(b, ground.SQLite)), nil)})
	run := quoteOperations[0].serve(s)
	e := &endpoint{operation: &quoteOperations[0], run: run}
	for name, address := range map[string]string{"plain": "/api/v1/loans/quote", "explained": "/api/v1/loans/quote?explain=true"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				request := httptest.NewRequest("POST", address, strings.NewReader(readmeQuote))
				answer := httptest.NewRecorder()
				if err := run(&call{ResponseWriter: answer, request: request, server: s, endpoint: e}); err != nil || answer.Code != 200 {
					b.Fatalf("got %v, %v, want no error and status 200", err, answer.Code)
				}
			}
		})
	}
}

const readmeQuote = `{"amount":50000,"annual_rate":0.15,"periods":24,"day_count":"30/360","disbursement_date":"2026-01-15","iva_rate":0.16}`
