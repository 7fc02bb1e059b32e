package document

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/lending/entries"
	"sofipo/core/money"
	"sofipo/core/settlement/incoming"
	"sofipo/view"
)

func TestEntryKindsAreNamed(t *testing.T) {
	for _, kind := range slices.Concat(entries.Kinds, incoming.EntryKinds, []string{"manual"}) {
		if _, named := accounting.EntryKinds[accounting.EntryKind(kind)]; !named {
			t.Errorf("got no texts for the entry kind %s, want one", kind)
		}
	}
	if got := conceptOf("payment_received_reversed"); got != "Reverso: pago recibido" {
		t.Errorf("got %q, want %q", got, "Reverso: pago recibido")
	}
}

func TestLedgerTable(t *testing.T) {
	day := civil.Date{Year: 2026, Month: 2, Day: 15}
	first := view.LedgerPage{
		Account: "1102", Spanish: "Bancos", Nature: accounting.Debit, From: day, To: day,
		Opening: money.Amount(5000).Total(), Debits: money.Amount(1000).Total(), Closing: money.Amount(6000).Total(),
	}
	moment := time.Date(2026, 2, 15, 16, 0, 0, 0, time.UTC)
	f := Issuer{Location: time.UTC}.Ledger(first, func(view.Paging) (view.Page[view.LedgerLine], error) {
		return view.Page[view.LedgerLine]{Items: []view.LedgerLine{{Kind: "manual", Loan: "P-100-012", Date: day, PostedAt: moment, Debit: 1000, Balance: money.Amount(6000).Total()}}}, nil
	})
	var out bytes.Buffer
	if err := f.CSV(&out); err != nil {
		t.Fatal(err)
	}
	none := "00000000-0000-0000-0000-000000000000"
	want := strings.ReplaceAll(`fecha,fecha_registro,concepto,prestamo,cargo,abono,saldo,poliza,referencia
,,Saldo inicial,,,,50.00,,
2026-02-15,2026-02-15T16:00:00.000000+00:00,Póliza manual,P-100-012,10.00,0.00,60.00,`+none+","+none+`
,,Totales y saldo final,,10.00,0.00,60.00,,
`, "\n", "\r\n")
	if out.String() != want || f.Name != "auxiliar-1102-2026-02-15-2026-02-15" {
		t.Errorf("got %s: %s\nwant %s", f.Name, out.String(), want)
	}
}
