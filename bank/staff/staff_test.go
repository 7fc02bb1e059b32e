package staff_test

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	deciding "sofipo/bank/authority"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	tills "sofipo/bank/settlement"
	"sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/settlement"
	staffing "sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

func as[A any](o *office.Office, user string, c bank.Command[A]) (A, error) {
	r, err := bank.Do(o.Context(), o.Bank, bank.By{Actor: user}, c)
	return r.Answer, err
}

func refused(t *testing.T, what string, err error, code fault.Code, rule fault.Rule) {
	t.Helper()
	var got *fault.Error
	if !errors.As(err, &got) || got.Code != code || rule != "" && got.Rule != rule {
		t.Errorf("%s: got %v, want %s %s", what, err, code, rule)
	}
}

// file files a command as a request and returns the command that approves it.
func file[A any](o *office.Office, user string, c bank.Command[A]) deciding.ApproveRequest {
	o.Helper()
	order, can := bank.OrderOf(c)
	if !can {
		o.Fatalf("got no order of %s, want one", c.Name())
	}
	r, err := as(o, user, deciding.FileRequest{Order: order, Reason: "x"})
	if err != nil {
		o.Fatal(err)
	}
	return deciding.ApproveRequest{ID: r.ID, Order: order}
}

func open(t *testing.T, d *db.DB) *office.Office {
	o := office.Open(t, d)
	for user, role := range map[string]access.Role{"ana": access.Admin, "luis": access.Director, "olga": access.Operator, "omar": access.Officer} {
		office.Do(o, "test", staff.AddUser{Username: user, Password: "hash", Role: string(role)})
	}
	return o
}

func TestARoleIsChangedByTwoPeople(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		raise := staff.AssignRole{Username: "omar", Role: access.Director}
		_, err := as(o, "olga", raise)
		refused(t, "at once", err, authority.Exceeded, authority.NeedsRequest)
		approve := file(o, "olga", raise)
		_, err = as(o, "olga", approve)
		refused(t, "by who filed it", err, access.FourEyes, "")
		if _, err := as(o, "luis", approve); err != nil {
			t.Errorf("by another: got %v, want no error", err)
		}
		self := file(o, "olga", staff.AssignRole{Username: "luis", Role: access.Admin})
		_, err = as(o, "luis", self)
		refused(t, "the own role", err, access.FourEyes, staffing.OwnRole)

		teller, _ := nouns.Role(access.Teller)
		teller.Scope, teller.Permissions = staffing.OfBranch, append(teller.Permissions, client.Write)
		_, err = as(o, "olga", staff.DefineRole{Role: teller})
		refused(t, "a role at once", err, authority.Exceeded, authority.NeedsRequest)
		if _, err := as(o, "luis", file(o, "olga", staff.DefineRole{Role: teller})); err != nil {
			t.Errorf("a role by two: got %v, want no error", err)
		}
		admin, _ := nouns.Role(access.Admin)
		admin.Scope = staffing.Own
		_, err = bank.Do(t.Context(), o.Bank, office.By, staff.DefineRole{Role: admin})
		refused(t, "less for admin", err, fault.Invalid, "")
		all, err := o.Bank.Roles(t.Context())
		for _, r := range all {
			if r.Name == access.Teller && (!r.May(client.Write) || r.Scope != staffing.OfBranch) {
				t.Errorf("got the teller %+v, %v, want the changed one", r, err)
			}
		}
	})
}

// TestTheSamePersonInAnotherRole: who filed a request does not approve it after a promotion.
func TestTheSamePersonInAnotherRole(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		own := file(o, "olga", staff.AssignRole{Username: "omar", Role: access.Director})
		office.Do(o, "test", staff.AssignRole{Username: "olga", Role: access.Director})
		o.Now = o.Now.Add(6 * time.Second)
		_, err := as(o, "olga", own)
		refused(t, "after the change of role", err, access.FourEyes, "")
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		_, err := bank.Do(t.Context(), o.Bank, office.By, staff.DisableUser{Username: "ana"})
		refused(t, "disabled", err, staffing.LastAdmin, "")
		_, err = bank.Do(t.Context(), o.Bank, office.By, staff.AssignRole{Username: "ana", Role: access.Teller})
		refused(t, "demoted", err, staffing.LastAdmin, "")
		office.Do(o, "test", staff.AssignRole{Username: "omar", Role: access.Admin})
		office.Do(o, "test", staff.DisableUser{Username: "ana"})
		_, err = bank.Do(t.Context(), o.Bank, office.By, staff.DisableUser{Username: "omar"})
		refused(t, "the next one", err, staffing.LastAdmin, "")
	})
}

