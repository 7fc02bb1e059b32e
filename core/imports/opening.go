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
)

// Opening is how a loan of another system goes on from the day of its import.
type Opening struct {
	Status    loan.Status  // loan.Active or loan.PaidOff
	Principal money.Amount // 0 if it is paid off
	Periods   int
	FirstDue  civil.Date // one period after the import if zero
	Findings  []Finding  // with field, rule and value
	Flaws     fault.Flaws
}

// MaxMonths is the longest term of a schedule.
const MaxMonths = 12 * schedule.MaxYears

// The names of the states in other systems, in the form of plain.
var (
	activeNames = strings.Split("active,activo,activa,vigente,al corriente,current,open", ",")
	closedNames = strings.Split("paid off,liquidado,liquidada,pagado,pagada,cancelado,cancelada,cancelled,cerrado,closed,finiquitado", ",")
)

// Open returns how the loan goes on. A loan with a negative balance, or a closed one with a
// balance, becomes a paid-off loan; a loan in any other state with a balance becomes active. The
// schedule has the remaining periods, at most as many as the product can have.
func (l Loan) Open(p product.Product, today civil.Date) (o Opening) {
	state := plain(l.Status)
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
	if l.Term > MaxMonths {
		note(TermMonths, TermLimited, digits(l.Term))
	}
	if o.Status == loan.PaidOff {
		return o
	}
	o.Principal = l.Balance
	granted := civil.DateOf(l.GrantedAt)
	left := l.Term - int64(monthsBetween(granted, today))
	switch {
	case l.Periods > 0:
		o.Periods = int(min(l.Periods, longest(p)))
	case left <= 0:
		o.Periods = 1
		note(TermMonths, TermOver, digits(l.Term))
	default:
		o.Periods = int(min(periodsOf(p, left), longest(p)))
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
		o.Flaws.Add(fault.At(string(OverduePrincipal), OverdueNeeded))
	}
	return o
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
		return (min(months, MaxMonths)*perYear + 11) / 12
	}
	return max(1, min(months, MaxMonths)*30/int64(max(p.PeriodDays, 1)))
}

// longest returns the largest number of periods of a loan of the product.
func longest(p product.Product) int64 {
	return min(periodsOf(p, MaxMonths), schedule.MaxPeriods)
}
