package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/infra/db"
	"sofipo/view"
)

// reads are the reads of two servers: the one that writes, with a cache, and another one. Both
// read from a replica that may be late.
type reads struct {
	near, far *view.View
	late      bool
	sent      time.Time      // when the last batch was sent, in real time
	changed   *trackedLoan   // the last loan that the current batch changed
	behind    []*trackedLoan // loans that changed since the replica is late
}

// shown is what a read shows of a loan.
type shown struct {
	status  servicing.Status
	balance money.Amount
}

// shownCodec is the form in which the cache of the simulation keeps a loan.
var shownCodec = &view.Codec[loan.Loan]{
	Append: func(b []byte, l loan.Loan) []byte { return fmt.Appendf(b, "%s %d", l.Status, int64(l.Balance)) },
	Parse: func(b []byte) (l loan.Loan, err error) {
		var balance int64
		_, err = fmt.Sscan(string(b), &l.Status, &balance)
		l.Balance = money.Amount(balance)
		return l, err
	},
}

// changes notes that a command changed a loan.
func (s *institution) changes(c *trackedLoan) {
	if f := s.faults; f != nil {
		f.changed = c
	}
}

// slowReplica stops the replica at times, and lets it catch up.
func (s *institution) slowReplica(ctx context.Context) error {
	f := s.faults
	if f.changed = nil; s.twin != nil {
		return nil
	}
	switch {
	case f.late && f.chance(150):
		s.DB.CatchUp()
		f.late, f.behind = false, nil
	case !f.late && f.chance(100):
		f.late = true
		return s.DB.FallBehind(ctx)
	}
	return nil
}

// readBack reads a loan that the last batch changed: with the position of the batch, and without.
// Somebody who saw the old state decides on it.
func (s *institution) readBack(ctx context.Context, token uint64) error {
	f := s.faults
	c := f.changed
	if c == nil || f.calm || s.twin != nil {
		return nil
	}
	want := shown{c.status(), c.account.Outstanding}
	// A server knows its own writes for ten seconds of real time.
	if got, err := show(ctx, f.near, c, 0); (err != nil || got != want) && time.Since(f.sent) < 5*time.Second {
		return s.breach(recent, "the server that wrote shows loan %s as %v, want %v: %v", c.id, got, want, err)
	}
	for who, v := range map[string]*view.View{"the server that wrote": f.near, "another server": f.far} {
		if got, err := show(ctx, v, c, token); err != nil || got != want {
			return s.breach(recent, "%s shows loan %s as %v to who has the position of its change, want %v: %v", who, c.id, got, want, err)
		}
	}
	if !f.late {
		return nil
	}
	f.happened(SlowReads)
	f.behind = append(f.behind, c)
	return s.decideOnOld(ctx, f.behind[f.rng.IntN(len(f.behind))])
}

// show reads a loan.
func show(ctx context.Context, v *view.View, c *trackedLoan, need uint64) (shown, error) {
	answer, err := v.Loan(ctx, view.By{System: true, Need: need}, c.id, shownCodec)
	if err != nil {
		return shown{}, err
	}
	l, err := answer.Value()
	return shown{l.Status, l.Balance}, err
}

// decideOnOld makes a decision on what another server shows of a loan. If that is old, the bank
// must refuse it.
func (s *institution) decideOnOld(ctx context.Context, c *trackedLoan) error {
	f := s.faults
	old, err := show(ctx, f.far, c, 0)
	if fault.Is(err, loan.NotFound) {
		return nil // it did not exist yet
	}
	if err != nil {
		return err
	}
	now := shown{}
	batch := &db.Batch{}
	batch.Query("SELECT status, balance FROM loans WHERE id = $1", func(r db.Scanner) error { return r.Scan(&now.status, &now.balance) }, c.id)
	if err := s.DB.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	late := shown{}
	batch = &db.Batch{}
	batch.Query("SELECT status, balance FROM loans WHERE id = $1", func(r db.Scanner) error { return r.Scan(&late.status, &late.balance) }, c.id)
	if _, err := s.DB.Read(ctx, 0, batch); err != nil {
		return err
	}
	if old != now && old != late {
		return s.breach(possible, "loan %s is shown as %v, want %v or, by the replica, %v", c.id, old, now, late)
	}
	if old.status == now.status {
		return nil
	}
	means := settlement.Means{Method: settlement.Transfer, Reference: "VIEJO"}
	f.happened(OldDecisions)
	by := as(c.owner.staff("gerente"))
	by.Key = fmt.Sprintf("vieja-%d", f.count[OldDecisions])
	by.CorrelationID = by.Key
	switch old.status {
	case servicing.Applied:
		_, err = bank.Do(ctx, s.bank, by, lending.ApproveLoan{LoanID: c.id})
	case servicing.Approved:
		by.Actor = c.owner.staff("caja")
		_, err = bank.Do(ctx, s.bank, by, lending.DisburseLoan{LoanID: c.id, Means: means})
	default:
		by.Actor = c.owner.staff("caja")
		_, err = bank.Do(ctx, s.bank, by, lending.ReceivePayment{LoanID: c.id, Operation: servicing.Operation{Amount: max(old.balance, 1), Means: means}})
	}
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code == fault.Unavailable {
		return s.breach(uninformed, "loan %s is %s, but was shown as %s: the decision on it ended with %v", c.id, now.status, old.status, err)
	}
	return nil
}
