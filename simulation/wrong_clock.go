package simulation

import "time"

// computer has the clocks of the simulated computer.
type computer struct {
	base  time.Time     // the true time; the uptime counts from its zero
	later time.Duration // time that passed besides that of the simulation's clock
	shift time.Duration // the clock is wrong by so much since it was set and accepted
	skew  time.Duration // and by so much more now

	settling bool // the clock was accepted, but the bank did not write since
}

// tolerated is the difference that the bank accepts.
const tolerated = 5 * time.Second

// pass lets the time pass until a time of the simulation's clock.
func (w *computer) pass(until time.Time) { w.base = until.Add(w.later) }

// wall is the clock of the computer.
func (w *computer) wall() time.Time { return w.base.Add(w.shift + w.skew) }

// uptime is the time since a fixed moment.
func (w *computer) uptime() time.Duration { return w.base.Sub(time.Unix(0, 0)) }

// wrong reports whether the clock is so wrong that the bank must not write.
func (w *computer) wrong() bool { return w.skew.Abs() > tolerated }

// accept lets the clock run steadily for so long that the bank accepts it.
func (w *computer) accept() {
	const steady = 61 * time.Second
	w.base, w.later = w.base.Add(steady), w.later+steady
	w.shift, w.skew, w.settling = w.shift+w.skew, 0, true
}
