package simulation

import (
	"context"

	"sofipo/bank"
	"sofipo/bank/dayend"
)

// agenda is what people have set out to do, by day.
type agenda [][]func()

// on notes what is to be done on a day of the play, from 1. What lies after its
// end is never done.
func (a agenda) on(day int, do func()) {
	if day <= len(a) {
		a[day-1] = append(a[day-1], do)
	}
}

// in notes what is to be done some days from today, at least one.
func (s *institution) in(days int, do func()) { s.on(s.day+max(1, days), do) }

// expect notes who comes, and when: most in the first eighth of the play,
// the others until three quarters of it are over.
func (s *institution) planArrivals() {
	people := newCensus()
	for n := range s.Clients {
		b := &borrower{rng: newRand(s.Seed, uint64(n)+1)}
		b.person = people.person(b.rng, int(s.From.Year))
		b.character = weighted(b.rng, characters, func(c *character) int { return c.share })
		last := max(1, 3*s.Days/4)
		if happens(b.rng, 60) {
			last = max(1, s.Days/8)
		}
		s.borrowers = append(s.borrowers, b)
		s.on(between(b.rng, 1, last), func() { s.registerClient(b) })
	}
}

// closeActor closes the days.
const closeActor = "cierre"

// next plays a day and looks at what it left.
func (s *institution) playDay(ctx context.Context) error {
	s.day++
	s.today = s.today.AddDays(1)
	s.clock.open(s.today)
	s.audit.open()
	s.runOffice()
	for _, do := range s.agenda[s.day-1] {
		do()
	}
	s.agenda[s.day-1] = nil
	if err := s.flush(ctx); err != nil {
		return err
	}
	if _, err := dayend.New(s.bank, dayend.Options{}).CloseDay(ctx, bank.By{System: true, Actor: closeActor}, s.today, nil); err != nil {
		return s.breach(closable, "%s", err)
	}
	if err := s.auditDay(ctx); err != nil {
		return err
	}
	if s.day%checkEvery == 0 || s.day == s.Days {
		if err := s.auditAll(ctx); err != nil {
			return err
		}
	}
	if s.today.IsMonthEnd() || s.day == s.Days {
		s.printMonth()
	}
	return nil
}
