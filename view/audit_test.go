package view_test

import (
	"slices"
	"testing"
	"time"

	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// TestAuditOfAClient: a client's part of the audit is what the whole audit says about the
// client, page by page, including payments, which no index of clients has.
func TestAuditOfAClient(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		lent, _, _ := o.WorkedExample()
		o.Lend(o.Client(2).ID, 3_000_000)
		for i := range 3 {
			o.Pay(lent, 10_000+money.Amount(i), "")
		}
		v := view.Open(d, nil)
		by := system(o.Need)
		query := view.AuditQuery{To: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Paging: view.Paging{Limit: 1000}}
		whole, err := v.Audit(t.Context(), by, query)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(whole.Items, func(r view.AuditRow) bool { return r.ClientID != lent.ClientID })
		query.Client, query.Limit = lent.ClientID, 2
		var got []view.AuditRow
		for more := true; more; more = !query.After.IsZero() {
			page, err := v.Audit(t.Context(), by, query)
			if err != nil {
				t.Fatal(err)
			}
			got, query.After = append(got, page.Items...), page.Next
		}
		payments := 0
		for _, r := range got {
			if r.Action == "receive_payment" {
				payments++
			}
		}
		if !slices.Equal(got, want) || payments != 4 {
			t.Errorf("got %d rows with %d payments\n%+v\nwant the %d rows about the client with 4 payments\n%+v", len(got), payments, got, len(want), want)
		}
		if other, err := v.Audit(t.Context(), by, view.AuditQuery{Client: id.ID{1}, To: query.To, Paging: view.Paging{Limit: 5}}); err != nil || len(other.Items) > 0 {
			t.Errorf("got %+v %v for an unknown client, want nothing", other, err)
		}
	})
}