func TestScope(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		office.Do(o, "test", staff.AddBranch{Code: "002", BranchName: "Centro"})
		office.Do(o, "test", staff.AddUser{Username: "otto", Password: "hash", Role: "officer", Branch: "002"})
		lent := o.Lend(o.Client(1).ID, 1_000_00)
		o.Now = o.Now.Add(6 * time.Second)
		mine, err := as(o, "otto", &clients.RegisterClient{FullName: "Eva", Email: "eva@example.com", RFC: "PEPJ800109HNE"})
		if err != nil || mine.Officer != "otto" || staffing.IsHeadOffice(mine.BranchID) {
			t.Errorf("got %+v, %v, want a client of otto and the branch", mine, err)
		}
		name := "Otra"
		_, err = as(o, "otto", &clients.UpdateClient{ID: lent.ClientID, Changes: client.Changes{FullName: &name}})
		refused(t, "a client of the head office", err, staffing.OutOfScope, staffing.OtherBranch)
		_, err = as(o, "otto", lending.WriteOffLoan{LoanID: lent.ID})
		refused(t, "a loan of the head office", err, staffing.OutOfScope, staffing.OtherBranch)
		office.Do(o, "test", lending.ReassignClient{ClientID: lent.ClientID, Officer: "otto"})
		if n := office.Count(t, d, "SELECT count(*) FROM loans l JOIN clients c ON c.id = l.client_id WHERE l.branch_id = c.branch_id AND l.officer = 'otto' AND c.officer = 'otto'"); n != 1 {
			t.Errorf("got %d loans that followed the client, want 1", n)
		}
		if _, err = as(o, "otto", &clients.UpdateClient{ID: lent.ClientID, Changes: client.Changes{FullName: &name}}); err != nil {
			t.Errorf("after the assignment: got %v, want no error", err)
		}
		_, err = bank.Do(t.Context(), o.Bank, office.By, &tills.CloseBranch{Code: "002"})
		refused(t, "closing a branch in use", err, staffing.BranchInUse, "")
		office.Sound(t, d)
	})
}

// TestABranchIsEmptiedBeforeItCloses: the refusal says what is left, and the close retires the
// tills and the vault.
func TestABranchIsEmptiedBeforeItCloses(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		branch, matriz, centro := office.Do(o, "test", staff.AddBranch{Code: "002", BranchName: "Centro"}), "001", "002"
		vault := office.Do(o, "test", tills.AddTill{Code: "b2", Title: "Bóveda", BranchID: branch.ID, Vault: true})
		till := office.Do(o, "test", tills.AddTill{Code: "c2", Title: "Caja", BranchID: branch.ID})
		office.Do(o, "test", staff.ChangeUser{Username: "omar", Branch: &centro})
		lent := o.Lend(o.Client(1).ID, 1_000_00)
		office.Do(o, "test", lending.ReassignClient{ClientID: lent.ClientID, Branch: centro})
		office.Do(o, "test", tills.MoveFunds{FromAccount: settlement.MainAccount, ToVault: vault.ID, Amount: 500_00, Reason: "dotación"})
		office.Do(o, "tito", tills.OpenTill{TillID: till.ID, Opening: 100_00})
		left := func(users, clients, loans, open int, cash money.Amount) {
			t.Helper()
			_, err := bank.Do(t.Context(), o.Bank, office.By, &tills.CloseBranch{Code: centro})
			var got *fault.Error
			want := map[string]any{"users": users, "clients": clients, "loans": loans, "open_tills": open, "cash": cash}
			if !errors.As(err, &got) || got.Code != staffing.BranchInUse || !maps.Equal(got.Values, want) {
				t.Errorf("got %v with %v, want %s with %v", err, got, staffing.BranchInUse, want)
			}
		}
		left(1, 1, 1, 1, 500_00)
		office.Do(o, "tito", tills.CloseTill{TillID: till.ID, Sheet: settlement.Sheet{{Value: 100_00, Pieces: 1}}})
		left(1, 1, 1, 0, 500_00)
		office.Do(o, "test", lending.ReassignClient{ClientID: lent.ClientID, Branch: matriz})
		office.Do(o, "test", staff.DisableUser{Username: "omar"})
		left(0, 0, 0, 0, 500_00)
		office.Do(o, "test", tills.MoveFunds{FromVault: vault.ID, ToAccount: settlement.MainAccount, Amount: 500_00, Reason: "cierre"})
		if got := office.Do(o, "test", &tills.CloseBranch{Code: centro}); !got.Closed {
			t.Errorf("got %+v, want it closed", got)
		}
		_, err := bank.Do(t.Context(), o.Bank, office.By, tills.OpenTill{TillID: till.ID})
		refused(t, "a till of a closed branch", err, settlement.TillRetired, "")
		_, err = bank.Do(t.Context(), o.Bank, office.By, tills.MoveFunds{FromAccount: settlement.MainAccount, ToVault: vault.ID, Amount: 1, Reason: "x"})
		refused(t, "a vault of a closed branch", err, settlement.TillRetired, "")
		_, err = bank.Do(t.Context(), o.Bank, office.By, staff.EnableUser{Username: "omar"})
		refused(t, "a user of a closed branch", err, staffing.BranchClosed, staffing.UsersBranch)
		o.SQL("UPDATE users SET disabled = FALSE WHERE username = 'omar'") // as the bank remembers the user for 5 seconds
		o.Now = o.Now.Add(6 * time.Second)
		_, err = as(o, "omar", &clients.RegisterClient{FullName: "Eva", Email: "eva@example.com", RFC: "PEPJ800109HNE"})
		refused(t, "a client of a closed branch", err, staffing.BranchClosed, staffing.OwnBranch)
		office.Sound(t, d)
	})
}

