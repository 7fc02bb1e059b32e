package schedule_test

import (
	"encoding/json"
	"os"
	"testing"

	"sofipo/core/lending/schedule"
	"sofipo/core/money"
)

// publishedTable is a published table, or figures from one. Omitted figures were not
// published. It has a tolerance if the source does not round, or if it puts the residue in
// another instalment.
type publishedTable struct {
	ID     string
	Terms  schedule.Terms
	Within money.Amount
	Level  *money.Amount
	Rows   []struct {
		Number                       int
		Interest, Principal, Balance *money.Amount
	}
	Last     *money.Amount // principal and interest of the last instalment
	Interest *money.Amount // of the instalments From to To, of all if they are 0
	From, To int
	IVA      *money.Amount
	CAT      string
}

func publishedTables(t *testing.T) (tables []publishedTable) {
	text, err := os.ReadFile("testdata/published.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &tables); err != nil {
		t.Fatal(err)
	}
	if len(tables) != 51 {
		t.Errorf("got %d tables, want 51", len(tables))
	}
	return tables
}

func TestPublishedTables(t *testing.T) {
	for _, p := range publishedTables(t) {
		t.Run(p.ID, p.check)
	}
}

func (p publishedTable) check(t *testing.T) {
	near := func(name string, number int, got money.Amount, want *money.Amount) {
		if want != nil && max(got-*want, *want-got) > p.Within {
			t.Errorf("%s %d: got %s, want %s", name, number, got, *want)
		}
	}
	s := must(t, p.Terms)
	if p.Level != nil && s.Level != *p.Level {
		t.Errorf("level payment: got %s, want %s", s.Level, *p.Level)
	}
	for _, want := range p.Rows {
		got := s.Rows[want.Number-1]
		near("interest", want.Number, got.Interest, want.Interest)
		near("principal", want.Number, got.Principal, want.Principal)
		near("balance", want.Number, got.Balance, want.Balance)
	}
	n := len(s.Rows)
	near("payment", n, s.Rows[n-1].Principal+s.Rows[n-1].Interest, p.Last)
	from, to := max(p.From, 1), n
	if p.To > 0 {
		to = p.To
	}
	var interest money.Amount
	for _, r := range s.Rows[from-1 : to] {
		interest += r.Interest
	}
	near("interest up to", to, interest, p.Interest)
	near("IVA up to", n, s.Totals.IVA, p.IVA)
	if p.CAT != "" && s.CAT.Percent() != p.CAT {
		t.Errorf("CAT: got %s, want %s", s.CAT.Percent(), p.CAT)
	}
}
