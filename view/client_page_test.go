package view_test

import (
	"testing"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// TestClientHistory: what was done with a client comes newest first, page by page, as far as the
// role may know it.
func TestClientHistory(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		l := collect(t, d)
		who := l.Client(71)
		lent := l.Lend(who.ID, money.Amount(10_000_00))
		office.Do(l.Office, "ana", &clients.AddNote{ID: who.ID, Text: "one"})
		l.Pay(lent, money.Amount(100_00), "")
		office.Do(l.Office, "ana", lending.AddCollectionNote{LoanID: lent.ID, Text: "two"})
		office.Do(l.Office, "ana", &clients.RecordConsent{Consent: client.Consent{ClientID: who.ID, Kind: client.PrivacyNotice, Version: "1", Channel: client.OnPaper}})
		l.Lend(l.Client(72).ID, money.Amount(10_000_00)) // of another client
		ask := func(by view.By, q view.HistoryQuery) (kinds string) {
			by.Need = l.Need
			for {
				page, err := l.view.ClientHistory(t.Context(), by, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, h := range page.Items {
					switch {
					case h.Change != nil:
						kinds += "c"
					case h.Note != nil:
						kinds += "n"
					case h.LoanNote != nil:
						kinds += "N"
					case h.Transaction != nil:
						kinds += "t"
					}
				}
				if q.After = page.Next; page.Next.IsZero() {
					return kinds
				}
			}
		}
		q := view.HistoryQuery{Client: who.ID, Today: l.today(), Paging: view.Paging{Limit: 2}}
		if got, want := ask(view.System, q), "cNtnt"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got, want := ask(view.By{Who: holder(access.Teller)}, q), "tt"; got != want {
			t.Errorf("a teller: got %q, want %q", got, want)
		}
		q.Contacts = true
		if got, want := ask(view.System, q), "Nn"; got != want {
			t.Errorf("contacts: got %q, want %q", got, want)
		}
		_, err := l.view.ClientHistory(t.Context(), view.System, view.HistoryQuery{Client: id.ID{1}, Paging: view.Paging{Limit: 2}})
		if !fault.Is(err, client.NotFound) {
			t.Errorf("an unknown client: got %v, want %s", err, client.NotFound)
		}
	})
}

// TestClientsOfTheScope: clients and debts are only those of the reader's scope.
func TestClientsOfTheScope(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		l := fillLists(t, d)
		ids := []id.ID{}
		for _, c := range l.people {
			ids = append(ids, c.ID)
		}
		branch := view.By{Who: staff.Member{User: staff.User{Username: "bea", BranchID: l.branch}, Role: holder(access.BranchManager).Role}, Need: l.by.Need}
		all, err := l.view.ClientsByID(t.Context(), l.by, ids)
		if err != nil || len(all) != len(ids) {
			t.Errorf("got %d clients, %v, want %d", len(all), err, len(ids))
		}
		some, err := l.view.ClientsByID(t.Context(), branch, ids)
		for _, c := range some {
			if c.BranchID != l.branch {
				t.Errorf("got a client of the branch %s, want only those of %s", c.BranchID, l.branch)
			}
		}
		if err != nil || len(some) == 0 || len(some) == len(all) {
			t.Errorf("got %d clients of the branch, %v, want some of %d", len(some), err, len(all))
		}
		for _, by := range []view.By{l.by, branch} {
			debts, err := l.view.ClientDebts(t.Context(), by, ids)
			var loans int
			var balance, want money.Amount
			for _, debt := range debts {
				loans, balance = loans+debt.Loans, balance+debt.Balance
			}
			for _, row := range l.listed {
				if by.System || row.BranchID == l.branch {
					loans, want = loans-1, want+row.Balance
				}
			}
			if err != nil || loans != 0 || balance != want || want == 0 {
				t.Errorf("got %d loans too many with a balance of %s, %v, want a balance of %s", loans, balance, err, want)
			}
		}
	})
}
