package contract_test

import (
	"flag"
	"os"
	"testing"

	"sofipo/infra/db"
	"sofipo/test/contract"
	"sofipo/test/ground"
)

func TestSeedContract(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		contract.Replay(t, contract.Open(t, d, nil).Target)
	})
}

var update = flag.Bool("update", false, "write the page of differences")

const page = "../../docs/seed-differences.md"

// TestDifferencesAreDocumented compares the table of differences with its page.
func TestDifferencesAreDocumented(t *testing.T) {
	want := contract.Page(t)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("got docs/seed-differences.md unlike the table of test/contract/differences.go, want the same; run: go test ./test/contract -run Documented -update")
	}
}
