package api

import (
	"slices"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement"
)

// MeansReceived says how money is received.
type MeansReceived struct {
	Method settlement.Method `json:"method,omitempty" enum:"cash,transfer,cheque,card,payroll_deduction,shop" doc:"How the money is received. Default: transfer." example:"transfer"`
	MeansPlace
}

// MeansPaid says how money is paid out.
type MeansPaid struct {
	Method settlement.Method `json:"method,omitempty" enum:"cash,transfer,cheque" doc:"How the money is paid out. Default: transfer." example:"transfer"`
	MeansPlace
}

// MeansPlace says where money is received or paid out.
type MeansPlace struct {
	Reference   string `json:"reference,omitempty" maxLength:"64" doc:"Number of the cheque, authorization of the card, folio of the shop or tracking key of the transfer. Required for cheques, cards and shops." example:"MX2026090800123"`
	Till        id.ID  `json:"till,omitzero" doc:"Till that is open for the user. Required for cash; not accepted otherwise."`
	BankAccount id.ID  `json:"bank_account,omitzero" doc:"Bank account of the institution. Defaults to the main account. Not accepted for cash."`
}

func (m MeansReceived) means() settlement.Means { return m.MeansPlace.means(m.Method) }

func (m MeansPaid) means() settlement.Means { return m.MeansPlace.means(m.Method) }

func (m MeansPlace) means(method settlement.Method) settlement.Means {
	return settlement.Means{Method: method, Reference: m.Reference, TillID: m.Till, AccountID: m.BankAccount}
}

// The refusals of the means of money that is received or paid out.
var (
	refusedReceived = []fault.Code{settlement.TillNotFound, settlement.TillRetired, settlement.AccountNotFound, settlement.TillClosed, settlement.TillOfAnother, settlement.TillLeftOpen, settlement.AccountClosed}
	refusedPaid     = slices.Concat(refusedReceived, []fault.Code{settlement.NotEnoughCash, settlement.NotEnoughMoney})
)
