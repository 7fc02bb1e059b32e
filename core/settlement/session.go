package settlement

import (
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/wire"
)

// Session is the use of a till by one teller, from its opening to its close.
type Session struct {
	ID           id.ID        `json:"id"`
	TillID       id.ID        `json:"till"`
	BranchID     id.ID        `json:"branch"`
	Teller       string       `json:"teller"`
	BusinessDate civil.Date   `json:"business_date"`
	OpenedAt     time.Time    `json:"opened_at"`
	Opening      money.Amount `json:"opening"` // cash taken from the vault
	ClosedAt     time.Time    `json:"closed_at,omitzero"`
	ClosedOn     civil.Date   `json:"closed_on,omitzero"` // business date; zero while it is open
	ClosedBy     string       `json:"closed_by,omitempty"`
	Expected     money.Amount `json:"expected"` // according to the books when it was closed
	Counted      money.Amount `json:"counted"`  // cash that was there
}

// AppendJSON adds the session as JSON.
func (s Session) AppendJSON(b []byte) []byte { return wire.JSON(b, s) }

// MoveKind is the reason why cash of a till moved other than by a transaction.
type MoveKind string

// The kinds.
const (
	Opening   MoveKind = "opening"  // from the vault, at the opening
	CashIn    MoveKind = "cash_in"  // received for another reason than a loan
	CashOut   MoveKind = "cash_out" // paid for another reason than a loan
	FromVault MoveKind = "from_vault"
	ToVault   MoveKind = "to_vault"
	Overage   MoveKind = "overage"  // found above the books at the close
	Shortage  MoveKind = "shortage" // missing at the close
	Closing   MoveKind = "closing"  // to the vault, at the close
)

// Adds reports whether the cash move adds cash to the till.
func (k MoveKind) Adds() bool {
	return k == Opening || k == CashIn || k == FromVault || k == Overage
}

// CashMove is cash of a till that moved other than by a transaction of a loan.
type CashMove struct {
	ID        id.ID        `json:"id"`
	TillID    id.ID        `json:"till"`
	SessionID id.ID        `json:"session"`
	Kind      MoveKind     `json:"kind"`
	Amount    money.Amount `json:"amount"`
	Reason    string       `json:"reason"`
	At        time.Time    `json:"at"`
	Actor     string       `json:"actor"`
	Entry     id.ID        `json:"entry_id"`
}

// AppendJSON adds the cash move as JSON.
func (m CashMove) AppendJSON(b []byte) []byte { return wire.JSON(b, m) }

// Count is a count of the cash in a till.
type Count struct {
	ID        id.ID        `json:"id"`
	SessionID id.ID        `json:"session"`
	Expected  money.Amount `json:"expected"` // according to the books
	Counted   money.Amount `json:"counted"`
	Sheet     Sheet        `json:"sheet"`
	At        time.Time    `json:"at"`
	Actor     string       `json:"actor"`
}

// AppendJSON adds the count as JSON.
func (c Count) AppendJSON(b []byte) []byte { return wire.JSON(b, c) }

// AppendJSON adds the till as JSON.
func (t Till) AppendJSON(b []byte) []byte { return wire.JSON(b, t) }

// AppendJSON adds the account as JSON.
func (a Account) AppendJSON(b []byte) []byte { return wire.JSON(b, a) }

// MaxReason is the maximum length of a reason, in characters.
const MaxReason = 200

// CheckReason refuses a reason that is empty, too long or has control characters.
func CheckReason(reason string) error { return CheckText("reason", reason, MaxReason) }

// CheckText refuses a text that is empty, longer than most characters, or has control
// characters.
func CheckText(field, text string, most int) error {
	switch {
	case !printable(text):
		return fault.Wrong(fault.At(field, fault.Printable))
	case strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > most:
		return fault.Wrong(fault.At(field, fault.Length, "least", 1, "most", most))
	}
	return nil
}

// CheckAmount refuses an amount that is not above 0 or exceeds money.Max.
func CheckAmount(amount money.Amount) error {
	if amount <= 0 || amount > money.Max {
		return fault.Wrong(fault.At("amount", fault.Between, "least", money.Amount(1), "most", money.Max))
	}
	return nil
}
