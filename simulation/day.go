package simulation

import (
	"context"
	"crypto/sha256"

	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
	"sofipo/core/civil"
)

// agenda has the planned actions of each day.
type agenda [][]func()

// on plans an action for a day of the simulation, from 1. Actions after the last day are
// dropped.
func (a agenda) on(day int, do func()) {
	if day <= len(a) {
		a[day-1] = append(a[day-1], do)
	}
}

// in plans an action on the first business day that is a number of days from today, at least 1.
func (s *institution) in(days int, do func()) {
	days = max(1, days)
	for !civil.Mexico().IsBusinessDay(s.today.AddDays(days)) {
		days++
	}
	s.on(s.day+days, do)
}

// planArrivals creates the borrowers and plans their registration: 60 % in the first
// eighth of the days, the others in the first three quarters.
func (s *institution) planArrivals() {
	people := newCensus(s.branches)
	for n := range s.Clients {
		b := &borrower{rng: newRand(s.Seed, uint64(n)+1)}
		b.person = people.person(b.rng, int(s.From.Year))
		b.character = weighted(b.rng, characters, func(c *character) int { return c.share })
		last := max(1, 3*s.Days/4)
		if happens(b.rng, 60) {
			last = max(1, s.Days/8)
		}
		s.borrowers = append(s.borrowers, b)
		s.in(between(b.rng, 1, last), func() { s.registerClient(b) })
	}
}

// playDay simulates one day and audits it.
func (s *institution) playDay(ctx context.Context) error {
	s.day++
	s.today = s.today.AddDays(1)
	s.clock.open(s.today)
	s.audit.open()
	if s.faults != nil {
		if err := s.beginDay(); err != nil {
			return err
		}
	}
	if s.day == 1 {
		s.found()
		if err := s.flush(ctx); err != nil {
			return err
		}
		s.recordInstitution()
		s.openPlaces()
	}
	s.raiseCapital()
	if err := s.flush(ctx); err != nil {
		return err
	}
	s.openTills()
	s.assignCollectors(collectAfter)
	if err := s.flush(ctx); err != nil {
		return err
	}
	s.collect()
	s.runOffice()
	for _, do := range s.agenda[s.day-1] {
		do()
	}
	s.agenda[s.day-1] = nil
	if err := s.flush(ctx); err != nil {
		return err
	}
	if s.day == s.Days {
		s.assignCollectors(0)
		if err := s.flush(ctx); err != nil {
			return err
		}
		s.leaveWork()
	}
	if err := s.importTransfers(ctx); err != nil {
		return err
	}
	if err := s.closeTills(ctx); err != nil {
		return err
	}
	if s.twin != nil {
		return s.endTwinDay()
	}
	if err := s.closeDay(ctx); err != nil {
		return err
	}
	s.audit.did(operator, beginClose, accounting.CloseDays, 1)
	s.audit.did(operator, "close_day", accounting.CloseDays, 1)
	for _, part := range closeParts {
		s.audit.permit(part, accounting.CloseDays)
	}
	if err := s.auditDay(ctx); err != nil {
		return err
	}
	if s.faults != nil {
		if err := s.endDay(ctx); err != nil {
			return err
		}
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

// closeDay closes the day. If faults interrupt it, it is asked for again with the same key.
func (s *institution) closeDay(ctx context.Context) (err error) {
	by := as(operator)
	if s.faults == nil {
		if _, err = dayend.New(s.bank, dayend.Options{}).CloseDay(ctx, by, s.today, nil); err != nil {
			return s.breach(closable, "%s", err)
		}
		return nil
	}
	by.Key, by.Request = "cierre-"+s.today.String(), sha256.Sum256([]byte(s.today.String()))
	err, failed := s.persist(ctx, func() error {
		_, err := dayend.New(s.bank, dayend.Options{Limits: lending.SliceLimits{Loans: 20}}).CloseDay(ctx, by, s.today, nil)
		return err
	})
	if failed == nil && err != nil {
		return s.breach(closable, "%s", err)
	}
	return failed
}