// TestADisabledUserSignsInAgain: a session does not come back when a disabled user is enabled.
func TestADisabledUserSignsInAgain(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		in, err := as(o, "omar", staff.OpenSession{Username: "omar"})
		if err != nil {
			t.Fatal(err)
		}
		office.Do(o, "test", staff.DisableUser{Username: "omar"})
		if back := office.Do(o, "test", staff.EnableUser{Username: "omar"}); in.Open(o.Now, back.PasswordAt) {
			t.Errorf("got the session %+v open for %+v, want it ended", in, back)
		}
	})
}

// TestAPasswordOfAnotherUser: who sets it does not enable the user, so that nobody acts as
// another user alone.
func TestAPasswordOfAnotherUser(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		set := func(by, of string) staffing.User {
			t.Helper()
			got, err := as(o, by, staff.ChangePassword{Username: of, Password: "known to " + by})
			if err != nil || !got.Disabled || got.PasswordBy != by {
				t.Errorf("%s sets the password of %s: got %+v, %v, want the user disabled", by, of, got, err)
			}
			return got
		}
		set("olga", "omar")
		_, err := as(o, "olga", staff.EnableUser{Username: "omar"})
		refused(t, "enabled by who set the password", err, access.FourEyes, staffing.OtherEnabler)
		set("olga", "omar")
		if got, err := as(o, "ana", staff.EnableUser{Username: "omar"}); err != nil || got.Disabled {
			t.Errorf("enabled by another: got %+v, %v, want no error", got, err)
		}
		o.Now = o.Now.Add(6 * time.Second)
		if got, err := as(o, "omar", staff.ChangeOwnPassword{Username: "omar", Password: "own"}); err != nil || got.PasswordBy != "" {
			t.Errorf("the own password: got %+v, %v, want one that nobody else set", got, err)
		}
		_, err = as(o, "olga", staff.ChangePassword{Username: "ana", Password: "x"})
		refused(t, "of the last administrator", err, staffing.LastAdmin, "")
		if got := office.Do(o, "command-line", staff.ChangePassword{Username: "omar", Password: "x"}); got.Disabled {
			t.Errorf("set by the program: got %+v, want the user enabled", got)
		}
	})
}

// TestLongDevice: the name of a browser is cut between two characters, because a database stores
// no half of one.
func TestLongDevice(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		s, err := as(o, "ana", staff.OpenSession{Username: "ana", Device: strings.Repeat("a", 199) + "é"})
		if want := strings.Repeat("a", 199); err != nil || s.Device != want {
			t.Errorf("got %q, %v, want %q", s.Device, err, want)
		}
	})
}

