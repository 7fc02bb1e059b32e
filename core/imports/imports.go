// Package imports has the rules for data from other systems: the fields of a file of clients,
// loans, payments or opening balances and the names of its columns, the forms of their values,
// what is imported although it is incomplete, and the differences that the other system left. It
// reads no file and no database.
package imports

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Kind is what the rows of an import are.
type Kind string

// The kinds.
const (
	Clients  Kind = "clients"
	Loans    Kind = "loans"
	Payments Kind = "payments"
	Balances Kind = "balances"
)

// Kinds lists the kinds in the order in which they are imported.
var Kinds = []Kind{Clients, Loans, Payments, Balances}

// Status is the state of an import.
type Status string

// The states. An import that stopped stays open, and is continued by starting it again.
const (
	Open Status = "OPEN"
	Done Status = "DONE"
)

// Import is an import of the rows of one source.
type Import struct {
	ID     id.ID  `json:"id"`
	Kind   Kind   `json:"kind"`
	Source string `json:"source"` // name of the file, or of the database
	Status Status `json:"status"`
	Chunks int64  `json:"chunks"` // rows that were read from a source that does not change
	Tally
	StartedBy string    `json:"started_by"`
	StartedAt time.Time `json:"started_at"`
	ChangedAt time.Time `json:"changed_at"`
}

// Tally counts the rows of an import or of a part of it.
type Tally struct {
	Taken      int64        `json:"taken"`      // stored, complete or not
	Known      int64        `json:"known"`      // stored before
	Incomplete int64        `json:"incomplete"` // taken, and something must be completed
	Rejected   int64        `json:"rejected"`
	Amount     money.Amount `json:"amount"` // of the taken rows: principals, payments, or debits
}

// Plus adds two tallies.
func (t Tally) Plus(u Tally) Tally {
	return Tally{t.Taken + u.Taken, t.Known + u.Known, t.Incomplete + u.Incomplete, t.Rejected + u.Rejected, t.Amount + u.Amount}
}

// Outcome is what became of a row with a finding.
type Outcome string

// The outcomes.
const (
	Rejected   Outcome = "REJECTED"   // the row was not taken
	Incomplete Outcome = "INCOMPLETE" // the row was taken, and a field must be completed or was changed
)

// Finding is what is wrong with a field of a row.
type Finding struct {
	ImportID id.ID      `json:"-"`
	Line     int64      `json:"line"` // of the file; the position of the row in a database
	Field    Field      `json:"field"`
	Rule     fault.Rule `json:"rule"`
	Outcome  Outcome    `json:"outcome"`
	Row      id.ID      `json:"row,omitzero"`    // the id that the row has, or would have; zero if it is not known
	Client   id.ID      `json:"client,omitzero"` // whose row it is
	Value    string     `json:"value,omitempty"` // in the source
	Limits   string     `json:"-"`               // values of the rule, a line of name=value for each
}

// Flaw returns the finding as the flaw of its field.
func (f Finding) Flaw() fault.Flaw {
	var values []any
	for _, pair := range strings.Split(f.Limits, "\n") {
		name, value, is := strings.Cut(pair, "=")
		if n, err := strconv.Atoi(value); err == nil {
			values = append(values, name, n)
		} else if is {
			values = append(values, name, value)
		}
	}
	return fault.At(string(f.Field), f.Rule, values...)
}

// FindingOf returns the finding of a flaw.
func FindingOf(line int64, row id.ID, flaw fault.Flaw, outcome Outcome) Finding {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(flaw.Values)) {
		pairs = append(pairs, fmt.Sprintf("%s=%v", name, flaw.Values[name]))
	}
	return Finding{Line: line, Row: row, Field: Field(flaw.Name()), Rule: flaw.Rule, Outcome: outcome, Limits: strings.Join(pairs, "\n")}
}

// Clip returns a text that can be stored with a finding: valid UTF-8 without NUL, at most MaxText
// characters.
func Clip(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
	if runes := []rune(text); len(runes) > MaxText {
		text = string(runes[:MaxText-1]) + "…"
	}
	return text
}

// Client is a row of a client.
type Client struct {
	Line     int64
	ID       id.ID
	FullName string
	Email    string
	RFC      string
	Since    time.Time // zero: the moment of the import
}

// Loan is a row of a loan.
type Loan struct {
	Line      int64
	ID        id.ID
	ClientID  id.ID
	ClientRFC string // finds the client if ClientID is zero
	Product   string // the product of the import if empty
	Number    string // in the other system
	Amount    money.Amount
	Rate      rate.Annual
	Term      int64 // in months
	Periods   int64 // remaining; computed from the term if 0
	Status    string
	GrantedAt time.Time
	Balance   money.Amount // outstanding principal; may be negative in the source
	NextDue   civil.Date   // computed if zero
	Owed
}

// Owed is what a loan owes, due and unpaid.
type Owed struct {
	DaysPastDue      int64
	OverduePrincipal money.Amount
	Interest, IVA    money.Amount
	PenaltyInterest  money.Amount
}

// Payment is a row of a payment that the other system received.
type Payment struct {
	Line      int64
	ID        id.ID
	LoanID    id.ID
	Amount    money.Amount
	PaidAt    time.Time
	Reference string
}

// Balance is a row of an opening balance of an account.
type Balance struct {
	Line          int64
	Account       ledger.Account
	Debit, Credit money.Amount
	Natural       money.Amount // balance on the side of the account's nature, if neither of the others is stated
}

// IDOf returns the id of a row that the other system numbers. A UUID stays as it is. The same
// number always gives the same id.
func IDOf(kind Kind, number string) id.ID {
	if x, err := id.Parse(number); err == nil {
		return x
	}
	return hashed(string(kind), number)
}

// SourceID returns the id of an import: the same content with the same settings is the same import.
func SourceID(kind Kind, content string, settings ...string) id.ID {
	return hashed(append([]string{"import", string(kind), content}, settings...)...)
}

// RepeatedID returns the id of a payment without a number: the count tells equal payments of the
// same loan and moment apart.
func RepeatedID(p Payment, count int) id.ID {
	return hashed("payment", p.LoanID.String(), p.PaidAt.UTC().Format(time.RFC3339Nano), p.Amount.String(), p.Reference, strconv.Itoa(count))
}

// hashed returns a version 8 UUID of texts.
func hashed(parts ...string) (x id.ID) {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	copy(x[:], h.Sum(nil))
	x[6], x[8] = 0x80|x[6]&0x0f, 0x80|x[8]&0x3f
	return x
}
