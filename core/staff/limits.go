package staff

import (
	"sofipo/core/access"
	"sofipo/core/lang"
	"sofipo/core/money"
)

// Operation is an operation whose amount is limited by role.
type Operation string

// The operations with a limit.
const (
	Approving     Operation = "approval"
	Disbursing    Operation = "disbursement"
	WritingOff    Operation = "write_off"
	EarlyWriteOff Operation = "early_write_off" // before the loan is overdue for the days that the institution requires
	Restructuring Operation = "restructure"
	Reversing     Operation = "reversal"
	BackDating    Operation = "back_dating"
	ActingAlone   Operation = "alone"
)

// Unlimited is the limit of a role without a maximum.
const Unlimited = money.Max

// Limits are the limits of a role, in pesos: the largest amount that each operation may reach.
// The amount of an approval, disbursement, write-off or restructuring is the exposure of the
// client, not the amount of one loan. 0 allows none.
type Limits struct {
	Approval       money.Amount `json:"approval"`
	Disbursement   money.Amount `json:"disbursement"`
	WriteOff       money.Amount `json:"write_off"`
	EarlyWriteOff  money.Amount `json:"early_write_off"` // only when approving the request of another person
	Restructure    money.Amount `json:"restructure"`
	Reversal       money.Amount `json:"reversal"`
	BackDating     money.Amount `json:"back_dating"`
	BackDatingDays int          `json:"back_dating_days"` // days between the value date and the business date
	Alone          money.Amount `json:"alone"`            // to grant in one step, to approve an own application, or to disburse an own approval
}

// Of returns the limit of an operation. It is 0 for an operation without one.
func (l Limits) Of(o Operation) money.Amount {
	switch o {
	case Approving:
		return l.Approval
	case Disbursing:
		return l.Disbursement
	case WritingOff:
		return l.WriteOff
	case EarlyWriteOff:
		return l.EarlyWriteOff
	case Restructuring:
		return l.Restructure
	case Reversing:
		return l.Reversal
	case BackDating:
		return l.BackDating
	case ActingAlone:
		return l.Alone
	}
	return 0
}

// Operations lists the operations with a limit.
func Operations() []Operation {
	return []Operation{Approving, Disbursing, WritingOff, EarlyWriteOff, Restructuring, Reversing, BackDating, ActingAlone}
}

// Allow reports whether an operation of an amount is within the limits. Only BackDating has
// days.
func (l Limits) Allow(o Operation, amount money.Amount, days int) bool {
	most := l.Of(o)
	return (most >= Unlimited || amount <= most) && (o != BackDating || most >= Unlimited || days <= l.BackDatingDays)
}

// NoLimits are the limits of a role that may do everything.
func NoLimits() Limits {
	return Limits{
		Approval: Unlimited, Disbursement: Unlimited, WriteOff: Unlimited, EarlyWriteOff: Unlimited, Restructure: Unlimited,
		Reversal: Unlimited, BackDating: Unlimited, BackDatingDays: 3650, Alone: Unlimited,
	}
}

// DefaultLimits are the limits of the built-in roles in a new institution. A role that is not
// listed has none of the operations.
var DefaultLimits = map[access.Role]Limits{
	access.Officer:    {Approval: 50_000_00, Disbursement: 100_000_00, Alone: 50_000_00},
	access.Teller:     {Disbursement: 100_000_00, BackDating: 50_000_00, BackDatingDays: 5},
	access.Accountant: {Reversal: 500_000_00, BackDating: 500_000_00, BackDatingDays: 31},
	access.Admin: {
		Approval: 1_000_000_00, Disbursement: 1_000_000_00, WriteOff: 100_000_00, Restructure: 500_000_00,
		Reversal: 500_000_00, BackDating: 500_000_00, BackDatingDays: 31, Alone: 100_000_00,
	},
	access.BranchManager: {
		Approval: 500_000_00, Disbursement: 500_000_00, WriteOff: 50_000_00, Restructure: 250_000_00,
		Reversal: 100_000_00, BackDating: 100_000_00, BackDatingDays: 15, Alone: 50_000_00,
	},
	access.Director: {
		Approval: 10_000_000_00, Disbursement: 10_000_000_00, WriteOff: 1_000_000_00, EarlyWriteOff: 1_000_000_00, Restructure: 10_000_000_00,
		Reversal: 10_000_000_00, BackDating: 10_000_000_00, BackDatingDays: 90, Alone: 100_000_00,
	},
}

// LimitTexts has the texts of the operations.
var LimitTexts = lang.Texts{
	Approving:     {EN: "approving loans", ES: "autorizar préstamos"},
	Disbursing:    {EN: "disbursing loans", ES: "entregar préstamos"},
	WritingOff:    {EN: "writing off loans", ES: "castigar préstamos"},
	EarlyWriteOff: {EN: "writing off loans early", ES: "castigar préstamos antes de tiempo"},
	Restructuring: {EN: "restructuring loans", ES: "reestructurar préstamos"},
	Reversing:     {EN: "reversing transactions", ES: "revertir movimientos"},
	BackDating:    {EN: "operations with a past value date", ES: "operaciones con fecha valor anterior"},
	ActingAlone:   {EN: "granting a loan without a second person", ES: "otorgar un préstamo sin una segunda persona"},
}
