package nouns_test

import (
	"slices"
	"strings"
	"testing"

	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/nouns"
	"sofipo/core/staff"
)

func TestRolesMay(t *testing.T) {
	want := map[access.Role]string{
		access.Admin:      "clients.read clients.write clients.delete loans.read loans.grant loans.quote loans.apply loans.approve loans.disburse loans.service payments.receive payments.reverse statements.read products.read products.manage books.read books.write books.close days.close reports.read events.read users.read users.manage",
		access.Officer:    "clients.read clients.write loans.read loans.grant loans.quote loans.apply loans.approve loans.disburse loans.service statements.read products.read reports.read",
		access.Teller:     "clients.read loans.read loans.quote loans.disburse payments.receive statements.read products.read",
		access.Accountant: "clients.read loans.read loans.quote payments.reverse statements.read products.read books.read books.write books.close days.close reports.read",
		access.Auditor:    "clients.read loans.read loans.quote statements.read products.read books.read reports.read events.read users.read",

		access.BranchManager: "clients.read clients.write loans.read loans.quote loans.apply loans.approve loans.disburse loans.service payments.reverse statements.read products.read reports.read users.read",
		access.Director:      "clients.read loans.read loans.quote loans.approve loans.service statements.read products.read products.manage books.read reports.read events.read users.read",
		access.Collector:     "clients.read loans.read loans.quote statements.read products.read",
		access.Compliance:    "clients.read loans.read loans.quote statements.read products.read reports.read events.read users.read",
		access.Operator:      "days.close users.read users.manage",
	}
	pinned := strings.Fields(want[access.Admin]) // TestPermissions checks newer permissions
	for _, role := range access.Roles() {
		var held []string
		for _, p := range nouns.Permissions() {
			if nouns.May(role, p) && slices.Contains(pinned, string(p)) {
				held = append(held, string(p))
			}
		}
		if got := strings.Join(held, " "); got != want[role] {
			t.Errorf("%s: got the permissions %s\nwant %s", role, got, want[role])
		}
	}
}

func TestPermissions(t *testing.T) {
	open := []access.Permission{client.Read, loan.Read, loan.Statements}
	seen := map[access.Permission]bool{}
	for _, p := range nouns.Permissions() {
		if seen[p] {
			t.Errorf("got %s declared twice, want it once", p)
		}
		seen[p] = true
		holders := nouns.Holders(p)
		if !slices.Contains(holders, access.Admin) {
			t.Errorf("%s: got the roles %v, want admin among them", p, holders)
		}
		reads := strings.HasSuffix(string(p), ".read") || p == loan.Quote || p == staff.OwnPassword // a quote writes nothing
		if got := slices.Contains(holders, access.Auditor); got != reads {
			t.Errorf("the auditor holds %s: got %v, want %v", p, got, reads)
		}
		if got, want := nouns.Open(p), slices.Contains(open, p); got != want {
			t.Errorf("%s is open: got %v, want %v", p, got, want)
		}
		for _, role := range holders {
			if !slices.Contains(access.Roles(), role) {
				t.Errorf("%s: got the holder %q, want one of %v", p, role, access.Roles())
			}
		}
	}
}

func TestRole(t *testing.T) {
	for _, name := range access.Roles() {
		r, builtIn := nouns.Role(name)
		if !builtIn || r.Name != name || r.Title == "" || !slices.Contains(staff.Scopes(), r.Scope) {
			t.Errorf("%s: got %+v, %v, want a role with a title and a scope", name, r, builtIn)
		}
		for _, p := range nouns.Permissions() {
			if r.May(p) != nouns.May(name, p) {
				t.Errorf("%s may %s: got %v, want %v", name, p, r.May(p), nouns.May(name, p))
			}
		}
	}
	if r, builtIn := nouns.Role("guest"); builtIn || len(r.Permissions) > 0 {
		t.Errorf("got %+v, %v of an unknown role, want none", r, builtIn)
	}
}

func TestUnknownsGrantNothing(t *testing.T) {
	if nouns.May("root", client.Read) || nouns.May("", client.Read) || nouns.May(access.Admin, "clients.sell") || nouns.Open("") || len(nouns.Holders("")) != 0 {
		t.Error("got something granted by an unknown role or permission, want nothing")
	}
}

func TestHoldersIsACopy(t *testing.T) {
	nouns.Holders(staff.Manage)[0] = access.Teller
	if nouns.May(access.Teller, staff.Manage) {
		t.Errorf("got the holders of %s changed by a caller, want them unchanged", staff.Manage)
	}
}

// TestNothingIsDeclaredTwice: of two texts with the same key, one would be hidden.
func TestNothingIsDeclaredTwice(t *testing.T) {
	seen := map[any]string{}
	note := func(key any, noun string) {
		if other, found := seen[key]; found {
			t.Errorf("%T %v: got it declared by %s and by %s, want one of them", key, key, other, noun)
		}
		seen[key] = noun
	}
	for _, n := range nouns.All {
		for key := range n.Texts {
			note(key, n.Name)
		}
		for _, f := range n.Faults {
			note(f.Code, n.Name)
		}
		for _, p := range n.Permissions {
			note(p.Permission, n.Name)
		}
	}
}

func TestFault(t *testing.T) {
	for code, want := range map[fault.Code]fault.Class{
		fault.Invalid: fault.ClassInvalid, client.NotFound: fault.ClassNotFound, servicing.OverPayment: fault.ClassRefused,
		servicing.WrongState: fault.ClassConflict, access.Forbidden: fault.ClassDenied, fault.Unavailable: fault.ClassUnavailable,
	} {
		if got, declared := nouns.Fault(code); got.Class != want || !declared {
			t.Errorf("Fault(%s) = %v, %v, want %v, true", code, got.Class, declared, want)
		}
	}
	if _, declared := nouns.Fault("no_such_code"); declared {
		t.Error("got a declaration of an undeclared code, want none")
	}
}
