package risk

import (
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
)

// Payment says when a loan is paid back. The regime vigente/vencida depends on it.
type Payment string

// The payment types.
const (
	SinglePayment   Payment = "single_payment"   // principal and interest at the end
	SinglePrincipal Payment = "single_principal" // interest periodically, principal at the end
	Periodic        Payment = "periodic"
	Revolving       Payment = "revolving"
	Overdraft       Payment = "overdraft" // of a current account
)

var payments = [...]Payment{SinglePayment, SinglePrincipal, Periodic, Revolving, Overdraft}

// PaymentOf returns the payment type for a repayment method and the number of periods
// of the contract or of the last restructuring; periods that a prepayment removed count.
// A loan of one period is a single payment with any method. An unknown method gives "",
// which Classify refuses.
func PaymentOf(m schedule.Method, periods int) (p Payment) {
	switch m {
	case schedule.Level, schedule.LevelWithIVA, schedule.EqualPrincipal:
		p = Periodic
	case schedule.Bullet:
		p = SinglePrincipal
	case schedule.Single:
		p = SinglePayment
	}
	if p != "" && periods == 1 {
		return SinglePayment
	}
	return p
}

func (p Payment) index() int {
	for i := range payments {
		if payments[i] == p {
			return i
		}
	}
	return -1
}

// Stage is the impairment stage of a loan, 1 to 3; 0 is no stage.
type Stage int8

// The stages.
const (
	Stage1 Stage = 1
	Stage2 Stage = 2 // increased risk
	Stage3 Stage = 3 // impaired; cartera vencida before 2025
)

// Valid reports whether s is one of the stages.
func (s Stage) Valid() bool { return s >= Stage1 && s <= Stage3 }

// Regime is a set of classification rules.
type Regime string

// The regimes.
const (
	Stages         Regime = "stages"          // NIF C-16
	VigenteVencida Regime = "vigente_vencida" // criterion B-4
)

// DaysPastDue has the days past due of a loan on the day of classification: the days since the
// due date of the oldest instalment with an unpaid amount; 0 if nothing is overdue.
type DaysPastDue struct {
	Instalment int // any amount except penalty interest: servicing.DaysPastDue
	Principal  int // unpaid principal
	Interest   int // unpaid interest or its IVA
}

// Loan has the data from which Classify determines the stage of a loan.
type Loan struct {
	Payment     Payment // see PaymentOf
	DaysPastDue DaysPastDue
	Restructure Restructure // the last restructuring; zero if there was none
}

// Class is the result of Classify: the stage of a loan on a day.
type Class struct {
	Regime  Regime
	Stage   Stage
	Overdue bool // vencida: stage 3
	Held    bool // kept in a worse stage than its days give: restructured without sustained payment
}

// Rule is one row of a regime: the stage of loans of a payment type by the days past
// due of one counter.
type Rule struct {
	Regime  Regime
	Payment Payment
	Counted Counter
	Days    Span
	Stage   Stage
	Basis
}

// Counter says which days past due a rule counts. Each is a field of DaysPastDue.
type Counter string

// The counters.
const (
	OfInstalment Counter = "instalment"
	OfPrincipal  Counter = "principal"
	OfInterest   Counter = "interest"
)

var counters = [...]Counter{OfInstalment, OfPrincipal, OfInterest}

func (b *ruleSet) addRule(l *line) {
	r := Rule{Regime: Regime(l.text())}
	kinds, counted := among(l, payments[:]), among(l, counters[:])
	r.Days, r.Stage = l.span(), Stage(min(l.number(), 9))
	r.Basis = l.basis()
	if !r.Stage.Valid() || r.Regime != Stages && r.Regime != VigenteVencida {
		l.fail(fmt.Errorf("stage %d of regime %q: must be 1, 2 or 3 of stages or vigente_vencida", r.Stage, r.Regime))
	}
	for _, p := range kinds {
		for _, c := range counted {
			r.Payment, r.Counted = payments[p], counters[c]
			b.stages[p][c] = b.stages[p][c].with(r.Basis, r.Days, r)
		}
	}
}

// Classify returns the stage of a loan on a day, by the regime in force. The error is
// ErrDate, ErrPayment, or ErrStage for a restructuring from an unknown stage. Negative
// days count as 0. Source: docs/rules/stages.md.
func Classify(on civil.Date, l Loan) (c Class, err error) {
	kind := l.Payment.index()
	if kind < 0 {
		return Class{}, ErrPayment
	}
	if l.Restructure.Stage != 0 && !l.Restructure.Stage.Valid() {
		return Class{}, ErrStage
	}
	all := rules()
	for counter, days := range [len(counters)]int{l.DaysPastDue.Instalment, l.DaysPastDue.Principal, l.DaysPastDue.Interest} {
		if t := all.stages[kind][counter].on(on); t != nil {
			if r := t.at(days); r.Stage > c.Stage {
				c.Regime, c.Stage = r.Regime, r.Stage
			}
		}
	}
	if c.Stage == 0 {
		return Class{}, ErrDate
	}
	if l.Restructure.Stage > c.Stage && !sustained(all.sustained[kind], on, l.Restructure) {
		c.Stage, c.Held = l.Restructure.Stage, true
	}
	c.Overdue = c.Stage == Stage3
	return c, nil
}

// Accrues reports whether the interest of loans in the stage is accrued to income. In
// stage 3 it is kept in memorandum accounts until it is collected
// (docs/rules/stages.md#suspended-interest).
func Accrues(s Stage) bool { return s != Stage3 }
