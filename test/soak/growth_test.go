package soak

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// sample is the value of a metric at a time.
type sample struct {
	at    time.Duration // since the start
	value float64
}

// growth returns the level of the samples, their median, and the growth from the first to the last sample: the
// median slope of all pairs of samples (Theil and Sen), which single peaks, such as those before
// a garbage collection, do not move.
func growth(samples []sample) (level, grown float64) {
	if len(samples) < 2 {
		return 0, 0
	}
	var values, slopes []float64
	for i, a := range samples {
		values = append(values, a.value)
		for _, b := range samples[i+1:] {
			slopes = append(slopes, (b.value-a.value)/(b.at-a.at).Seconds())
		}
	}
	return median(values), median(slopes) * (samples[len(samples)-1].at - samples[0].at).Seconds()
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// metric is a gauge that must stay flat.
type metric struct {
	name  string
	least float64 // growth that is always tolerated
}

// share is the growth that is tolerated, as a share of the level.
const share = 0.10

// tolerated returns how much a metric may grow.
func (m metric) tolerated(level float64) float64 { return max(m.least, share*level) }

// TestGrowth: the slope is seen in noise, and noise is no slope.
func TestGrowth(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	series := func(slope, noise float64) (all []sample) {
		for i := range 120 {
			all = append(all, sample{time.Duration(i) * 10 * time.Second, 100 + slope*float64(i) + noise*draw.Float64()})
		}
		return all
	}
	for name, c := range map[string]struct {
		slope, noise float64
		grows        bool
	}{"flat": {0, 0, false}, "saw teeth": {0, 80, false}, "a leak": {1, 80, true}, "a slow leak": {0.2, 10, true}, "falling": {-1, 10, false}} {
		level, grown := growth(series(c.slope, c.noise))
		if grows := grown > (metric{least: 5}).tolerated(level); grows != c.grows {
			t.Errorf("%s: got a level of %.1f and a growth of %.1f, want growth: %t", name, level, grown, c.grows)
		}
		if want := c.slope * 119; math.Abs(grown-want) > 0.25*c.noise+1 {
			t.Errorf("%s: got a growth of %.1f, want about %.1f", name, grown, want)
		}
	}
}
