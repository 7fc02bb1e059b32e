package staff_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	staffing "sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// keyed opens an office with a service account that has a role.
func keyed(t *testing.T, d *db.DB, role access.Role) *office.Office {
	o := open(t, d)
	office.Do(o, "test", staff.AddUser{Username: "portal", Service: true})
	office.Do(o, "test", staff.AssignRole{Username: "portal", Role: role})
	return o
}

// later moves the clock past the memory of users and keys.
func later(o *office.Office) { o.Now = o.Now.Add(6 * time.Second) }

// withKey registers a client as the service account.
func withKey(o *office.Office, key id.ID) error {
	_, err := bank.Do(o.Context(), o.Bank, bank.By{Actor: "portal", APIKey: key}, &clients.RegisterClient{FullName: "Eva", Email: "eva@example.com", RFC: "PEPJ800109HNE"})
	return err
}

// TestAPIKey: a key works after a second person activated it, until it is revoked or expires, or
// its account is disabled.
func TestAPIKey(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := keyed(t, d, access.Officer)
		add := staff.AddAPIKey{Username: "portal", Title: "x", Hash: "h", Days: 30}
		k, err := as(o, "olga", add)
		if err != nil || k.State(o.Now) != staffing.KeyWaiting {
			t.Fatalf("got %+v, %v, want a key that waits", k, err)
		}
		refused(t, "a key that waits", withKey(o, k.ID), access.InvalidCredentials, "")
		_, err = as(o, "olga", staff.ActivateAPIKey{Username: "portal", ID: k.ID})
		refused(t, "activated by who created it", err, access.FourEyes, staffing.OtherActivator)
		if _, err := as(o, "ana", staff.ActivateAPIKey{Username: "portal", ID: k.ID}); err != nil {
			t.Errorf("activated by another: got %v, want no error", err)
		}
		later(o)
		if err := withKey(o, k.ID); err != nil {
			t.Errorf("an active key: got %v, want no error", err)
		}
		if _, err := o.Bank.KeyHolder(t.Context(), k.ID, "other"); !fault.Is(err, access.InvalidCredentials) {
			t.Errorf("another secret: got %v, want %s", err, access.InvalidCredentials)
		}
		office.Do(o, "test", staff.DisableUser{Username: "portal"})
		later(o)
		refused(t, "of a disabled account", withKey(o, k.ID), access.InvalidCredentials, "")
		office.Do(o, "test", staff.EnableUser{Username: "portal"})
		office.Do(o, "test", staff.RevokeAPIKey{Username: "portal", ID: k.ID})
		later(o)
		refused(t, "a revoked key", withKey(o, k.ID), access.InvalidCredentials, "")
		_, err = as(o, "ana", staff.ActivateAPIKey{Username: "portal", ID: k.ID})
		refused(t, "activating a revoked key", err, staffing.KeyEnded, "")
		_, err = as(o, "ana", staff.RevokeAPIKey{Username: "omar", ID: k.ID})
		refused(t, "of another user", err, staffing.KeyNotFound, "")

		k = office.Do(o, "test", add)
		later(o)
		if _, err := o.Bank.KeyHolder(t.Context(), k.ID, "h"); err != nil {
			t.Errorf("added by the program: got %v, want it active", err)
		}
		o.Now = k.ExpiresAt.Add(-time.Second)
		if _, err := o.Bank.KeyHolder(t.Context(), k.ID, "h"); err != nil {
			t.Errorf("a second before it expires: got %v, want no error", err)
		}
		o.Now = k.ExpiresAt
		refused(t, "an expired key", withKey(o, k.ID), access.InvalidCredentials, "")
	})
}

