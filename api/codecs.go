package api

import (
	"encoding/json"

	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/wire"
	"sofipo/view"
)

// Codecs of cached responses. The cache stores the bytes that the API sends.
var (
	clientCodec    = codecOf[client.Client]()
	loanCodec      = codecOf[loan.Loan]()
	loansCodec     = listCodec[loan.Loan]()
	productsCodec  = listCodec[product.Product]()
	statementCodec = &view.Codec[view.Statement]{Append: appendStatement, Parse: parseStatement}
)

// codecOf returns the codec of a value that appends its own JSON.
func codecOf[T jsonAppender]() *view.Codec[T] {
	return &view.Codec[T]{Append: appendOne[T], Parse: parseJSON[T]}
}

// listCodec returns the codec of a list of such values.
func listCodec[T jsonAppender]() *view.Codec[[]T] {
	return &view.Codec[[]T]{Append: appendAll[T], Parse: parseJSON[[]T]}
}

func appendOne[T jsonAppender](b []byte, value T) []byte { return value.AppendJSON(b) }

func appendAll[T jsonAppender](b []byte, all []T) []byte { return appendList(b, all, appendOne[T]) }

// appendList appends a JSON array. The function appends one element.
func appendList[T any](b []byte, all []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, value := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, value)
	}
	return append(b, ']')
}

func parseJSON[T any](body []byte) (value T, err error) {
	err = json.Unmarshal(body, &value)
	return value, err
}

// appendTransaction appends a transaction. Its new terms and its split are stored as JSON.
func appendTransaction(b []byte, m view.StoredTransaction) []byte {
	return m.Transaction.AppendStored(b, m.NewTerms, m.Split)
}

func appendStatement(b []byte, s view.Statement) []byte {
	b = s.ClientID.Append(append(b, `{"client_id":"`...))
	b = wire.Quote(append(b, `","full_name":`...), s.FullName)
	b = wire.Quote(append(b, `,"email":`...), s.Email)
	b = wire.Quote(append(b, `,"rfc":`...), s.RFC)
	b = appendAll(append(b, `,"active_loans":`...), s.ActiveLoans)
	b = appendList(append(b, `,"payment_history":`...), s.PaymentHistory, appendTransaction)
	return append(b, '}')
}

func parseStatement(body []byte) (view.Statement, error) {
	var s struct {
		ClientID       id.ID       `json:"client_id"`
		FullName       string      `json:"full_name"`
		Email          string      `json:"email"`
		RFC            string      `json:"rfc"`
		ActiveLoans    []loan.Loan `json:"active_loans"`
		PaymentHistory []struct {
			servicing.Transaction
			NewTerms json.RawMessage `json:"new_terms"`
			Split    json.RawMessage `json:"split"`
		} `json:"payment_history"`
	}
	err := json.Unmarshal(body, &s)
	out := view.Statement{ClientID: s.ClientID, FullName: s.FullName, Email: s.Email, RFC: s.RFC, ActiveLoans: s.ActiveLoans}
	for _, m := range s.PaymentHistory {
		out.PaymentHistory = append(out.PaymentHistory, view.StoredTransaction{Transaction: m.Transaction, NewTerms: string(m.NewTerms), Split: string(m.Split)})
	}
	return out, err
}

// cachedBody returns the body of a cached response.
func cachedBody[T any](a view.Answer[T], err error) ([]byte, id.ID, error) {
	if err != nil {
		return nil, id.ID{}, err
	}
	return a.Bytes(), id.ID{}, nil
}

// bodyOf returns the body of a value that appends its own JSON.
func bodyOf[T jsonAppender](value T, err error) ([]byte, id.ID, error) {
	return value.AppendJSON(nil), id.ID{}, err
}

// pageBody returns the body of a page, and the id of its last element if there is a next
// page.
func pageBody[T jsonAppender](p view.Page[T], err error) ([]byte, id.ID, error) {
	return appendAll(nil, p.Items), p.Next, err
}