// TestRefreshSession: a secret is used once. The last one again, from the same device and in time,
// changes nothing; any other old one ends the session, which is in the audit.
func TestRefreshSession(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		secret := func(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }
		in, err := as(o, "omar", staff.OpenSession{Username: "omar", Device: "caja/1", Secret: secret(1)})
		if err != nil || in.Kind != staffing.APISession || in.Generation != 1 {
			t.Fatalf("got %+v, %v, want a session of the API of generation 1", in, err)
		}
		refresh := func(user string, generation int64, old, next byte, device string) (staffing.Session, error) {
			return as(o, user, staff.RefreshSession{ID: in.ID, Generation: generation, Secret: secret(old), Next: secret(next), Device: device})
		}
		_, err = refresh("olga", 1, 1, 2, "caja/1")
		refused(t, "by another user", err, staffing.InvalidRefresh, "")
		_, err = refresh("omar", 2, 1, 2, "caja/1")
		refused(t, "a later generation", err, staffing.InvalidRefresh, "")
		for _, again := range []string{"first", "again"} {
			if s, err := refresh("omar", 1, 1, 2, "caja/1"); err != nil || s.Generation != 2 || !s.EndedAt.IsZero() {
				t.Errorf("%s: got %+v, %v, want generation 2", again, s, err)
			}
		}
		o.Now = o.Now.Add(staffing.RefreshAgain + time.Second)
		_, err = refresh("omar", 1, 1, 2, "caja/1")
		refused(t, "again, too late", err, staffing.RefreshReused, "")
		_, err = refresh("omar", 2, 2, 3, "caja/1")
		refused(t, "the newest after that", err, staffing.InvalidRefresh, "")
		if n := office.Count(t, d, "SELECT count(*) FROM journal WHERE action = 'refresh_session' AND refusal = 'refresh_token_reused'"); n != 1 {
			t.Errorf("got %d reuses in the journal, want 1", n)
		}

		in, _ = as(o, "omar", staff.OpenSession{Username: "omar", Device: "caja/1", Secret: secret(1)})
		if _, err := refresh("omar", 1, 1, 2, "caja/1"); err != nil {
			t.Errorf("another session: got %v, want no error", err)
		}
		_, err = refresh("omar", 1, 1, 2, "caja/2")
		refused(t, "from another device", err, staffing.RefreshReused, "")

		_, err = as(o, "olga", staff.EndSession{ID: in.ID})
		refused(t, "the end of another user's session", err, staffing.SessionNotFound, "")
		_, err = as(o, "olga", staff.EndUserSession{Username: "ana", ID: in.ID})
		refused(t, "the end under another name", err, staffing.SessionNotFound, "")
		_, err = as(o, "omar", staff.EndUserSession{Username: "omar", ID: in.ID})
		refused(t, "without the permission", err, access.Forbidden, "")
		_, err = as(o, "olga", staff.EndOtherSessions{IDs: []id.ID{in.ID}})
		refused(t, "another user's as the other ones", err, staffing.SessionNotFound, "")
	})
}

// TestFactors: a second factor is in force once confirmed; each code and recovery code is used once; a
// reset disables the user.
func TestFactors(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		_, err := as(o, "omar", staff.ConfirmFactor{Step: 5})
		refused(t, "confirming none", err, staffing.FactorNotFound, "")
		for _, secret := range []string{"first", "again"} {
			if _, err := as(o, "omar", staff.EnrolFactor{Secret: []byte(secret)}); err != nil {
				t.Errorf("%s: got %v, want no error", secret, err)
			}
		}
		_, err = as(o, "omar", staff.UseFactor{Step: 5})
		refused(t, "a code before the confirmation", err, staffing.FactorNotFound, "")
		if f, err := as(o, "omar", staff.ConfirmFactor{Step: 5, Recovery: []string{"a", "b"}}); err != nil || f.ConfirmedAt.Before(o.Now) {
			t.Errorf("confirmed: got %+v, %v, want a time from %s", f, err, o.Now)
		}
		_, err = as(o, "omar", staff.EnrolFactor{Secret: []byte("x")})
		refused(t, "another", err, staffing.FactorConfirmed, "")
		_, err = as(o, "omar", staff.ConfirmFactor{Step: 6})
		refused(t, "confirming again", err, staffing.FactorConfirmed, "")
		for _, c := range []struct {
			use  staff.UseFactor
			want fault.Code
		}{
			{staff.UseFactor{Step: 5}, access.BadCode},
			{staff.UseFactor{Step: 7, Secret: []byte("sealed again")}, ""},
			{staff.UseFactor{Step: 7}, access.BadCode},
			{staff.UseFactor{Step: 6}, access.BadCode},
			{staff.UseFactor{Recovery: "b"}, ""},
			{staff.UseFactor{Recovery: "b"}, access.BadCode},
			{staff.UseFactor{Recovery: "a"}, ""},
			{staff.UseFactor{}, access.BadCode},
		} {
			if _, err := as(o, "omar", c.use); c.want != "" && !fault.Is(err, c.want) || c.want == "" && err != nil {
				t.Errorf("%+v: got %v, want %q", c.use, err, c.want)
			}
		}
		if n := office.Count(t, d, "SELECT count(*) FROM factors WHERE recovery = '' AND used_step = 7 AND length(secret) = 12"); n != 1 {
			t.Errorf("got %d factors without recovery codes, with the step 7 and the new secret, want 1", n)
		}
		_, err = as(o, "olga", staff.ResetFactor{Username: "ana"})
		refused(t, "of a user without one", err, staffing.FactorNotFound, "")
		if u, err := as(o, "olga", staff.ResetFactor{Username: "omar"}); err != nil || !u.Disabled || u.PasswordBy != "olga" {
			t.Errorf("reset: got %+v, %v, want a disabled user whom olga may not enable", u, err)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM factors"); n != 0 {
			t.Errorf("got %d factors, want 0", n)
		}
		office.Do(o, "test", staff.EnableUser{Username: "omar"})
		office.Do(o, "test", staff.AssignRole{Username: "omar", Role: access.Admin})
		office.Do(o, "test", staff.DisableUser{Username: "ana"})
		o.Now = o.Now.Add(6 * time.Second)
		if _, err := as(o, "omar", staff.EnrolFactor{Secret: []byte("x")}); err != nil {
			t.Errorf("after the reset: got %v, want no error", err)
		}
		_, err = as(o, "olga", staff.ResetFactor{Username: "omar"})
		refused(t, "of the last administrator", err, staffing.LastAdmin, "")
		if u := office.Do(o, "test", staff.ResetFactor{Username: "omar"}); u.Disabled {
			t.Errorf("by the program: got %+v, want an enabled user", u)
		}
	})
}

