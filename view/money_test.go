package view

import (
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// moneyRow is a row of one kind with an amount of 1.00.
type moneyRow servicing.Kind

func (r moneyRow) Scan(dest ...any) error {
	*dest[0].(*civil.Date) = civil.Date{Year: 2026, Month: 11, Day: 30}
	*dest[2].(*servicing.Kind) = servicing.Kind(r)
	*dest[4].(*money.Amount) = 1_00
	return nil
}

// TestMoneyIsReceivedOrPaidOut: money that goes to a client is paid out, a refund of unapplied
// funds too.
func TestMoneyIsReceivedOrPaidOut(t *testing.T) {
	for kind, paid := range map[servicing.Kind]bool{
		servicing.Ordinary: false, servicing.Prepayment: false, servicing.AdvancePayment: false, servicing.RecoveryKind: false, servicing.Cancellation: false,
		servicing.Disbursement: true, servicing.RefundKind: true, servicing.Reversal: true,
	} {
		var m MoneyMoved
		if err := m.scan(moneyRow(kind)); err != nil || (m.Rows[0].Out == 1_00) != paid || m.Rows[0].In+m.Rows[0].Out != 1_00 {
			t.Errorf("%s: got %+v, %v, want 1.00 paid out: %t", kind, m.Rows, err, paid)
		}
	}
}
