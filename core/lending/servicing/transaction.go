package servicing

import (
	"encoding/json"
	"strconv"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	"sofipo/core/wire"
)

// The transactions that are no operations: how a loan begins, and how an operation
// is taken back.
const (
	Disbursement Kind = "disbursement"
	Reversal     Kind = "reversal"
)

// TransactionStatus tells whether a transaction still counts.
type TransactionStatus string

// The states of a transaction.
const (
	InForce  TransactionStatus = "APPLIED"
	Reversed TransactionStatus = "REVERSED"
)

// Transaction is an operation as it was registered: what a receipt shows. As JSON it
// begins with the three fields of the seed's payment.
type Transaction struct {
	Amount       money.Amount      `json:"amount"` // received, recovered or disbursed; of a reversal, what is taken back
	ID           id.ID             `json:"id"`
	At           time.Time         `json:"payment_date"` // when it was registered
	Number       int               `json:"number"`       // in the loan, from 0, which is the disbursement
	Kind         Kind              `json:"kind"`
	ValueDate    civil.Date        `json:"value_date"`    // the day for which it counts
	BusinessDate civil.Date        `json:"business_date"` // on which it was registered
	Status       TransactionStatus `json:"status"`
	NewTerms     *NewTerms         `json:"new_terms,omitempty"` // of a restructure
	Split        Split             `json:"split"`
	ReversedBy   id.ID             `json:"reversed_by,omitzero"`
	Reverses     id.ID             `json:"reverses,omitzero"` // of a reversal, what it took back

	LoanID   id.ID  `json:"-"`
	ClientID id.ID  `json:"-"`
	Actor    string `json:"-"`
	Entry    id.ID  `json:"-"` // in the books; zero if nothing was to post
}

// Payments are the kinds of transaction that bring money from the client.
var Payments = []Kind{Ordinary, Prepayment, AdvancePayment, RecoveryKind}

// Operation is the transaction as the engine knows it, and whether it is one that
// the loan's state comes from: it was not taken back, and is neither the
// disbursement nor a reversal.
func (m Transaction) Operation() (o Operation, counts bool) {
	o = Operation{Number: m.Number, Kind: m.Kind, ValueDate: m.ValueDate, Amount: m.Amount, NewTerms: m.NewTerms}
	return o, m.Kind != Disbursement && m.Kind != Reversal && m.ReversedBy.IsZero()
}

// AppendJSON adds the transaction as JSON.
func (m Transaction) AppendJSON(b []byte) []byte {
	var terms string
	if m.NewTerms != nil {
		text, err := json.Marshal(m.NewTerms)
		if err != nil {
			panic(err) // terms are texts, numbers and dates
		}
		terms = string(text)
	}
	return m.AppendStored(b, terms, string(m.Split.AppendJSON(make([]byte, 0, 256))))
}

// AppendStored is AppendJSON of a transaction whose new terms, empty if it has none,
// and split are still the texts that AppendJSON writes of them.
func (m Transaction) AppendStored(b []byte, newTerms, split string) []byte {
	b = m.Amount.Append(append(b, `{"amount":`...))
	b = m.ID.Append(append(b, `,"id":"`...))
	b = wire.Time(append(b, `","payment_date":`...), m.At)
	b = strconv.AppendInt(append(b, `,"number":`...), int64(m.Number), 10)
	b = append(append(b, `,"kind":"`...), m.Kind...)
	b = append(append(b, `","value_date":"`...), m.ValueDate.String()...)
	b = append(append(b, `","business_date":"`...), m.BusinessDate.String()...)
	b = append(append(b, `","status":"`...), m.Status...)
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
	return append(b, '}')
}

// MarshalJSON is AppendJSON.
func (m Transaction) MarshalJSON() ([]byte, error) { return m.AppendJSON(nil), nil }

// AppendJSON adds what the split tells besides the operation itself: the totals
// by component, the lines and what they left. The schedule that it made is not
// in it: the loan's versions have that.
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
