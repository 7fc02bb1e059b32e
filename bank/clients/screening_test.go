package clients_test

import (
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	screens "sofipo/bank/screening"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/mx"
	"sofipo/core/screening"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

const heading = "full_name,rfc,curp,birth_date,reference\n"

// imports imports a list as cora does.
func imports(o *office.Office, list screening.ListCode, rows string) screening.Version {
	o.Helper()
	return office.Do[screening.Version](o, "cora", &screens.ImportList{List: list, Content: []byte(heading + rows)})
}

// quoted quotes a field of a CSV.
func quoted(field string) string { return `"` + strings.ReplaceAll(field, `"`, `""`) + `"` }

// alerts returns all alerts.
func alerts(o *office.Office) []screening.Alert {
	o.Helper()
	page, err := view.Open(o.DB, nil).Alerts(o.Context(), view.By{System: true, Need: o.Need}, view.AlertFilter{}, view.Paging{Limit: 100})
	if err != nil {
		o.Fatal(err)
	}
	return page.Items
}

// refused checks that a command is refused because of a blocked person.
func refused[A any](o *office.Office, c bank.Command[A]) {
	o.Helper()
	if _, err := bank.Do(o.Context(), o.Bank, bank.By{System: true, Actor: "ana"}, c); !fault.Is(err, screening.Blocked) {
		o.Errorf("%s: got %v, want %s", c.Name(), err, screening.Blocked)
	}
}

// TestBlockedRegistration: a blocked person is not registered; there is one alert, however often
// it is tried, and a registration follows once another user clears it.
func TestBlockedRegistration(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		imports(o, "LPB", "Barrera Ojeda Tomás,BAOT700211AB1,,1970-02-11,1\n")
		tomas := &clients.RegisterClient{FullName: "Tomás Barrera Ojeda", Email: "t@example.com", RFC: "BAOT700211AB1"}
		refused[client.Client](o, tomas)
		refused[client.Client](o, tomas)
		got := alerts(o)
		if len(got) != 1 || got[0].Basis != screening.OnRFC || !got[0].ClientID.IsZero() || got[0].Name != "Tomás Barrera Ojeda" || got[0].Status != screening.Open {
			t.Fatalf("got the alerts %+v, want one open alert of the RFC", got)
		}
		clear := screens.DecideAlert{ID: got[0].ID, Decision: screening.Cleared, Reason: "Otra persona"}
		if _, err := bank.Do(t.Context(), o.Bank, bank.By{System: true, Actor: "ana"}, clear); !fault.Is(err, access.FourEyes) {
			t.Errorf("cleared by the user of the operation: got %v, want %s", err, access.FourEyes)
		}
		office.Do(o, "cora", clear)
		registered := office.Do[client.Client](o, "ana", tomas)
		if got = alerts(o); len(got) != 1 || got[0].ClientID != registered.ID || got[0].Name != "" {
			t.Errorf("got the alerts %+v, want the cleared one of client %s", got, registered.ID)
		}
		o.Lend(registered.ID, 10_000_00) // the decision holds for the client
		office.Sound(t, d)
	})
}

// TestGenericCURP: the generic CURP in a list matches nobody who has it too.
func TestGenericCURP(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		imports(o, "LPB", "Somebody Else,,"+string(mx.GenericCURPMan)+",,1\n")
		f := client.File{Kind: client.Person, GivenNames: "John", PaternalSurname: "Smith", CURP: string(mx.GenericCURPMan), Nationality: "US"}
		if _, err := bank.Do(t.Context(), o.Bank, bank.By{System: true, Actor: "ana"}, &clients.RegisterFile{File: f}); err != nil {
			t.Errorf("got %v, want a registered client", err)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM screening_keys WHERE substr(value, 1, 1) = 'C'"); n != 0 {
			t.Errorf("got %d keys of the CURP, want none", n)
		}
		if got := alerts(o); len(got) != 0 {
			t.Errorf("got the alerts %+v, want none", got)
		}
	})
}