// TestWrongCodesWait: after five wrong codes, at whatever node, no code is accepted for a minute, then
// for longer; a correct one ends it. Each wrong code is in the audit.
func TestWrongCodesWait(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		use := func(step int64) fault.Code {
			t.Helper()
			_, err := as(o, "omar", staff.UseFactor{Step: step})
			var refusal *fault.Error
			if err != nil && !errors.As(err, &refusal) {
				t.Fatalf("got %v, want a refusal or no error", err)
			}
			if refusal == nil {
				return ""
			}
			return refusal.Code
		}
		wants := func(what string, want fault.Code, step int64) {
			t.Helper()
			if got := use(step); got != want {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
		for _, c := range []error{
			second(as(o, "omar", staff.EnrolFactor{Secret: []byte("x")})), second(as(o, "omar", staff.ConfirmFactor{Step: 5, Recovery: []string{"a"}})),
		} {
			if c != nil {
				t.Fatalf("got %v, want no error", c)
			}
		}
		for range 4 {
			wants("a wrong code", access.BadCode, 0)
		}
		wants("a correct code", "", 6)
		for _, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
			for use(0) == access.BadCode {
				continue
			}
			o.Now = o.Now.Add(pause - time.Second)
			wants("a correct code in the pause of "+pause.String(), access.TooManyAttempts, 7)
			o.Now = o.Now.Add(2 * time.Second)
		}
		wants("a correct code after the pause", "", 7)
		for range 5 {
			wants("a wrong code after a correct one", access.BadCode, 0)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM journal WHERE actor = 'omar' AND action = 'use_factor' AND refusal = 'bad_code'"); n != 4+5+5+5 {
			t.Errorf("got %d wrong codes in the audit, want %d", n, 4+5+5+5)
		}
	})
}

// TestMakersOfAUser: a reset of the second factor does not let the person enable the user who set the
// password, nor the other way round.
func TestMakersOfAUser(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		office.Do(o, "test", staff.AssignRole{Username: "omar", Role: access.Admin})
		o.Now = o.Now.Add(6 * time.Second)
		office.Do(o, "test", staff.AddUser{Username: "eva", Password: "x"})
		office.Do(o, "test", staff.AssignRole{Username: "eva", Role: access.Teller})
		if err := second(as(o, "eva", staff.EnrolFactor{Secret: []byte("x")})); err != nil {
			t.Fatal(err)
		}
		if err := second(as(o, "olga", staff.ChangePassword{Username: "eva", Password: "known to olga"})); err != nil {
			t.Fatal(err)
		}
		if u, err := as(o, "ana", staff.ResetFactor{Username: "eva"}); err != nil || u.PasswordBy != "olga ana" {
			t.Errorf("got %+v, %v, want the makers olga and ana", u, err)
		}
		for _, maker := range []string{"olga", "ana"} {
			refused(t, "enabled by "+maker, second(as(o, maker, staff.EnableUser{Username: "eva"})), access.FourEyes, staffing.OtherEnabler)
		}
		if err := second(as(o, "omar", staff.EnableUser{Username: "eva"})); err != nil {
			t.Errorf("enabled by another: got %v, want no error", err)
		}
	})
}
