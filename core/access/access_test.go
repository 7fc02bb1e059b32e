package access

import (
	"slices"
	"strings"
	"testing"
)

func TestRolesMay(t *testing.T) {
	want := map[Role]string{
		Admin:      "clients.read clients.write clients.delete loans.read loans.grant loans.quote loans.apply loans.approve loans.disburse loans.service products.read products.manage payments.receive payments.reverse statements.read events.read books.read books.write books.close days.close reports.read users.read users.manage",
		Officer:    "clients.read clients.write loans.read loans.grant loans.quote loans.apply loans.approve loans.disburse loans.service products.read statements.read reports.read",
		Teller:     "clients.read loans.read loans.quote products.read payments.receive statements.read",
		Accountant: "clients.read loans.read loans.quote products.read payments.reverse statements.read books.read books.write books.close days.close reports.read",
		Auditor:    "clients.read loans.read loans.quote products.read statements.read events.read books.read reports.read users.read",
	}
	for _, role := range Roles() {
		var got []string
		for _, p := range Permissions() {
			if role.May(p) {
				got = append(got, string(p))
			}
		}
		if text := strings.Join(got, " "); text != want[role] {
			t.Errorf("%s may %s\nwant %s", role, text, want[role])
		}
	}
}

func TestTableIsWhole(t *testing.T) {
	seen := map[Permission]bool{}
	for _, row := range table {
		if seen[row.permission] {
			t.Errorf("%s stands twice in the table", row.permission)
		}
		seen[row.permission] = true
		if !slices.Contains(row.holders, Admin) {
			t.Errorf("admin lacks %s", row.permission)
		}
		reads := strings.HasSuffix(string(row.permission), ".read") || row.permission == LoansQuote // which writes nothing
		if slices.Contains(row.holders, Auditor) != reads {
			t.Errorf("%s: the auditor reads everything and changes nothing", row.permission)
		}
		for _, role := range row.holders {
			if !slices.Contains(roles, role) {
				t.Errorf("%s: %q is no role", row.permission, role)
			}
		}
	}
}

func TestUnknownsGrantNothing(t *testing.T) {
	if Role("root").May(ClientsRead) || Role("").May(ClientsRead) || Admin.May("clients.sell") || len(Holders("")) != 0 {
		t.Error("an unknown role or permission grants something")
	}
}

func TestListsAreCopies(t *testing.T) {
	Roles()[0], Holders(UsersManage)[0] = Teller, Teller
	if Roles()[0] != Admin || Teller.May(UsersManage) {
		t.Error("a caller can change the table")
	}
}

func TestParseRole(t *testing.T) {
	for _, role := range Roles() {
		if got, err := ParseRole(string(role)); err != nil || got != role {
			t.Errorf("ParseRole(%q) = %q, %v", role, got, err)
		}
	}
	for _, name := range []string{"", "Admin", " admin", "root"} {
		if _, err := ParseRole(name); err == nil || !strings.Contains(err.Error(), "admin, officer, teller, accountant, auditor") {
			t.Errorf("ParseRole(%q): %v", name, err)
		}
	}
}
