package nouns_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"sofipo/core/access"
	"sofipo/core/nouns"
)

var update = flag.Bool("update", false, "write the page of permissions")

// pageOfPermissions is written from the declarations.
const pageOfPermissions = "../../docs/permissions.md"

// TestPermissionsPage: the page lists every permission with its titles and the built-in roles
// that have it.
func TestPermissionsPage(t *testing.T) {
	want := permissionsPage()
	if *update {
		if err := os.WriteFile(pageOfPermissions, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(pageOfPermissions)
	if err != nil || string(got) != want {
		t.Errorf("docs/permissions.md: got another page (%v), want the declared permissions: go test ./core/nouns -run PermissionsPage -update", err)
	}
	if rows := strings.Count(want, "\n| `"); rows != len(nouns.Permissions()) || rows < 40 {
		t.Errorf("got %d rows, want the %d permissions, at least 40", rows, len(nouns.Permissions()))
	}
}

func permissionsPage() string {
	var b strings.Builder
	b.WriteString("# Permissions of the built-in roles\n\n" +
		"Written by `go test ./core/nouns -run PermissionsPage -update`; do not edit. The institution may change these roles and make others: see\n" +
		"[staff.md](staff.md). `GET /api/v1/roles` has the roles in force. A permission marked *open* needs no token where\n" +
		"`SOFIPO_PUBLIC_READS` allows reading without one.\n\n")
	b.WriteString("| Permission | English | Spanish |")
	for _, r := range access.Roles() {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat(":-:|", len(access.Roles())) + "\n")
	for _, n := range nouns.All {
		for _, d := range n.Permissions {
			open := ""
			if d.Open {
				open = " *open*"
			}
			fmt.Fprintf(&b, "| `%s`%s | %s | %s |", d.Permission, open, d.Text.EN, d.Text.ES)
			for _, r := range access.Roles() {
				mark := ""
				if nouns.May(r, d.Permission) {
					mark = " ✓"
				}
				fmt.Fprintf(&b, "%s |", mark)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
