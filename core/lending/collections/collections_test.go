package collections

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
)

func TestPermitted(t *testing.T) {
	mexico := time.FixedZone("CST", -6*3600)
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, mexico)
	}
	for _, c := range []struct {
		channel Channel
		at      time.Time
		want    bool
	}{
		{Call, at(11, 23, 8, 0), true}, {Call, at(11, 23, 7, 59), false}, {Call, at(11, 23, 20, 59), true}, {Call, at(11, 23, 21, 0), false},
		{Visit, at(11, 21, 12, 0), false}, // a Saturday
		{Message, at(9, 16, 12, 0), false},
		{Email, at(11, 21, 3, 0), true}, {Letter, at(9, 16, 3, 0), true},
		{Call, time.Date(2014, 10, 7, 3, 0, 0, 0, mexico), true}, // before the rule
	} {
		if got := Permitted(c.channel, c.at); got != c.want {
			t.Errorf("%s at %s: got %t, want %t", c.channel, c.at, got, c.want)
		}
	}
}

func TestNext(t *testing.T) {
	promised, planned := civil.On(2026, 12, 1), civil.On(2026, 12, 5)
	for _, c := range []struct {
		promised civil.Date
		planned  Channel
		days     int
		want     string
	}{
		{promised, Visit, 40, "await_promise 2026-12-01"}, {civil.Date{}, Visit, 5, "visit 2026-12-05"},
		{civil.Date{}, "", 1, "message"}, {civil.Date{}, "", 7, "message"}, {civil.Date{}, "", 8, "call"}, {civil.Date{}, "", 31, "visit"},
		{civil.Date{}, "", 61, "letter"}, {civil.Date{}, "", 90, "visit"}, {civil.Date{}, "", 0, ""},
	} {
		action, on := Next(c.promised, c.planned, planned, c.days)
		got := string(action)
		if !on.IsZero() {
			got += " " + on.String()
		}
		if got != c.want {
			t.Errorf("promised %s, planned %q, %d days: got %q, want %q", c.promised, c.planned, c.days, got, c.want)
		}
	}
}

// TestEveryResultHasAChannel: each result code is possible on some channel, and a channel has
// at least two.
func TestEveryResultHasAChannel(t *testing.T) {
	for _, c := range Channels() {
		if got := ResultsOf(c); len(got) < 2 {
			t.Errorf("%s: got the results %v, want two or more", c, got)
		}
	}
	for _, o := range outcomes {
		if len(o.Channels) == 0 || Texts[o.Result].ES == "" {
			t.Errorf("%s: got the channels %v and the text %q, want some of each", o.Result, o.Channels, Texts[o.Result].ES)
		}
	}
}

func TestPromise(t *testing.T) {
	today := civil.On(2026, 11, 23)
	p := Promise{Amount: 100_00, Due: today.AddDays(MaxAhead), Status: Open, MadeOn: today}
	if err := p.Check(100_00, today); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	for name, wrong := range map[string]Promise{"[amount]": {Due: today}, "[promised_on]": {Amount: 1, Due: today.AddDays(-1)}, "[amount promised_on]": {Amount: 100_01, Due: today.AddDays(MaxAhead + 1)}} {
		var f *fault.Error
		var fields []string
		if errors.As(wrong.Check(100_00, today), &f) {
			for _, flaw := range f.Flaws {
				fields = append(fields, flaw.Name())
			}
		}
		if fmt.Sprint(fields) != name {
			t.Errorf("%+v: got the wrong fields %v, want %s", wrong, fields, name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		received := money.Amount(rapid.Int64Range(0, 200_00).Draw(t, "received"))
		got := p.Decide(received, p.Due)
		want := Broken
		if received >= p.Amount {
			want = Kept
		}
		if got.Status != want || got.Received != received || got.DecidedOn != p.Due || got.Pending(today) {
			t.Fatalf("got %+v, want %s with %s", got, want, received)
		}
	})
}

func TestDegrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Degrees(rapid.Int64Range(-int64(MaxLongitude), int64(MaxLongitude)).Draw(t, "degrees"))
		text, err := json.Marshal(want)
		var got Degrees
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil || got != want {
			t.Fatalf("%s: got %d, %v, want %d", text, got, err, want)
		}
	})
	if _, err := ParseDegrees("19.1234567"); !errors.Is(err, money.ErrPrecision) {
		t.Errorf("got %v, want %v", err, money.ErrPrecision)
	}
}
