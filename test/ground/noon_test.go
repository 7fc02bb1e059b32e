package ground

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestNoon(t *testing.T) {
	for hour := range 24 {
		now := time.Date(2026, 12, 31, hour, 59, 59, 0, time.UTC)
		zone := noon(now)
		if got := now.In(zone).Format(time.TimeOnly); got != "12:59:59" {
			t.Errorf("%s: got %s there, want 12:59:59", now, got)
		}
		named, err := time.LoadLocation(zone.String())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := now.In(named).Format(time.DateTime), now.In(zone).Format(time.DateTime); got != want {
			t.Errorf("%s in %s: got %s, want %s", now, zone, got, want)
		}
	}
}