// TestPermissionsOfAKey: a key has some permissions of the role, and never those with which its
// holder could make another user.
func TestPermissionsOfAKey(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := keyed(t, d, access.Admin)
		_, err := as(o, "olga", staff.AddAPIKey{Username: "portal", Title: "x", Days: 367})
		refused(t, "a year and two days", err, fault.Invalid, "")
		_, err = as(o, "olga", staff.AddAPIKey{Username: "omar", Title: "x", Days: 1})
		refused(t, "of a person", err, staffing.OnlyForService, "")
		for _, p := range []access.Permission{"nothing", staffing.Manage, staffing.ManageRoles} {
			_, err = as(o, "olga", staff.AddAPIKey{Username: "portal", Title: "x", Days: 1, Permissions: []access.Permission{loan.Read, p}})
			refused(t, "with "+string(p), err, fault.Invalid, "")
		}
		part := office.Do(o, "test", staff.AddAPIKey{Username: "portal", Title: "x", Hash: "h", Days: 1, Permissions: []access.Permission{loan.Read, client.Read}})
		whole := office.Do(o, "test", staff.AddAPIKey{Username: "portal", Title: "y", Hash: "h", Days: 1})
		later(o)
		refused(t, "a permission that the key lacks", withKey(o, part.ID), access.Forbidden, "")
		who, err := o.Bank.KeyHolder(t.Context(), part.ID, "h")
		if want := []access.Permission{client.Read, loan.Read}; err != nil || !slices.Equal(who.Role.Permissions, want) || who.Key != part.ID {
			t.Errorf("got %v of the key %s, %v, want %v", who.Role.Permissions, who.Key, err, want)
		}
		by := bank.By{Actor: "portal", APIKey: whole.ID}
		for name, err := range map[string]error{
			"users": second(bank.Do(t.Context(), o.Bank, by, staff.AddUser{Username: "eva"})),
			"keys":  second(bank.Do(t.Context(), o.Bank, by, staff.AddAPIKey{Username: "portal", Title: "z", Days: 1})),
			"roles": second(bank.Do(t.Context(), o.Bank, by, staff.AssignRole{Username: "omar", Role: access.Admin})),
		} {
			refused(t, "managing "+name, err, access.Forbidden, "")
		}
		if err := withKey(o, whole.ID); err != nil {
			t.Errorf("a permission of the role: got %v, want no error", err)
		}
	})
}

func second[A any](_ A, err error) error { return err }

// TestAServiceAccountIsNoPerson: it has no password and no sessions, is not the last
// administrator, and is never the second person of an operation.
func TestAServiceAccountIsNoPerson(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := keyed(t, d, access.Admin)
		for name, err := range map[string]error{
			"password": second(as(o, "olga", staff.ChangePassword{Username: "portal", Password: "x"})),
			"sessions": second(as(o, "olga", staff.EndSessions{Username: "portal"})),
		} {
			refused(t, name, err, staffing.NotForService, "")
		}
		_, err := bank.Do(t.Context(), o.Bank, office.By, staff.DisableUser{Username: "ana"})
		refused(t, "the last person with the role admin", err, staffing.LastAdmin, "")

		key := office.Do(o, "test", staff.AddAPIKey{Username: "portal", Title: "x", Hash: "h", Days: 1})
		later(o)
		by := bank.By{Actor: "portal", APIKey: key.ID}
		lent := o.Lend(o.Client(1).ID, 1_000_00)
		request := file(o, "omar", lending.WriteOffLoan{LoanID: lent.ID})
		_, err = bank.Do(t.Context(), o.Bank, by, request)
		refused(t, "approving a request", err, access.FourEyes, "")
		var e *fault.Error
		if _, err := as(o, "ana", deciding.ApproveRequest(request)); errors.As(err, &e) && e.Code == access.FourEyes {
			t.Errorf("approved by a person: got %v, want no refusal for four eyes", err)
		}
	})
}

// TestKeysWhileTheDatabaseHangs: requests with keys that were read before do not wait for the database.
func TestKeysWhileTheDatabaseHangs(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	o := keyed(t, d, access.Officer)
	k := office.Do(o, "test", staff.AddAPIKey{Username: "portal", Title: "x", Hash: "h", Days: 30})
	later(o)
	if _, err := o.Bank.KeyHolder(t.Context(), k.ID, "h"); err != nil {
		t.Fatal(err)
	}
	o.Now = o.Now.Add(4 * time.Second) // the user is remembered, the keys are older
	hang := d.Session()
	defer hang.Close()
	lock := &db.Batch{}
	lock.Exec("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE")
	if err := hang.Begin(t.Context(), lock); err != nil {
		t.Fatal(err)
	}
	defer hang.Rollback()
	o.Now = o.Now.Add(2 * time.Second)
	began := time.Now()
	for range 20 {
		if _, err := o.Bank.KeyHolder(t.Context(), k.ID, "h"); err != nil {
			t.Errorf("a key that was read before: got %v, want no error", err)
		}
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("20 requests took %s, want them not to wait for the database", took)
	}
}
