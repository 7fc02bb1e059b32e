package eventlog

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkFirstRead measures the first and the second answer to each kind of query after
// many events, without and with indexes that are kept warm.
func BenchmarkFirstRead(b *testing.B) {
	const n = 20_000
	queries := map[string]Query{
		"sequence": {}, "subject": {Subject: number(1)}, "type": {EventType: "loan_created"}, "time": {From: epoch},
	}
	events := published(b, n)
	for name, pause := range map[string]time.Duration{"cold": time.Hour, "warm": 5 * time.Second} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				log := couchWith(b, couchURL, CouchOptions{WriteTimeout: time.Minute, ReadTimeout: 10 * time.Minute, WarmPause: pause})
				begin := time.Now()
				for some := range slices.Chunk(events, 200) {
					if _, err := log.Put(b.Context(), some); err != nil {
						b.Fatal(err)
					}
				}
				b.Logf("%s: storing %d events took %s", name, n, time.Since(begin))
				if name == "warm" {
					if err := log.touch(b.Context()); err != nil {
						b.Fatal(err)
					}
					b.Logf("%s: the indexes are complete after %s", name, time.Since(begin))
				}
				for by, q := range queries {
					q.Limit = 100
					for _, which := range []string{"first", "second"} {
						b.Logf("%s: by %s, %s: %s", name, by, which, took(b, log, q))
					}
				}
			}
		})
	}
}

// took returns the time of an answer.
func took(b *testing.B, log Log, q Query) time.Duration {
	b.Helper()
	begin := time.Now()
	if _, _, err := log.Find(b.Context(), q); err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}
