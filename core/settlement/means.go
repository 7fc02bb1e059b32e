// Package settlement has the ways in which money comes in and goes out: payment methods, the
// tills and vaults of the branches, and the institution's bank accounts. All lines of business
// use it.
package settlement

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/wire"
)

// Method is the way in which money is paid or received.
type Method string

// The methods.
const (
	Cash             Method = "cash"              // notes and coins, at a till
	Transfer         Method = "transfer"          // to or from a bank account
	Cheque           Method = "cheque"            // received to be collected, or drawn on a bank account
	Card             Method = "card"              // the card processor pays later
	PayrollDeduction Method = "payroll_deduction" // the employer pays later
	Shop             Method = "shop"              // the shop that received the cash pays later
)

var (
	methods     = []Method{Cash, Transfer, Cheque, Card, PayrollDeduction, Shop}
	paidMethods = []Method{Cash, Transfer, Cheque}
	referenced  = []Method{Cheque, Card, Shop}
)

// The rows that every institution has. Lines of accounting.Cash and accounting.Bank that name
// no till or bank account, such as those of manual entries, belong to the main vault and the
// main account.
var (
	MainAccount = id.ID{6: 0x70, 8: 0x80, 15: 2}
	MainVault   = id.ID{6: 0x70, 8: 0x80, 15: 3}
)

// Means says how money came in or went out. The zero Means is a transfer on the main account.
type Means struct {
	Method    Method `json:"method,omitempty"`
	Reference string `json:"reference,omitempty"`   // number of the cheque, authorization of the card, tracking key
	TillID    id.ID  `json:"till,omitzero"`         // of cash
	AccountID id.ID  `json:"bank_account,omitzero"` // where the money is or will be; the main account if zero
	BranchID  id.ID  `json:"branch,omitzero"`       // where it happened; the head office if zero
}

// MaxReference is the maximum length of a reference, in characters.
const MaxReference = 64

// Normal returns the means with the method that the other fields imply.
func (m Means) Normal() Means {
	if m.Method == "" && m != (Means{}) {
		m.Method = Transfer
	}
	return m
}

// CheckReceived refuses means by which money cannot be received, and fields that do not belong
// to the method.
func (m Means) CheckReceived() error { return m.check(methods) }

// CheckPaid refuses means by which money cannot be paid out, and fields that do not belong to
// the method.
func (m Means) CheckPaid() error { return m.check(paidMethods) }

func (m Means) check(accepted []Method) error {
	if m == (Means{}) {
		return nil
	}
	m = m.Normal()
	var f fault.Flaws
	switch {
	case !slices.Contains(accepted, m.Method):
		f.Add(fault.At("method", fault.OneOf, "accepted", accepted))
	case m.Method == Cash && m.TillID.IsZero():
		f.Add(fault.At("till", TillNeeded))
	case m.Method != Cash && !m.TillID.IsZero():
		f.Add(fault.At("till", TillOfCash))
	case m.Method == Cash && !m.AccountID.IsZero():
		f.Add(fault.At("bank_account", AccountOfOthers))
	}
	if strings.TrimSpace(m.Reference) == "" && slices.Contains(referenced, m.Method) {
		f.Add(fault.At("reference", ReferenceNeeded, "method", m.Method))
	}
	if err := f.Err(); err != nil {
		return err
	}
	return CheckReference(m.Reference)
}

// CheckReference refuses a reference that is too long or has control characters.
func CheckReference(reference string) error {
	switch {
	case !printable(reference):
		return fault.Wrong(fault.At("reference", fault.Printable))
	case utf8.RuneCountInString(reference) > MaxReference:
		return fault.Wrong(fault.At("reference", fault.MaxLength, "most", MaxReference))
	}
	return nil
}

// printable reports whether a text is valid UTF-8 without control characters.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// CollectedMethods lists the methods whose money others owe until they pay it to the bank.
func CollectedMethods() []Method { return []Method{Cheque, Card, PayrollDeduction, Shop} }

// Collected reports whether the method is one of CollectedMethods.
func Collected(m Method) bool { return slices.Contains(CollectedMethods(), m) }

// Place is where the journal records the money: a control account, with the till or bank
// account as the subject of the line. The subject is zero for the main account.
type Place struct {
	Account ledger.Account `json:"account"`
	Subject id.ID          `json:"place"`
}

// Received returns the place of money received.
func (m Means) Received() Place {
	switch m.Method {
	case Cash:
		return CashAt(m.TillID)
	case Cheque:
		return Place{accounting.Cheques, m.named()}
	case Card:
		return Place{accounting.CardProcessors, m.named()}
	case PayrollDeduction:
		return Place{accounting.PayrollDeductors, m.named()}
	case Shop:
		return Place{accounting.Shops, m.named()}
	}
	return Place{accounting.Bank, m.named()}
}

// Paid returns the place of money paid out. A cheque of the institution is paid by its bank.
func (m Means) Paid() Place {
	if m.Method == Cash {
		return CashAt(m.TillID)
	}
	return Place{accounting.Bank, m.named()}
}

// named returns the bank account, zero if it is the main one.
func (m Means) named() id.ID {
	if m.AccountID == MainAccount {
		return id.ID{}
	}
	return m.AccountID
}

// CashAt returns the place of the cash in a till or vault.
func CashAt(tillID id.ID) Place { return Place{accounting.Cash, tillID} }

// AppendJSON adds the fields that are set, each after a comma.
func (m Means) AppendJSON(b []byte) []byte {
	if m == (Means{}) {
		return b
	}
	b = append(append(append(b, `,"method":"`...), m.Method...), '"')
	if m.Reference != "" {
		b = wire.Quote(append(b, `,"reference":`...), m.Reference)
	}
	b = appendID(b, `,"till":"`, m.TillID)
	b = appendID(b, `,"bank_account":"`, m.AccountID)
	return appendID(b, `,"branch":"`, m.BranchID)
}

func appendID(b []byte, name string, value id.ID) []byte {
	if value.IsZero() {
		return b
	}
	return append(value.Append(append(b, name...)), '"')
}
