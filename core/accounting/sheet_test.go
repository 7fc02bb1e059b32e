package accounting_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

// posting returns a posting with the subject of the booking; a negative amount is a credit.
func posting(account ledger.Account, amount money.Amount) ledger.Posting {
	return ledger.Posting{Account: account, Subject: booking.Subject, Debit: max(0, amount), Credit: max(0, -amount)}
}

// payment returns an entry made from a sheet.
func payment() ledger.Entry {
	s := booking.Sheet()
	s.Credit("1302", 625_00)
	s.Debit("1102", 2_000_00)
	s.Credit("1301", 1_799_33)
	s.Move("2401", "2402", 100_00)
	s.Debit("1102", 424_33)
	s.Move("1410", "2401", -100_00)
	s.Move("1351", "1352", 0)
	return booking.Entry("payment_received", s)
}

func TestSheet(t *testing.T) {
	want := ledger.Entry{
		ID: booking.ID, BusinessDate: booking.Day, PostedAt: booking.At, Kind: "payment_received", Reference: booking.Reference, Subject: booking.Subject,
		Postings: []ledger.Posting{
			posting("1102", 2_424_33), posting("2401", 200_00),
			posting("1301", -1_799_33), posting("1302", -625_00), posting("1410", -100_00), posting("2402", -100_00),
		},
	}
	if got := payment(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	s := booking.Sheet()
	s.Move("1302", "5101", 0)
	if got := booking.Entry("interest_accrued", s); !reflect.DeepEqual(got, ledger.Entry{}) {
		t.Errorf("no postings: got %+v, want the zero Entry", got)
	}
}

func TestMirror(t *testing.T) {
	e := payment()
	was := slices.Clone(e.Postings)
	at := booking.At.Add(time.Hour)
	m := accounting.Mirror(id.ID{10}, date("2026-02-16"), at, id.ID{4}, e)
	if m.ID != (id.ID{10}) || m.BusinessDate != date("2026-02-16") || !m.PostedAt.Equal(at) || m.Reference != (id.ID{4}) ||
		m.Reverses != e.ID || m.Kind != "payment_received_reversed" || len(m.Postings) != len(e.Postings) || m.Check() != nil {
		t.Errorf("got %+v, want the balanced mirror of %s: ID %v, on 2026-02-16, posted at %v, reference %v, kind payment_received_reversed", m, e.ID, id.ID{10}, at, id.ID{4})
	}
	for i, p := range m.Postings {
		if o := e.Postings[i]; p.Account != o.Account || p.Subject != o.Subject || p.Debit != o.Credit || p.Credit != o.Debit {
			t.Errorf("line %d: got %+v, want the opposite of %+v", i, p, o)
		}
	}
	if !slices.Equal(e.Postings, was) {
		t.Errorf("the entry was changed: got %+v, want %+v", e.Postings, was)
	}
	if none := accounting.Mirror(id.ID{10}, e.BusinessDate, at, id.ID{4}, ledger.Entry{}); !reflect.DeepEqual(none, ledger.Entry{}) {
		t.Errorf("got %+v, want the zero Entry", none)
	}
}
