package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	tills "sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestScheduler: two nodes are to close at 01:30. Before that nothing happens; then
// every day that is over is closed once, in order; the next day too; and a node
// that is told to stop does.
func TestScheduler(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		zone, err := time.LoadLocation("America/Mexico_City")
		if err != nil {
			t.Fatal(err)
		}
		var clock atomic.Pointer[time.Time]
		set := func(day, hour, minute int) {
			at := time.Date(2026, 3, day, hour, minute, 0, 0, zone)
			clock.Store(&at)
		}
		now := func() time.Time { return *clock.Load() }
		set(1, 12, 0)
		nodes := 2
		if d.Embedded() { // which has one process
			nodes = 1
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		var first *bank.Bank
		for n := range nodes {
			b := office.OpenBank(t, d, office.Clock(now), func(o *bank.Options) { o.Location = zone })
			if n == 0 {
				first = b
				office.Grant(t, b, office.Register(t, b, 1).ID, 1_000_00)
				set(4, 1, 29)
			}
			s := scheduler{days: dayend.New(b, dayend.Options{}), at: 90 * time.Minute, location: zone, clock: now, log: slog.New(slog.DiscardHandler), look: 5 * time.Millisecond, retry: 5 * time.Millisecond}
			running.Go(func() { s.run(ctx) })
		}
		closed := func() (n int64) {
			batch := &db.Batch{}
			batch.Query("SELECT count(*) FROM audit WHERE action = 'close_day'", func(s db.Scanner) error { return s.Scan(&n) })
			if err := d.ReadPrimary(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			return n
		}
		await := func(want int64) {
			t.Helper()
			for deadline := time.Now().Add(time.Minute); closed() < want && time.Now().Before(deadline); {
				time.Sleep(5 * time.Millisecond)
			}
			time.Sleep(50 * time.Millisecond) // for one too many
			if n := closed(); n != want {
				t.Fatalf("got %d closes at %s, want %d", n, now(), want)
			}
		}
		time.Sleep(50 * time.Millisecond)
		await(0)
		set(4, 1, 30)
		await(3)
		set(5, 0, 30)
		await(3)
		set(5, 13, 0)
		await(4)
		stop()
		running.Wait()
		if _, err := dayend.New(first, dayend.Options{}).CloseDay(t.Context(), commandLine, civil.Date{Year: 2026, Month: 3, Day: 5}, nil); err != nil {
			t.Error(err)
		}
	})
}

// TestSchedulerIsNotSure: if more days are open than a wrong clock should close, none is
// closed, and the log has the command that closes them.
func TestSchedulerIsNotSure(t *testing.T) {
	for open, want := range map[int]int64{7: 7, 8: 0} {
		d := ground.Open(t, ground.Config(t, ground.SQLite))
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		b := office.OpenBank(t, d, office.Clock(func() time.Time { return now }))
		office.Register(t, b, 1)
		office.Grant(t, b, office.Register(t, b, 2).ID, 1_000_00)
		now = now.AddDate(0, 0, open)
		var log bytes.Buffer
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		s := scheduler{days: dayend.New(b, dayend.Options{}), location: time.UTC, clock: func() time.Time { return now }, log: slog.New(slog.NewTextHandler(&log, nil)), look: time.Hour, retry: time.Hour}
		s.run(ctx)
		if n := office.Count(t, d, "SELECT count(*) FROM business_days"); n != want {
			t.Errorf("%d open days: got %d closed, want %d", open, n, want)
		}
		if told := strings.Contains(log.String(), "level=ERROR") && strings.Contains(log.String(), "sofipo close --max-days 8"); told != (want == 0) {
			t.Errorf("%d open days: got the log %s, want an error with the command only if none was closed", open, log.String())
		}
	}
}

// TestSchedulerWaitsForTills: while a till is open, no close begins, and each attempt logs an
// error with the code of the till.
func TestSchedulerWaitsForTills(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := office.OpenBank(t, d, office.Clock(func() time.Time { return now }))
	office.Grant(t, b, office.Register(t, b, 1).ID, 1_000_00)
	till, err := bank.Do(t.Context(), b, commandLine, tills.AddTill{Code: "c1", Title: "Caja 1", BranchID: staff.HeadOffice})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bank.Do(t.Context(), b, commandLine, tills.OpenTill{TillID: till.Answer.ID}); err != nil {
		t.Fatal(err)
	}
	now = now.AddDate(0, 0, 1)
	var log bytes.Buffer
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	s := scheduler{days: dayend.New(b, dayend.Options{}), location: time.UTC, clock: func() time.Time { return now }, log: slog.New(slog.NewTextHandler(&log, nil)), look: time.Hour, retry: time.Hour, tills: 100 * time.Millisecond}
	s.run(ctx)
	if n := office.Count(t, d, "SELECT count(*) FROM business_days"); n != 0 {
		t.Errorf("got %d days closed or closing, want none", n)
	}
	if n := strings.Count(log.String(), `level=ERROR msg="the day is not closed: tills are open"`); n < 2 || !strings.Contains(log.String(), "tills are open: c1") {
		t.Errorf("got the log %s, want an error for each attempt, with the till", log.String())
	}
}
