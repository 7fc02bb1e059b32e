package cache

import (
	"testing"
	"time"
)

// TestTakeTokens: two processes share a bucket, which gains tokens with time. Without Redis,
// taking fails at once.
func TestTakeTokens(t *testing.T) {
	a, b, bucket := connected(t), connected(t), unique("bucket")
	take := func(from *Redis, want int) int {
		t.Helper()
		got, err := from.TakeTokens(t.Context(), bucket, 50, 100, want)
		must(t, err)
		return got
	}
	began := time.Now()
	sum := take(a, 60) + take(b, 60)
	if most := 100 + int(time.Since(began).Seconds()*50) + 1; sum < 100 || sum > most {
		t.Errorf("got %d tokens of two processes, want 100 to %d", sum, most)
	}
	eventually(t, "the bucket has gained tokens", func() bool { return take(b, 5) > 0 })
	quick(t, "without Redis", func() {
		if _, err := (&Redis{}).TakeTokens(t.Context(), bucket, 50, 100, 1); err == nil {
			t.Error("without Redis: got no error, want one")
		}
	})
}
