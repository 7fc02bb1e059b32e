package imports

import (
	"slices"
	"strconv"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/names"
)

// Opening is how a loan of another system goes on from the day of its import.
type Opening struct {
	Status    loan.Status  // loan.Active or loan.PaidOff
	Principal money.Amount // 0 if it is paid off
	Periods   int
	FirstDue  civil.Date // one period after the import if zero
	Findings  []Finding  // with field, rule and value
	Flaw      fault.Flaw // why the loan is not taken; its rule is empty if it is
}

// maxMonths is the longest term of a schedule.
const maxMonths = 12 * schedule.MaxYears

// The names of the states in other systems, in the form of names.Plain.
var (
	activeNames = strings.Split("active,activo,activa,vigente,al corriente,current,open", ",")
	closedNames = strings.Split("paid off,liquidado,liquidada,pagado,pagada,cancelado,cancelada,cancelled,cerrado,closed,finiquitado", ",")
)

// Open returns how the loan goes on. A loan with a negative balance, or a closed one with a
// balance, becomes a paid-off loan; a loan in any other state with a balance becomes active. The
// schedule has the remaining periods, at most as many as the product can have.
func (l Loan) Open(p product.Product, today civil.Date) (o Opening) {
	granted := civil.DateOf(l.GrantedAt)
	if granted.After(today) {
		o.Flaw = NotFuture(GrantedAt, today)
		return o
	}
	state := names.Plain(l.Status)
	note := func(field Field, rule fault.Rule, value string) {
		o.Findings = append(o.Findings, Finding{Line: l.Line, Field: field, Rule: rule, Outcome: Incomplete, Row: l.ID, Client: l.ClientID, Value: value})
	}
	closed := slices.Contains(closedNames, state)
	o.Status = loan.Active
	switch {
	case l.Balance < 0:
		note(Principal, CreditBalance, l.Balance.String())
	case closed && l.Balance > 0:
		note(Principal, ClosedWithBalance, l.Balance.String())
	}
	if closed || l.Balance <= 0 {
		o.Status = loan.PaidOff
	}
	if !closed && (o.Status == loan.PaidOff || state != "" && !slices.Contains(activeNames, state)) {
		note(LoanStatus, StatusChanged, l.Status)
	}
	if l.Term > maxMonths {
		note(TermMonths, TermLimited, digits(l.Term))
	}
	if o.Status == loan.PaidOff {
		for _, owed := range l.parts()[1:] {
			if owed.amount != 0 {
				note(owed.field, OwedWithoutBalance, owed.amount.String())
			}
		}
		return o
	}
	o.Principal = l.Balance
	left := l.Term - int64(monthsBetween(granted, today))
	switch {
	case l.Periods > 0:
		o.Periods = int(min(l.Periods, int64(p.Longest())))
	case left <= 0:
		o.Periods = 1
		note(TermMonths, TermOver, digits(l.Term))
	default:
		o.Periods = int(min(periodsOf(p, left), int64(p.Longest())))
	}
	o.FirstDue = l.NextDue
	if !l.NextDue.IsZero() && !l.NextDue.After(today) {
		note(NextDue, NextDueOver, l.NextDue.String())
		o.FirstDue = civil.Date{}
	}
	if o.FirstDue.IsZero() && p.Frequency == schedule.Monthly && !p.MonthEnd {
		if o.FirstDue = today.AddMonths(0, int(granted.Day)); !o.FirstDue.After(today) {
			o.FirstDue = today.AddMonths(1, int(granted.Day))
		}
	}
	if l.DaysPastDue > 0 && l.OverduePrincipal+l.Interest+l.IVA+l.PenaltyInterest == 0 {
		o.Flaw = fault.At(string(OverduePrincipal), OverdueNeeded)
	}
	return o
}

// NotFuture returns the flaw of a date after the business date.
func NotFuture(field Field, today civil.Date) fault.Flaw {
	return fault.At(string(field), fault.NotFuture, "latest", today)
}

func digits(n int64) string { return strconv.FormatInt(n, 10) }

// monthsBetween returns the number of whole months between two dates.
func monthsBetween(from, to civil.Date) int {
	months := 12*(int(to.Year)-int(from.Year)) + int(to.Month) - int(from.Month)
	if from.AddMonths(months, int(from.Day)).After(to) {
		months--
	}
	return max(months, 0)
}

// periodsOf returns the number of periods of the product in some months.
func periodsOf(p product.Product, months int64) int64 {
	if perYear := p.Frequency.PerYear(); perYear > 0 {
		return (min(months, maxMonths)*perYear + 11) / 12
	}
	return max(1, min(months, maxMonths)*30/int64(max(p.PeriodDays, 1)))
}
