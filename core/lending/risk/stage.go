package risk

import (
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
)

// Payment names when a loan is paid back, on which the rule of vigente/vencida
// depends.
type Payment string

// The payment types.
const (
	SinglePayment   Payment = "single_payment"   // principal and interest at the end
	SinglePrincipal Payment = "single_principal" // interest periodically, principal at the end
	Periodic        Payment = "periodic"
	Revolving       Payment = "revolving"
	Overdraft       Payment = "overdraft" // of a demand account
)

var payments = [...]Payment{SinglePayment, SinglePrincipal, Periodic, Revolving, Overdraft}

// PaymentOf is the payment type of a method of repayment over the number of
// periods of the contract, or of the last restructure; not of what a prepayment
// left of them. A loan of one period is a single payment by any method. An
// unknown method gives "", which Classify refuses.
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

// Stage is how impaired a loan is, from 1 to 3; 0 is none.
type Stage int8

// The stages.
const (
	Stage1 Stage = 1
	Stage2 Stage = 2 // risk has increased
	Stage3 Stage = 3 // impaired: the old cartera vencida
)

// Valid tells whether s is one of the stages.
func (s Stage) Valid() bool { return s >= Stage1 && s <= Stage3 }

// Regime names a way of classifying.
type Regime string

// The regimes.
const (
	Stages         Regime = "stages"          // by NIF C-16
	VigenteVencida Regime = "vigente_vencida" // by criterion B-4
)

// Late is the days, on the day of classification, since the due date of the
// oldest instalment of which something is not paid; 0 if none is overdue.
type Late struct {
	Instalment int // anything but penalty interest: servicing.DaysPastDue
	Principal  int // principal
	Interest   int // interest or its IVA
}

// Loan is what the stage of a loan depends on.
type Loan struct {
	Payment     Payment // see PaymentOf
	Late        Late
	Restructure Restructure // the last one; zero if there was none
}

// Class is the stage of a loan on a day.
type Class struct {
	Regime  Regime
	Stage   Stage
	Overdue bool // vencida: in stage 3
	Held    bool // by its days it would be in a better stage, but it was restructured and lacks sustained payment
}

// Rule is one row of a regime: the stage of loans of a payment type with so many
// days late by one counter.
type Rule struct {
	Regime  Regime
	Payment Payment
	Counted Counter
	Days    Span
	Stage   Stage
	Basis
}

// Counter names a field of Late.
type Counter string

// The counters.
const (
	OfInstalment Counter = "instalment"
	OfPrincipal  Counter = "principal"
	OfInterest   Counter = "interest"
)

var counters = [...]Counter{OfInstalment, OfPrincipal, OfInterest}

func (b *book) addRule(l *line) {
	r := Rule{Regime: Regime(l.text())}
	kinds, counted := among(l, payments[:]), among(l, counters[:])
	r.Days, r.Stage = l.span(), Stage(min(l.number(), 9))
	r.Basis = l.basis()
	if !r.Stage.Valid() || r.Regime != Stages && r.Regime != VigenteVencida {
		l.fail(fmt.Errorf("no stage %d of %q", r.Stage, r.Regime))
	}
	for _, p := range kinds {
		for _, c := range counted {
			r.Payment, r.Counted = payments[p], counters[c]
			b.stages[p][c] = b.stages[p][c].with(r.Basis, r.Days, r)
		}
	}
}

// Classify gives the stage of a loan on a day, by the regime in force. It returns
// ErrDate, ErrPayment, or ErrStage for a restructure from an unknown stage.
// Negative days late are 0.
func Classify(on civil.Date, l Loan) (c Class, err error) {
	kind := l.Payment.index()
	if kind < 0 {
		return Class{}, ErrPayment
	}
	if l.Restructure.Stage != 0 && !l.Restructure.Stage.Valid() {
		return Class{}, ErrStage
	}
	all := rules()
	for counter, days := range [len(counters)]int{l.Late.Instalment, l.Late.Principal, l.Late.Interest} {
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

// Accrues tells whether the interest of loans in the stage is accrued to income;
// in stage 3 it is kept in memorandum accounts until it is collected
// (docs/rules/stages.md#suspended-interest).
func Accrues(s Stage) bool { return s != Stage3 }
