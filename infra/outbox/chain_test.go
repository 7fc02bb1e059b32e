package outbox

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
	"sofipo/test/ground"
)

// sealedPayment is the outbox row of a payment.
func sealedPayment() event.Sealed {
	at := time.Date(2026, 11, 23, 9, 22, 45, 756_296_000, time.UTC)
	next := byte(0)
	made := func() id.ID { next++; return id.New(at, [10]byte{next}) }
	lent := loan.Loan{ID: made(), ClientID: made(), Amount: 5_000_000, Balance: 4_750_000, Status: loan.Active}
	paid := servicing.Transaction{Amount: 250_000, ID: made(), At: at, Kind: servicing.Ordinary, ValueDate: civil.DateOf(at), LoanID: lent.ID, ClientID: lent.ClientID}
	return event.Seal(made(), servicing.PaymentRegisteredEvent(paid, lent), event.Origin{
		Actor: "admin", CorrelationID: made().String(), BusinessDate: civil.DateOf(at), At: at})
}

type oneRow struct{ event.Sealed }

// Scan gives the row's position, body, layout, stale keys and node.
func (r oneRow) Scan(dest ...any) error {
	*dest[0].(*int64), *dest[1].(*string), *dest[2].(*[]byte), *dest[3].(*string), *dest[4].(*string) = 1, r.Body, r.Layout, "loan::x", ""
	return nil
}

// BenchmarkChain is the relay's own work for an event between its two trips to
// the database: take the row, tie it to the chain, make what is published.
func BenchmarkChain(b *testing.B) {
	sealed := sealedPayment()
	before, err := event.Parse([]byte(sealed.Body))
	if err != nil {
		b.Fatal(err)
	}
	for name, s := range map[string]event.Sealed{"sealed": sealed, "of the version before": {Body: string(before.AppendJSON(nil))}} {
		b.Run(name, func(b *testing.B) {
			found, rows := oneRow{s}, make([]row, batchSize)
			b.ReportAllocs()
			for b.Loop() {
				for i := range rows {
					var err error
					if rows[i], err = scanRow(found); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := chain(&db.Batch{}, rows, event.Link{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batchSize), "ns/event")
		})
	}
}

// BenchmarkDigest is the hash of an event that was read, when the chain is verified.
func BenchmarkDigest(b *testing.B) {
	var e event.Envelope
	if err := json.Unmarshal([]byte(sealedPayment().Body), &e); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Digest(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRowsOfTheVersionBefore: rows that the version before wrote lie in the outbox
// when the program is replaced, and a batch that it chained is not published yet.
// They go out as that version would have published them, and new ones after them.
func TestRowsOfTheVersionBefore(t *testing.T) {
	text, err := os.ReadFile("../../core/nouns/testdata/events.json")
	if err != nil {
		t.Fatal(err)
	}
	var before []struct{ Row, Published string }
	if err := json.Unmarshal(text, &before); err != nil {
		t.Fatal(err)
	}
	ground.Each(t, func(t *testing.T, d *db.DB) {
		const chained = 10 // the others still lie in the outbox
		batch := &db.Batch{}
		events := "["
		for i, e := range before[:chained] {
			if i > 0 {
				events += ","
			}
			events += e.Published
		}
		var last event.Envelope
		if err := json.Unmarshal([]byte(before[chained-1].Published), &last); err != nil {
			t.Fatal(err)
		}
		batch.Exec("INSERT INTO relayed (last_sequence, count, events, stale) VALUES ($1, $2, $3, '')", int64(chained), int64(chained), events+"]")
		batch.Exec("UPDATE chain SET sequence = $1, hash = $2 WHERE id = 1", last.Sequence, last.Hash)
		for _, e := range before[chained:] {
			batch.Exec("INSERT INTO outbox (body, stale, node) VALUES ($1, '', '')", e.Row)
		}
		sealed := sealedPayment()
		batch.Exec("INSERT INTO outbox (body, layout, stale, node) VALUES ($1, $2, '', '')", sealed.Body, sealed.Layout)
		commit(t, d, batch)
		j := newJournal(t)
		stop := start(t, newRelay(d, j))
		settled(t, d)
		stop()
		passed := j.all()
		if len(passed) != len(before)+1 {
			t.Fatalf("got %d events, want %d", len(passed), len(before)+1)
		}
		for i, want := range before {
			if got := string(passed[i].Body); got != want.Published {
				t.Errorf("got  %s\nwant %s", got, want.Published)
			}
		}
		complete(t, d, j, len(before)+1)
	})
}

// commit commits a batch.
func commit(t *testing.T, d *db.DB, batch *db.Batch) {
	t.Helper()
	session := d.Session()
	defer session.Close()
	err := session.Begin(t.Context(), &db.Batch{})
	if err == nil {
		_, err = session.Commit(t.Context(), batch)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestABatchIsPublishedAgainAsItIs: the batch that is read back from the database
// is the one that was chained.
func TestABatchIsPublishedAgainAsItIs(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		s := openShop(t, d, func() {})
		s.pay(t, 2)
		j := newJournal(t)
		j.failures = 1
		r := newRelay(d, j)
		defer r.session.Close()
		if _, err := r.round(t.Context()); err == nil {
			t.Fatal("a publisher that fails: got no error, want an error")
		}
		if _, err := r.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		passed := j.all()
		first := len(passed) - s.done
		for i, again := range passed[first:][:first] {
			if !again.Trusted || !reflect.DeepEqual(again, passed[i]) {
				t.Errorf("got %+v again, want %+v", again, passed[i])
			}
		}
		if first == 0 {
			t.Error("got no event published twice, want some")
		}
	})
}
