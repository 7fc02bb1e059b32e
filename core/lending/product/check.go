package product

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// MaxGraceDays is the most days of grace before moratorium.
const MaxGraceDays = 31

var code = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// CheckCode refuses a text that is no product's code, as the field product.
func CheckCode(text string) error {
	if code.MatchString(text) {
		return nil
	}
	return fault.InField("product", "must be the code of a product: 1 to 40 of a-z, 0-9 and _", "value_error.product", nil)
}

// Check refuses a product on which no loan could be granted or serviced: a
// fault.Error with one field for every rule that is broken, named as in JSON.
// Empty choices count as their defaults; an empty list of allocation is given
// and wrong, an absent one is the default.
func (p Product) Check() error {
	p = p.Defaults()
	var f faults
	p.checkIdentity(&f)
	p.checkLimits(&f)
	p.checkMoratorium(&f)
	checkAllocation(&f, p.Allocation)
	f.among(string(p.Strategy), "strategy", string(OldestFirst), string(ByConcept))
	f.among(string(p.Excess), "excess", string(ReduceInstalment), string(ReduceTerm), string(HoldAsAdvance))
	p.checkTerms(&f)
	return f.err()
}

// Terms are those of a loan of the product: the choices that it fixes with the
// amount, the annual rate, the number of periods, the disbursement date and the
// first due date (zero for one period later). Values outside the limits, a
// disbursement on a day when the product is not in force, and terms that no
// schedule can keep are refused, all together, as a fault.Error.
func (p Product) Terms(amount money.Amount, annual rate.Annual, periods int, disbursement, firstDue civil.Date) (schedule.Terms, error) {
	p = p.Defaults()
	t := p.terms()
	t.Amount, t.AnnualRate, t.Periods, t.Disbursement, t.FirstDue = amount, annual, periods, disbursement, firstDue
	t = t.Defaults()
	var f faults
	l := p.Limits
	f.unless(amount >= l.MinAmount && amount <= l.MaxAmount, "amount", fmt.Sprintf("must be from %s to %s for the product %s", l.MinAmount, l.MaxAmount, p.Code))
	f.unless(annual >= l.MinRate && annual <= l.MaxRate, "annual_rate", fmt.Sprintf("must be from %s to %s for the product %s", l.MinRate, l.MaxRate, p.Code))
	f.unless(periods >= l.MinPeriods && periods <= l.MaxPeriods, "periods", fmt.Sprintf("must be from %d to %d for the product %s", l.MinPeriods, l.MaxPeriods, p.Code))
	f.unless(p.inForce(disbursement), "disbursement_date", fmt.Sprintf("must be %s for version %d of the product %s", p.span(), p.Version, p.Code))
	f.take(t.Check(), "")
	return t, f.err()
}

func (p Product) span() string {
	if p.To.IsZero() {
		return "from " + p.From.String()
	}
	return fmt.Sprintf("from %s to %s", p.From, p.To)
}

func (p Product) checkIdentity(f *faults) {
	f.unless(code.MatchString(p.Code), "code", "must be 1 to 40 of a-z, 0-9 and _")
	f.unless(strings.TrimSpace(p.Name) != "", "name", "is needed")
	f.unless(p.Classification.Valid(), "classification", fmt.Sprintf("must be one of %v", risk.Classifications()))
	f.unless(p.Version >= 1, "version", "must be 1 or above")
	f.unless(p.From.Valid(), "effective_from", "is needed: a day of the calendar")
	f.unless(p.To.IsZero() || p.To.Valid() && !p.To.Before(p.From), "effective_to", "must be a day from effective_from on, or absent")
}

func (p Product) checkLimits(f *faults) {
	l := p.Limits
	f.unless(l.MinAmount >= 1 && l.MinAmount <= l.MaxAmount, "limits.min_amount", "must be above 0 and at most max_amount")
	f.unless(l.MaxAmount <= money.Max, "limits.max_amount", fmt.Sprintf("must be at most %s", money.Max))
	f.unless(l.MinRate >= 0 && l.MinRate <= l.MaxRate, "limits.min_rate", "must be from 0 to max_rate")
	f.unless(l.MaxRate <= schedule.MaxRate, "limits.max_rate", fmt.Sprintf("must be at most %s", schedule.MaxRate))
	f.unless(l.MinPeriods >= 1 && l.MinPeriods <= l.MaxPeriods, "limits.min_periods", "must be from 1 to max_periods")
	f.unless(l.MaxPeriods <= schedule.MaxPeriods, "limits.max_periods", fmt.Sprintf("must be at most %d", schedule.MaxPeriods))
	f.unless(l.ApprovalLimit >= 1 && l.ApprovalLimit <= money.Max, "limits.approval_limit", fmt.Sprintf("must be from 0.01 to %s", money.Max))
}

