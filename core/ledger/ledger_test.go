package ledger

import "testing"

func TestCheck(t *testing.T) {
	good := Entry{Postings: []Posting{{Account: "1301", Debit: 100}, {Account: "1102", Credit: 60}, {Account: "1101", Credit: 40}}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	bad := map[string][]Posting{
		"empty":      nil,
		"one":        {{Account: "1301", Debit: 100}},
		"unbalanced": {{Account: "1301", Debit: 100}, {Account: "1102", Credit: 99}},
		"both sides": {{Account: "1301", Debit: 100, Credit: 100}, {Account: "1102", Debit: 1, Credit: 1}},
		"negative":   {{Account: "1301", Debit: -100}, {Account: "1102", Credit: -100}},
		"zero":       {{Account: "1301"}, {Account: "1102"}},
	}
	for name, postings := range bad {
		if err := (Entry{Postings: postings}).Check(); err == nil {
			t.Errorf("%s was accepted, want an error", name)
		}
	}
}
