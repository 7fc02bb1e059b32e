package dayend_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"sofipo/bank/dayend"
	"sofipo/core/civil"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// BenchmarkPromises closes days of 10,000 loans. On some of them promises fall due: the
// difference is the cost of deciding them. The result is docs/benchmarks.md.
func BenchmarkPromises(b *testing.B) {
	const loans = 10_000
	for _, name := range []string{ground.SQLite, ground.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := ground.Open(b, ground.Config(b, name))
			now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
			bank := office.OpenBank(b, d, office.Clock(func() time.Time { return now }))
			holder := office.Register(b, bank, 1).ID
			var group sync.WaitGroup
			for range 50 {
				group.Go(func() {
					for range loans / 50 {
						office.Grant(b, bank, holder, 10_000_00)
					}
				})
			}
			group.Wait()
			closer := dayend.New(bank, dayend.Options{})
			closed := func() time.Duration {
				began := time.Now()
				if _, err := closer.CloseDay(b.Context(), office.By, civil.DateOf(now), nil); err != nil {
					b.Fatalf("closing %s: got %v, want no error", now, err)
				}
				now = now.AddDate(0, 0, 1)
				return time.Since(began)
			}
			closed()
			for _, promises := range []int{0, 100, 1_000, 10_000} {
				b.Run(fmt.Sprint(promises), func(b *testing.B) {
					for b.Loop() {
						b.StopTimer()
						day := civil.DateOf(now)
						office.Run(b, d, fmt.Sprintf(`INSERT INTO promises (id, loan_id, client_id, amount, due, status, received, collector, made_on, made_by, made_at, reason, after_transaction)
							SELECT id, id, client_id, 100, '%[1]s', 'OPEN', 0, 'carla', '%[1]s', 'carla', granted_at, '', 0 FROM loans LIMIT %[2]d`, day, promises))
						b.StartTimer()
						closed()
						b.StopTimer()
						office.Run(b, d, "DELETE FROM promises")
						b.StartTimer()
					}
				})
			}
		})
	}
}