func (p Product) checkMoratorium(f *faults) {
	m := p.Moratorium
	f.unless(m.Rate >= 0 && m.Rate <= schedule.MaxRate, "moratorium.rate", fmt.Sprintf("must be from 0 to %s", schedule.MaxRate))
	f.among(string(m.Base), "moratorium.base", string(OverduePrincipal), string(OverduePrincipalAndInterest))
	f.among(string(m.Mode), "moratorium.mode", string(Additional), string(Replaces))
	f.unless(m.GraceDays >= 0 && m.GraceDays <= MaxGraceDays, "moratorium.grace_days", fmt.Sprintf("must be from 0 to %d", MaxGraceDays))
	f.unless(m.DayCount.Valid(), "moratorium.day_count", fmt.Sprintf("must be one of %v", civil.DayCounts))
}

// checkAllocation refuses a list that does not have each component once.
func checkAllocation(f *faults, list []Component) {
	seen := map[Component]int{}
	for _, c := range list {
		if seen[c]++; !slices.Contains(Components, c) {
			f.add("allocation", fmt.Sprintf("has %q, which is none of %v", c, Components))
		}
	}
	for _, c := range Components {
		f.unless(seen[c] > 0, "allocation", fmt.Sprintf("must have every component once: %s is missing", c))
		f.unless(seen[c] < 2, "allocation", fmt.Sprintf("must have every component once: %s is doubled", c))
	}
}

// checkTerms tries the choices on the least and the largest loan of the limits.
// What is asked for with the loan has its own rules; the periods that do not fit
// are the limits' fault.
func (p Product) checkTerms(f *faults) {
	l, day := p.Limits, civil.Date{Year: 2024, Month: 1, Day: 31}
	for _, ends := range []struct {
		amount  money.Amount
		periods int
	}{{l.MinAmount, l.MinPeriods}, {l.MaxAmount, l.MaxPeriods}} {
		t := p.terms()
		t.Amount, t.AnnualRate, t.Periods, t.Disbursement = ends.amount, l.MaxRate, ends.periods, day
		f.take(t.Check(), "limits.max_periods", "amount", "annual_rate", "disbursement_date", "first_due_date")
	}
}

// faults are the broken rules; each is noted once.
type faults []fault.Field

func (f *faults) unless(kept bool, field, rule string) {
	if !kept {
		f.add(field, rule)
	}
}

func (f *faults) among(value, field string, accepted ...string) {
	f.unless(slices.Contains(accepted, value), field, fmt.Sprintf("must be one of %v", accepted))
}

func (f *faults) add(field, rule string) {
	loc := []any{"body"}
	for name := range strings.SplitSeq(field, ".") {
		loc = append(loc, name)
	}
	for _, old := range *f {
		if old.Message == rule && slices.Equal(old.Loc, loc) {
			return
		}
	}
	*f = append(*f, fault.Field{Loc: loc, Message: rule, Type: "value_error"})
}

// take notes the fields of a refusal, but for the ones left out and for those of
// which there is a fault already; faults in periods go to the field given, if any.
func (f *faults) take(err error, periods string, leftOut ...string) {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return
	}
	for _, field := range refusal.Fields {
		name := path(field)
		if slices.Contains(leftOut, name) {
			continue
		}
		if name == "periods" && periods != "" {
			name = periods
		}
		if !f.has(name) {
			f.add(name, field.Message)
		}
	}
}

func (f *faults) has(name string) bool {
	return slices.ContainsFunc(*f, func(old fault.Field) bool { return path(old) == name })
}

// path is the name of a field with dots, without "body".
func path(field fault.Field) string {
	names := make([]string, 0, len(field.Loc))
	for _, part := range field.Loc[1:] {
		names = append(names, fmt.Sprint(part))
	}
	return strings.Join(names, ".")
}

func (f *faults) err() error {
	if len(*f) == 0 {
		return nil
	}
	return fault.InFields(*f)
}
