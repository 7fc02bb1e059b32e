package servicing

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/wire"
)

// The kinds of transaction that are not operations.
const (
	Disbursement Kind = "disbursement"
	Reversal     Kind = "reversal"
	PastPayment  Kind = "past_payment" // of a payment that another system received: information
)

// TransactionStatus says whether a transaction is applied or reversed.
type TransactionStatus string

// The states of a transaction.
const (
	InForce  TransactionStatus = "APPLIED"
	Reversed TransactionStatus = "REVERSED"
)

// Transaction is a registered operation, as receipts and statements show it. Its JSON
// begins with the three fields of the seed's payment.
type Transaction struct {
	Amount           money.Amount      `json:"amount"` // received, recovered, disbursed or refunded; for a reversal, the reversed amount
	ID               id.ID             `json:"id"`
	At               time.Time         `json:"payment_date"` // time of registration
	Number           int               `json:"number"`       // within the loan; 0 is the disbursement or the import
	Kind             Kind              `json:"kind"`
	ValueDate        civil.Date        `json:"value_date"`     // date from which it is effective
	BusinessDate     civil.Date        `json:"business_date"`  // date of registration
	Folio            folio.Number      `json:"folio,omitzero"` // of the receipt; 0 for the automatic operations of a day
	Status           TransactionStatus `json:"status"`
	NewTerms         *NewTerms         `json:"new_terms,omitempty"` // for a restructuring
	Split            Split             `json:"split"`
	ReversedBy       id.ID             `json:"reversed_by,omitzero"`
	Reverses         id.ID             `json:"reverses,omitzero"` // for a reversal, the reversed transaction
	settlement.Means                   // how the money came in or went out

	KeepExcess bool   `json:"-"` // see Operation
	LoanID     id.ID  `json:"-"`
	ClientID   id.ID  `json:"-"`
	Actor      string `json:"-"`
	Entry      id.ID  `json:"-"` // journal entry; zero if nothing was posted
}

// Payments are the kinds of transaction that bring money from the client.
var Payments = []Kind{Ordinary, Prepayment, AdvancePayment, RecoveryKind}

// IsPayment reports whether the transaction brought money from the client.
func (m Transaction) IsPayment() bool { return slices.Contains(Payments, m.Kind) }

// Operation returns the transaction as an Operation. counts reports whether it is part
// of the loan's history: it is not reversed, and it is neither the disbursement nor a
// reversal.
func (m Transaction) Operation() (o Operation, counts bool) {
	o = Operation{Number: m.Number, Kind: m.Kind, ValueDate: m.ValueDate, Amount: m.Amount, NewTerms: m.NewTerms, KeepExcess: m.KeepExcess, Means: m.Means}
	if m.Kind == ImportKind {
		o.Brought = m.Split.Amounts()
	}
	return o, m.Kind != Disbursement && m.Kind != Reversal && m.ReversedBy.IsZero()
}

// AppendJSON adds the transaction as JSON.
func (m Transaction) AppendJSON(b []byte) []byte {
	var terms string
	if m.NewTerms != nil {
		text, err := json.Marshal(m.NewTerms)
		if err != nil {
			panic(err) // terms have only strings, numbers and dates
		}
		terms = string(text)
	}
	return m.AppendStored(b, terms, string(m.Split.AppendJSON(make([]byte, 0, 256))))
}

// AppendStored is AppendJSON for a transaction read from storage: newTerms and split
// are already JSON, as AppendJSON writes it. newTerms is empty if there are none.
func (m Transaction) AppendStored(b []byte, newTerms, split string) []byte {
	b = m.Amount.Append(append(b, `{"amount":`...))
	b = m.ID.Append(append(b, `,"id":"`...))
	b = wire.Time(append(b, `","payment_date":`...), m.At)
	b = strconv.AppendInt(append(b, `,"number":`...), int64(m.Number), 10)
	b = append(append(b, `,"kind":"`...), m.Kind...)
	b = append(append(b, `","value_date":"`...), m.ValueDate.String()...)
	b = append(append(append(b, `","business_date":"`...), m.BusinessDate.String()...), '"')
	if m.Folio != 0 {
		b = append(folio.Receipt.Append(append(b, `,"folio":"`...), m.Folio), '"')
	}
	b = append(append(b, `,"status":"`...), m.Status...)
	b = append(b, '"')
	if newTerms != "" {
		b = append(append(b, `,"new_terms":`...), newTerms...)
	}
	b = append(append(b, `,"split":`...), split...)
	if !m.ReversedBy.IsZero() {
		b = append(m.ReversedBy.Append(append(b, `,"reversed_by":"`...)), '"')
	}
	if !m.Reverses.IsZero() {
		b = append(m.Reverses.Append(append(b, `,"reverses":"`...)), '"')
	}
	return append(m.Means.AppendJSON(b), '}')
}

// MarshalJSON is AppendJSON.
func (m Transaction) MarshalJSON() ([]byte, error) { return m.AppendJSON(nil), nil }

// AppendJSON adds the totals by component, the lines, the balance and the status. The
// fields of the operation itself and the new schedule are not included.
func (s Split) AppendJSON(b []byte) []byte {
	b = append(b, `{"totals":`...)
	b = s.Amounts().appendJSON(b)
	b = append(b, `,"lines":[`...)
	for i, l := range s.Lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		if l.Instalment > 0 {
			b = append(strconv.AppendInt(append(b, `"instalment":`...), int64(l.Instalment), 10), ',')
		}
		b = append(append(b, `"component":"`...), l.Component...)
		b = append(l.Amount.Append(append(b, `","amount":`...)), '}')
	}
	b = append(b, ']')
	b = appendPart(b, `,"to_unapplied":`, s.ToUnapplied)
	b = appendPart(b, `,"from_unapplied":`, s.FromUnapplied)
	b = appendPart(b, `,"capitalised_interest":`, s.Capitalised)
	for i, before := range s.Before {
		b = append(append(b, []string{`,"before":[`, `,`}[min(i, 1)]...), `{"kind":"`...)
		b = append(append(append(b, before.Kind...), `","value_date":"`...), before.Date.String()...)
		b = append(append(b, `",`...), before.AppendJSON(nil)[1:]...)
	}
	if len(s.Before) > 0 {
		b = append(b, ']')
	}
	b = s.Balance.Append(append(b, `,"balance":`...))
	return append(append(append(b, `,"status":"`...), s.Status...), `"}`...)
}

func (a Amounts) appendJSON(b []byte) []byte {
	separator := byte('{')
	for _, c := range product.Components {
		if part := a.Of(c); part != 0 {
			b = append(append(append(b, separator, '"'), c...), `":`...)
			b, separator = part.Append(b), ','
		}
	}
	if separator == '{' {
		b = append(b, '{')
	}
	return append(b, '}')
}

// appendPart adds an amount with its name, unless it is 0.
func appendPart(b []byte, name string, amount money.Amount) []byte {
	if amount == 0 {
		return b
	}
	return amount.Append(append(b, name...))
}