// TestBlockedDisbursement: a list that is imported after the registration refuses the
// disbursement at once, by the name alone too.
func TestBlockedDisbursement(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		c := o.Client(1)
		imports(o, "OFAC", quoted(c.FullName)+",,,,SDN 1\n")
		lends := lending.GrantLoan{ClientID: c.ID, Terms: loan.Terms{Amount: 10_000_00, Rate: 150_000, TermMonths: 24}}
		refused[loan.Loan](o, lends)
		got := alerts(o)
		if len(got) != 1 || got[0].ClientID != c.ID || got[0].Basis != screening.OnName || got[0].Operation != "grant_loan" {
			t.Fatalf("got the alerts %+v, want one of the client by name", got)
		}
		office.Do(o, "cora", screens.DecideAlert{ID: got[0].ID, Decision: screening.Cleared, Reason: "Homónimo"})
		office.Do[loan.Loan](o, "ana", lends)

		imports(o, "OFAC", quoted(c.FullName)+","+c.RFC+",,,SDN 1\n") // now it names the RFC
		refused[loan.Loan](o, lends)
		imports(o, "OFAC", "Nadie,,,,SDN 2\n")
		office.Do[loan.Loan](o, "ana", lends)
		office.Sound(t, d)
	})
}

// TestRescreen: each client with a match gets one alert, and a list that warns refuses nothing.
func TestRescreen(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		one := o.Client(1)
		two := office.Do[client.Client](o, "ana", &clients.RegisterClient{FullName: "Beatriz Nava Ríos", Email: "b@example.com", RFC: "NARB800101AB1"})
		v := imports(o, "PEP", quoted(one.FullName)+",,,,1\nNadie,,,,2\n"+quoted(two.FullName)+","+two.RFC+",,,3\n")
		if v.Added != 3 || v.Entries != 3 || v.Number != 1 {
			t.Errorf("got %+v, want 3 entries added in version 1", v)
		}
		for range 2 {
			got, err := clients.Rescreen(t.Context(), o.Bank, bank.By{System: true, Actor: "cora"}, "PEP")
			if err != nil || got.Clients != 2 || got.ScreenedAt.IsZero() {
				t.Fatalf("got %+v, %v; want 2 clients compared", got, err)
			}
		}
		if got := alerts(o); len(got) != 2 || got[0].Effect != screening.Warn {
			t.Errorf("got the alerts %+v, want one for each client", got)
		}
		if left, err := clients.Pending(t.Context(), o.Bank); err != nil || len(left) > 0 {
			t.Errorf("got the pending lists %v, %v; want none", left, err)
		}
		o.Lend(one.ID, 10_000_00)
		again := imports(o, "PEP", quoted(one.FullName)+",,,,1\nNadie,,,,2\n"+quoted(two.FullName)+","+two.RFC+",,,3\n")
		if again.Number != 1 {
			t.Errorf("the same file again: got version %d, want 1", again.Number)
		}
		if next := imports(o, "PEP", quoted(one.FullName)+",,,,1\nOtro,,,,4\n"); next.Number != 2 || next.Added != 1 || next.Removed != 2 {
			t.Errorf("got %+v, want version 2 with 1 added and 2 removed", next)
		}
	})
}

// TestChangeToABlockedPerson: a change of the RFC is compared too.
func TestChangeToABlockedPerson(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		c := o.Client(1)
		imports(o, "ONU", "Otro Nombre,BAOT700211AB1,,,7\n")
		rfc, email := "BAOT700211AB1", "otra@example.com"
		refused[client.Client](o, &clients.UpdateClient{ID: c.ID, Changes: client.Changes{RFC: &rfc}})
		office.Do(o, "ana", &clients.UpdateClient{ID: c.ID, Changes: client.Changes{Email: &email}})
		if got := alerts(o); len(got) != 1 || got[0].ClientID != c.ID || got[0].Operation != "update_client" {
			t.Errorf("got the alerts %+v, want one of the client", got)
		}
	})
}
