package document_test

import (
	"errors"
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/document"
	"sofipo/text"
	"sofipo/view"
)

// TestReceiptOfTheEndOfADay: a transaction that only has automatic operations has no receipt.
func TestReceiptOfTheEndOfADay(t *testing.T) {
	p, opened := product.Seed(), civil.On(2026, 1, 15)
	terms, err := p.Terms(money.Amount(1_000_00), 120_000, 3, opened, civil.Date{})
	if err != nil {
		t.Fatal(err)
	}
	contract, err := schedule.Build(terms)
	if err != nil {
		t.Fatal(err)
	}
	f := view.LoanFile{Product: p, Contract: contract, Transactions: []servicing.Transaction{
		{ID: id.ID{1}, Number: 1, Kind: servicing.Rolled, ValueDate: opened.AddDays(40), Split: servicing.Split{Kind: servicing.Rolled}},
		{ID: id.ID{2}, Number: 2, Kind: servicing.Ordinary, ValueDate: opened.AddDays(41), Amount: 1_00},
	}}
	i := document.Issuer{Location: time.UTC, Today: opened.AddDays(41)}
	_, err = i.Receipt(&f, id.ID{1})
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code != servicing.WrongState || text.Title(text.ES, refusal) != "Los movimientos de este tipo no tienen recibo: cierre del día" {
		t.Errorf("got %v, want %s: Los movimientos de este tipo no tienen recibo: cierre del día", err, servicing.WrongState)
	}
	if _, err := i.Receipt(&f, id.ID{2}); err != nil {
		t.Errorf("a payment: got %v, want a receipt", err)
	}
}
