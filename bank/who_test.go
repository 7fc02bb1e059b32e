package bank_test

import (
	"sync/atomic"
	"testing"
	"time"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/lending/loan"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// whoActs is a command that answers with its actor.
type whoActs struct{}

func (whoActs) Name() string                  { return "who_acts" }
func (whoActs) Permission() access.Permission { return loan.Read }
func (whoActs) Check(bank.Rules) error        { return nil }
func (whoActs) Needs(*bank.Needs)             {}
func (whoActs) Decide(b *bank.Book) (staff.Member, error) {
	b.Subject(b.NewID())
	return *b.Who(), nil
}

func TestTheActorOfACommand(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		g := guard(t, d)
		got, err := as(g, "collector", whoActs{})
		if err != nil || got.User.Username != "collector" || got.User.BranchID != staff.HeadOffice || got.Role.Name != access.Collector || got.Role.Scope != staff.Own {
			t.Errorf("got %+v, %v, want the collector of the head office, with his own clients", got, err)
		}
		program := office.Must(t, g.Bank, whoActs{})
		if program.User.Username != office.By.Actor || program.User.BranchID != staff.HeadOffice || program.Role.Scope != staff.All || program.Role.Name != "" {
			t.Errorf("the program: got %+v, want scope over all and no role", program)
		}
	})
}

// TestARoleIsData: what the table has of a role takes the place of the declarations, within
// seconds.
func TestARoleIsData(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		g := guard(t, d)
		if _, err := as(g, "teller", whoActs{}); err != nil {
			t.Fatal(err)
		}
		office.Run(t, d, "INSERT INTO roles (name, title, permissions, scope, limits, changed_at) SELECT 'teller', 'Cajera', '[\"clients.read\"]', 'branch', '{}', created_at FROM users WHERE username = 'teller'")
		g.elapsed.Add(int64(6 * time.Second))
		_, err := as(g, "teller", whoActs{})
		refused(t, "without the permission", err, access.Forbidden)
		member, err := g.Member(t.Context(), "teller")
		if err != nil || member.Role.Title != "Cajera" || member.Role.Scope != staff.OfBranch || !member.Role.May("clients.read") {
			t.Errorf("got %+v, %v, want the role of the table", member, err)
		}
		office.Run(t, d, "UPDATE users SET role = 'guest' WHERE username = 'officer'")
		g.elapsed.Add(int64(6 * time.Second))
		_, err = as(g, "officer", whoActs{})
		refused(t, "a role that there is not", err, access.Forbidden)
	})
}

// TestPeek: the check of a user does not advance the clock; each command reads it once.
func TestPeek(t *testing.T) {
	began := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	var readings atomic.Int64
	b := office.OpenBank(t, ground.Open(t, ground.Config(t, ground.SQLite)), office.Clock(func() time.Time { return began.Add(time.Duration(readings.Add(1)) * time.Hour) }),
		func(o *bank.Options) { o.Peek = func() time.Time { return began } })
	office.Must(t, b, staffing.AddUser{Username: "ana", Password: "hash", Role: string(access.Officer)})
	for range 2 {
		office.As(t, b, bank.By{Actor: "ana"}, whoActs{})
	}
	if got := readings.Load(); got != 3 {
		t.Errorf("got %d readings of the clock, want 3: one of each command", got)
	}
}
