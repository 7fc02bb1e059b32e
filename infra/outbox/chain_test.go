package outbox

import (
	"encoding/json"
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
)

// paymentBody is the outbox row of a payment.
func paymentBody(tb testing.TB) string {
	tb.Helper()
	at := time.Date(2026, 11, 23, 9, 22, 45, 756_296_000, time.UTC)
	next := byte(0)
	made := func() id.ID { next++; return id.New(at, [10]byte{next}) }
	lent := loan.Loan{ID: made(), ClientID: made(), Amount: 5_000_000, Balance: 4_750_000, Status: loan.Active}
	paid := servicing.Movement{Amount: 250_000, ID: made(), At: at, Kind: servicing.Ordinary, ValueDate: civil.DateOf(at), LoanID: lent.ID, ClientID: lent.ClientID}
	e, err := event.Wrap(made(), event.OfPayment(paid, lent), event.Origin{
		Actor: "admin", CorrelationID: made().String(), BusinessDate: civil.DateOf(at), At: at})
	if err != nil {
		tb.Fatal(err)
	}
	body, err := json.Marshal(e)
	if err != nil {
		tb.Fatal(err)
	}
	return string(body)
}

type oneRow struct{ body string }

// Scan gives the row's position, body and stale keys.
func (r oneRow) Scan(dest ...any) error {
	*dest[0].(*int64), *dest[1].(*string), *dest[2].(*string), *dest[3].(*string) = 1, r.body, "loan::x", ""
	return nil
}

// BenchmarkChain is the relay's own work for an event between its two trips to
// the database: read the row, tie it to the chain, write the body again.
func BenchmarkChain(b *testing.B) {
	found := oneRow{paymentBody(b)}
	for b.Loop() {
		taken, err := scanRow(found)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := chain(&db.Batch{}, []row{taken}, event.Link{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/event")
}

// BenchmarkDigest is the part of BenchmarkChain that the hash takes.
func BenchmarkDigest(b *testing.B) {
	var e event.Envelope
	if err := json.Unmarshal([]byte(paymentBody(b)), &e); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Digest(); err != nil {
			b.Fatal(err)
		}
	}
}
