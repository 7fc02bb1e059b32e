package schedule_test

import (
	"math"
	"math/big"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// The oracle is a second, independent implementation of schedules. It was written from the
// rules with rational numbers and package time, and uses only the types of the terms.
// Amounts are whole centavos in big.Rat.

type oracleRow struct {
	due, nominal                                   time.Time
	opening, principal, accrued, interest, taxable *big.Rat
	iva, fee, feeIVA, capitalised, total           *big.Rat
	balance                                        *big.Rat
	years                                          *big.Rat // exact fraction of interest
	cost                                           *big.Rat // rate × years
}

type oracle struct {
	t       schedule.Terms
	rows    []*oracleRow
	level   *big.Rat
	alone   map[int]bool // instalments of interest alone
	shift   *big.Rat     // residue for the first paying instalment
	follow  []*big.Rat   // exact balance after each instalment, if the rows follow it
	first   int
	regular bool

	periodic, periodicIVA, insurance, ivaShare *big.Rat
}

func whole(n int64) *big.Rat         { return new(big.Rat).SetInt64(n) }
func plus(a, b *big.Rat) *big.Rat    { return new(big.Rat).Add(a, b) }
func minus(a, b *big.Rat) *big.Rat   { return new(big.Rat).Sub(a, b) }
func times(a, b *big.Rat) *big.Rat   { return new(big.Rat).Mul(a, b) }
func over(a, b *big.Rat) *big.Rat    { return new(big.Rat).Quo(a, b) }
func share(r rate.Annual) *big.Rat   { return big.NewRat(int64(r), 1_000_000) }
func utc(d civil.Date) time.Time     { return d.Midnight() }
func daysBetween(a, b time.Time) int { return int(b.Sub(a) / (24 * time.Hour)) }

func (o *oracle) round(x *big.Rat) *big.Rat {
	if x.Sign() < 0 {
		return new(big.Rat).Neg(o.round(new(big.Rat).Neg(x)))
	}
	up := plus(x, big.NewRat(1, 2))
	floor := new(big.Int).Quo(up.Num(), up.Denom())
	if tie := up.IsInt(); tie && o.t.Rounding == money.HalfEven && floor.Bit(0) == 1 {
		floor.Sub(floor, big.NewInt(1))
	}
	return new(big.Rat).SetInt(floor)
}

// lastDay is the number of days of a month, counted from a year and a month that may be above 12.
func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func monthsLater(d time.Time, n, day int) time.Time {
	first := time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, min(day, lastDay(first.Year(), first.Month()))-1)
}

func isLast(d time.Time) bool { return d.AddDate(0, 0, 1).Day() == 1 }

func afterQuincena(d time.Time) time.Time {
	for {
		if d = d.AddDate(0, 0, 1); d.Day() == 15 || isLast(d) {
			return d
		}
	}
}

func (o *oracle) step() int {
	return map[schedule.Frequency]int{schedule.Weekly: 7, schedule.Every14Days: 14, schedule.Quincenal: 15, schedule.Monthly: 30,
		schedule.EveryNumDays: o.t.PeriodDays}[o.t.Frequency]
}

// calendar gives the nominal dates and whether the first period is regular.
func (o *oracle) calendar() (dates []time.Time) {
	start, first := utc(o.t.Disbursement), time.Time{}
	if !o.t.FirstDue.IsZero() {
		first = utc(o.t.FirstDue)
	}
	anchor := 0
	switch o.t.Frequency {
	case schedule.Monthly:
		day := start.Day()
		if o.t.MonthEnd {
			day = 31
		}
		if first.IsZero() {
			first = monthsLater(start, 1, day)
		}
		sameDay := first.Equal(monthsLater(start, 1, start.Day()))
		ends := isLast(start) && isLast(first) && first.Equal(monthsLater(start, 1, 31))
		o.regular = sameDay || ends
		switch {
		case o.t.MonthEnd, ends && !sameDay:
			anchor = 31
		case sameDay:
			anchor = max(start.Day(), first.Day())
		default:
			anchor = first.Day()
		}
	case schedule.Quincenal:
		if first.IsZero() {
			first = afterQuincena(start)
		}
		o.regular = (start.Day() == 15 || isLast(start)) && first.Equal(afterQuincena(start))
	default:
		if first.IsZero() {
			first = start.AddDate(0, 0, o.step())
		}
		o.regular = daysBetween(start, first) == o.step()
	}
	for k, d := 0, first; k < o.t.Periods; k++ {
		dates = append(dates, d)
		switch o.t.Frequency {
		case schedule.Monthly:
			d = monthsLater(first, k+1, anchor)
		case schedule.Quincenal:
			d = afterQuincena(d)
		default:
			d = d.AddDate(0, 0, o.step())
		}
	}
	return dates
}

// closed reports whether a Mexican institution is closed, by the CNBV's rules in words.
func closed(d time.Time) bool {
	if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		return true
	}
	y, monday := d.Year(), d.Weekday() == time.Monday
	switch d.Month() {
	case 1:
		return d.Day() == 1
	case 2:
		return y >= 2006 && monday && d.Day() <= 7
	case 3:
		if y >= 2006 && monday && d.Day() >= 15 && d.Day() <= 21 {
			return true
		}
	case 5:
		return d.Day() == 1
	case 9:
		return d.Day() == 16
	case 10:
		return d.Day() == 1 && y >= 2024 && (y-2024)%6 == 0
	case 11:
		return d.Day() == 2 || y >= 2006 && monday && d.Day() >= 15 && d.Day() <= 21
	case 12:
		return d.Day() == 12 || d.Day() == 25 || d.Day() == 1 && y <= 2018 && y >= 1970 && (2018-y)%6 == 0
	}
	// Holy Week: Thursday or Friday before Easter, which is the first Sunday after
	// the full moon of Gauss's rule.
	a, b, c := y%19, y%4, y%7
	k := y / 100
	m, n := (15-(13+8*k)/25+k-k/4)%30, (4+k-k/4)%7
	dd := (19*a + m) % 30
	e := (2*b + 4*c + 6*dd + n) % 7
	day := 22 + dd + e
	if dd == 29 && e == 6 {
		day = 50
	} else if dd == 28 && e == 6 && a > 10 {
		day = 49
	}
	easter := time.Date(y, 3, day, 0, 0, 0, 0, time.UTC)
	before := daysBetween(d, easter)
	return before == 2 || before == 3
}

func americanThirty(a, b time.Time) int {
	d1, d2 := a.Day(), b.Day()
	feb := func(d time.Time) bool { return d.Month() == time.February && isLast(d) }
	if feb(a) && feb(b) {
		d2 = 30
	}
	if feb(a) || d1 == 31 {
		d1 = 30
	}
	if d2 == 31 && d1 >= 30 {
		d2 = 30
	}
	return (b.Year()-a.Year())*360 + (int(b.Month())-int(a.Month()))*30 + d2 - d1
}

func yearsByDay(convention civil.DayCount, a, b time.Time) *big.Rat {
	switch convention {
	case civil.Actual360:
		return big.NewRat(int64(daysBetween(a, b)), 360)
	case civil.Actual364:
		return big.NewRat(int64(daysBetween(a, b)), 364)
	case civil.Actual365:
		return big.NewRat(int64(daysBetween(a, b)), 365)
	}
	sum := new(big.Rat)
	for y := a.Year(); y <= b.Year(); y++ {
		from, to := time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(y+1, 1, 1, 0, 0, 0, 0, time.UTC)
		length := int64(daysBetween(from, to))
		if a.After(from) {
			from = a
		}
		if b.Before(to) {
			to = b
		}
		sum = plus(sum, big.NewRat(int64(daysBetween(from, to)), length))
	}
	return sum
}

func (o *oracle) layOut() {
	from, moved := utc(o.t.Disbursement), 0
	for k, nominal := range o.calendar() {
		due, to, shift := nominal, nominal, 0
		for o.t.Holidays == schedule.NextBusinessDay && closed(due) {
			due = due.AddDate(0, 0, 1)
		}
		if o.t.InterestFollows {
			to, shift = due, daysBetween(nominal, due)
		}
		years := new(big.Rat)
		switch {
		case o.t.DayCount != civil.Thirty360:
			years = yearsByDay(o.t.DayCount, from, to)
		case k == 0 && !o.regular:
			years.SetFrac64(int64(americanThirty(from, nominal)+shift-moved), 360)
		default:
			years.SetFrac64(int64(o.step()+shift-moved), 360)
		}
		o.rows = append(o.rows, &oracleRow{due: due, nominal: nominal, years: years})
		from, moved = to, shift
	}
	if o.t.Method == schedule.Single {
		last, sum := o.rows[len(o.rows)-1], new(big.Rat)
		for _, r := range o.rows {
			sum = plus(sum, r.years)
		}
		last.years = sum
		o.rows = []*oracleRow{last}
	}
}

func (o *oracle) rateOf(k int) *big.Rat {
	if o.t.Grace.Mode == schedule.Waive && k < o.t.Grace.InterestPeriods {
		return new(big.Rat)
	}
	return share(o.t.AnnualRate)
}

// taxableOf returns the taxable interest as rounded interest and a factor.
func (o *oracle) taxableOf(k int, balance, interest *big.Rat) *big.Rat {
	if o.t.IVA.Base != rate.RealUDI || interest.Sign() == 0 {
		return interest
	}
	realRate := minus(o.rateOf(k), share(o.t.IVA.Inflation))
	if realRate.Sign() <= 0 {
		return new(big.Rat)
	}
	return o.round(times(balance, times(realRate, o.rows[k].years)))
}

func (o *oracle) ivaOf(taxable *big.Rat) *big.Rat {
	return o.round(times(taxable, o.ivaShare))
}

// growth is 1 + the exact cost of a period on a balance of one.
func (o *oracle) growth(k int) *big.Rat {
	cost := o.rateOf(k)
	if o.t.Method == schedule.LevelWithIVA && cost.Sign() > 0 {
		taxed := cost
		switch o.t.IVA.Base {
		case rate.RealUDI:
			if taxed = minus(cost, share(o.t.IVA.Inflation)); taxed.Sign() < 0 {
				taxed = new(big.Rat)
			}
		case rate.FixedPercent:
			taxed = times(cost, share(o.t.IVA.Percent))
		}
		cost = plus(cost, times(taxed, share(o.t.IVA.Rate)))
	}
	if o.t.LevelByPeriods {
		year := map[schedule.Frequency]int64{schedule.Weekly: 52, schedule.Every14Days: 26, schedule.Quincenal: 24, schedule.Monthly: 12, "": 12}
		return plus(whole(1), over(cost, whole(year[o.t.Frequency])))
	}
	return plus(whole(1), times(cost, o.rows[k].years))
}

func build(t schedule.Terms) *oracle {
	o := &oracle{t: t, level: new(big.Rat), alone: map[int]bool{}, shift: new(big.Rat), first: t.Grace.PrincipalPeriods}
	o.layOut()
	o.periodic, o.insurance, o.ivaShare = o.fee(t.Fees.Periodic), whole(int64(t.Insurance)), share(t.IVA.Rate)
	if t.IVA.Base == rate.FixedPercent {
		o.ivaShare = times(o.ivaShare, share(t.IVA.Percent))
	}
	o.periodicIVA = o.round(times(o.periodic, share(t.Fees.IVARate)))
	for k, r := range o.rows {
		r.cost = times(o.rateOf(k), r.years)
	}
	n := len(o.rows)
	o.walk()
	switch t.Method {
	case schedule.EqualPrincipal:
		parts := whole(int64(n - o.first))
		balance := o.rows[o.first].opening
		o.level = o.round(over(balance, parts))
		if times(o.level, minus(parts, whole(1))).Cmp(balance) > 0 {
			q := over(balance, parts)
			o.level.SetInt(new(big.Int).Quo(q.Num(), q.Denom()))
		}
		if t.Residue == schedule.First {
			o.shift = minus(balance, times(o.level, parts))
		}
		o.walk()
	case schedule.Level, schedule.LevelWithIVA:
		o.findLevel()
	}
	if o.t.Rules == schedule.Rules2 && o.first < n-1 {
		o.limit()
	}
	return o
}

// limit follows the exact balance if the last instalment, or the residue in the first,
// is more than three centavos per instalment or half the level payment off.
func (o *oracle) limit() {
	if o.t.Method == schedule.Bullet || o.t.Method == schedule.Single {
		return
	}
	n := len(o.rows)
	parts := int64(n - o.first)
	exact, want := []*big.Rat(nil), o.level
	if o.t.LevelByPeriods {
		exact, want = o.exactBalances()
	}
	half := new(big.Int).Quo(o.level.Num(), big.NewInt(2))
	most := new(big.Rat).SetInt(half)
	if three := whole(3 * parts); three.Cmp(most) < 0 {
		most = three
	}
	off := new(big.Rat).Abs(minus(o.own(n-1), want))
	if residue := new(big.Rat).Abs(o.shift); residue.Cmp(off) > 0 {
		off = residue
	}
	if off.Cmp(most) <= 0 {
		return
	}
	if exact == nil {
		exact, _ = o.exactBalances()
	}
	o.follow = exact
	o.walk()
}

// own is the part of an instalment that is compared with the level payment.
func (o *oracle) own(k int) *big.Rat {
	if o.t.Method == schedule.EqualPrincipal {
		return o.rows[k].principal
	}
	return plus(o.rows[k].principal, o.ownCost(k))
}

// exactBalances gives the balance after each instalment and the last instalment with
// nothing rounded but the last instalment.
func (o *oracle) exactBalances() (list []*big.Rat, last *big.Rat) {
	n, start := len(o.rows), o.rows[o.first].opening
	list = make([]*big.Rat, n)
	if o.t.Method == schedule.EqualPrincipal {
		for k := o.first; k < n; k++ {
			list[k] = times(start, big.NewRat(int64(n-1-k), int64(n-o.first)))
		}
		return list, o.level
	}
	real := func(k int) *big.Rat {
		by := o.t.LevelByPeriods
		o.t.LevelByPeriods = false
		defer func() { o.t.LevelByPeriods = by }()
		return o.growth(k)
	}
	o.alone = map[int]bool{}
	for again := true; again; {
		again = false
		annuity := new(big.Rat)
		for k := n - 1; k >= o.first; k-- {
			if !o.alone[k] {
				annuity = over(plus(annuity, whole(1)), o.growth(k))
			}
		}
		payment, b := over(start, annuity), start
		o.level = o.round(payment)
		for k := o.first; k < n; k++ {
			due := times(b, real(k))
			last = due
			switch interest := minus(due, b); {
			case k == n-1:
				b = new(big.Rat)
			case o.alone[k]:
			case interest.Cmp(payment) > 0:
				if !o.t.LevelByPeriods {
					o.alone[k], again = true, true
				}
			case due.Cmp(payment) < 0:
				b = new(big.Rat)
			default:
				b = minus(due, payment)
			}
			list[k] = b
		}
	}
	return list, o.round(last)
}

// refused is the rule by which terms of Rules2 are refused after the computation.
func (o *oracle) refused() fault.Rule {
	n := len(o.rows)
	if o.t.Rules != schedule.Rules2 || o.first >= n-1 || o.t.Method == schedule.Bullet {
		return ""
	}
	left := o.rows[n-1].opening
	if o.t.LevelByPeriods && left.Sign() == 0 {
		return schedule.LevelTooHigh
	}
	if o.t.LevelByPeriods && left.Cmp(o.rows[o.first].opening) == 0 {
		return schedule.LevelTooLow
	}
	for k := o.first; k < n; k++ {
		if o.own(k).Sign() == 0 {
			return schedule.InstalmentOfZero
		}
	}
	return ""
}

// findLevel computes the level payment over the instalments that pay principal. Instalments
// with more interest than the level payment pay only interest; it repeats until no more
// are found.
func (o *oracle) findLevel() {
	n := len(o.rows)
	for again := true; again; {
		annuity := new(big.Rat)
		for k := n - 1; k >= o.first; k-- {
			if !o.alone[k] {
				annuity = over(plus(annuity, whole(1)), o.growth(k))
			}
		}
		o.level = o.round(over(o.rows[o.first].opening, annuity))
		o.walk()
		again = false
		for k := o.first; k < n-1 && !o.t.LevelByPeriods; k++ {
			r := o.rows[k]
			if !o.alone[k] && r.opening.Sign() > 0 && r.principal.Sign() == 0 && o.ownCost(k).Cmp(o.level) > 0 {
				o.alone[k], again = true, true
			}
		}
	}
	if o.t.Residue == schedule.First && n-1 > o.first {
		growth := whole(1)
		for k := o.first + 1; k < n; k++ {
			if !o.alone[k] {
				growth = times(growth, o.growth(k))
			}
		}
		last := o.rows[n-1]
		o.shift = o.round(over(minus(plus(last.principal, o.ownCost(n-1)), o.level), growth))
		o.walk()
	}
}

// ownCost is a period's interest, with its IVA where the level has it.
func (o *oracle) ownCost(k int) *big.Rat {
	r := o.rows[k]
	if o.t.Method == schedule.LevelWithIVA {
		return plus(r.accrued, o.ivaOf(o.taxableOf(k, r.opening, r.accrued)))
	}
	return r.accrued
}

// walk computes the rows with the current level and shift.
func (o *oracle) walk() {
	balance, waiting, waitingTaxable := whole(int64(o.t.Amount)), new(big.Rat), new(big.Rat)
	for k, r := range o.rows {
		r.opening = balance
		r.accrued = o.round(times(balance, r.cost))
		r.taxable = o.taxableOf(k, balance, r.accrued)
		r.interest, r.capitalised = r.accrued, new(big.Rat)
		r.principal = o.principalOf(k)
		if k < o.t.Grace.InterestPeriods && o.t.Grace.Mode == schedule.Defer {
			waiting, waitingTaxable = plus(waiting, r.accrued), plus(waitingTaxable, r.taxable)
			r.interest, r.taxable = new(big.Rat), new(big.Rat)
		} else if k < o.t.Grace.InterestPeriods && o.t.Grace.Mode == schedule.Capitalise {
			r.interest, r.capitalised = new(big.Rat), r.accrued
		} else {
			r.interest, r.taxable = plus(r.interest, waiting), plus(r.taxable, waitingTaxable)
			waiting, waitingTaxable = new(big.Rat), new(big.Rat)
		}
		r.iva = o.ivaOf(r.taxable)
		r.fee, r.feeIVA = o.periodic, o.periodicIVA
		r.total = o.insurance
		for _, part := range []*big.Rat{r.principal, r.interest, r.iva, r.fee, r.feeIVA} {
			r.total = plus(r.total, part)
		}
		balance = minus(plus(balance, r.capitalised), r.principal)
		r.balance = balance
	}
}

func (o *oracle) principalOf(k int) *big.Rat {
	r := o.rows[k]
	part := new(big.Rat)
	switch {
	case k < o.first:
		return part
	case k == len(o.rows)-1:
		return r.opening
	case o.follow != nil:
		return minus(r.opening, o.round(o.follow[k]))
	case o.t.Method == schedule.EqualPrincipal:
		part = o.level
	case o.t.Method == schedule.Level || o.t.Method == schedule.LevelWithIVA:
		part = minus(o.level, o.ownCost(k))
	}
	if k == o.first {
		part = plus(part, o.shift)
	}
	if part.Sign() < 0 {
		return new(big.Rat)
	}
	if part.Cmp(r.opening) > 0 {
		return r.opening
	}
	return part
}

func (o *oracle) fee(c schedule.Fee) *big.Rat {
	return o.round(plus(whole(int64(c.Amount)), times(whole(int64(o.t.Amount)), share(c.Rate))))
}

// instant is a cash flow in centavos at a whole number of ticks.
type instant struct {
	tick   int64
	amount *big.Float
}

// flows returns the flows and the number of ticks of a year, written from
// Circular 21/2009 with time by periods or by days.
func (o *oracle) flows() (list []instant, ticks int64) {
	add := func(tick int64, amount *big.Rat) {
		list = append(list, instant{tick, new(big.Float).SetPrec(192).SetRat(amount)})
	}
	perYear := map[schedule.Frequency]int64{schedule.Weekly: 52, schedule.Every14Days: 26, schedule.Quincenal: 24, schedule.Monthly: 12}[o.t.Frequency]
	byDays := o.t.CATTime == schedule.ByDays || o.t.CATTime == "" && (!o.regular && o.t.Rules < schedule.Rules2 || o.t.Frequency == schedule.EveryNumDays)
	more, odd := int64(0), int64(0)
	if !o.regular && o.t.Rules == schedule.Rules2 {
		more, odd = o.odd()
	}
	fixed := int64(o.t.Collateral)
	add(0, minus(whole(int64(o.t.Amount)-fixed), o.fee(o.t.Fees.Origination)))
	var tick int64
	for k, r := range o.rows {
		switch number := int64(k + 1 + o.t.Periods - len(o.rows)); {
		case byDays:
			tick, ticks = int64(daysBetween(utc(o.t.Disbursement), r.due)), 365
		case o.t.Frequency == schedule.EveryNumDays:
			tick, ticks = number*int64(o.t.PeriodDays)+odd, 365
		case more == 0 && odd == 0:
			tick, ticks = number, perYear
		default:
			tick, ticks = (number+more)*365+odd*perYear, perYear*365
		}
		net := minus(plus(r.iva, r.feeIVA), r.total)
		if k == len(o.rows)-1 {
			net = plus(net, whole(fixed))
		}
		add(tick, net)
	}
	return list, ticks
}

// odd returns the whole periods beyond one, and the odd days, of a first period that is
// not regular.
func (o *oracle) odd() (more, days int64) {
	start, first := utc(o.t.Disbursement), utc(o.t.FirstDue)
	if first.IsZero() || o.t.FirstDue.IsZero() {
		first = o.calendar()[0]
	}
	length := daysBetween(start, first)
	switch o.t.Frequency {
	case schedule.Quincenal:
		more = -1
		on := start
		for on.Day() != 15 && !isLast(on) {
			on, days = on.AddDate(0, 0, 1), days+1
		}
		for ; on.Before(first); on = afterQuincena(on) {
			more++
		}
		return more, days
	case schedule.Weekly, schedule.Every14Days, schedule.EveryNumDays:
		return 0, int64(length - o.step())
	}
	if month := monthsLater(start, 1, start.Day()); first.Before(month) {
		return 0, int64(length - lastDay(start.Year(), start.Month()))
	}
	usual := monthsLater(start, 1, start.Day())
	if isLast(start) {
		usual = monthsLater(start, 1, 31)
	}
	return 0, int64(max(0, daysBetween(usual, first)))
}

// presentValue is Σ amount × w^-tick for w = (1+i)^(1/ticks), times w^last, by
// Horner's rule in 192 bits.
func presentValue(list []instant, w *big.Float) int {
	sum := new(big.Float).SetPrec(192)
	var at int64
	for _, f := range list {
		sum.Mul(sum, raised(w, f.tick-at))
		sum.Add(sum, f.amount)
		at = f.tick
	}
	return sum.Sign()
}

func raised(w *big.Float, n int64) *big.Float {
	result, square := big.NewFloat(1).SetPrec(192), new(big.Float).Copy(w)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			result.Mul(result, square)
		}
		square.Mul(square, square)
	}
	return result
}

// bisect finds the rate by bisection, using only the sign of the present value.
func bisect(list []instant, ticks int64) float64 {
	lo, hi := big.NewFloat(1).SetPrec(192), big.NewFloat(2).SetPrec(192)
	for presentValue(list, hi) <= 0 {
		hi.Mul(hi, big.NewFloat(2))
	}
	for range 120 {
		mid := new(big.Float).Add(lo, hi)
		mid.Quo(mid, big.NewFloat(2))
		if presentValue(list, mid) <= 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	grown := raised(lo, ticks)
	i, _ := grown.Sub(grown, big.NewFloat(1)).Float64()
	return i
}

// encloses reports whether the present value changes sign within 10^-12 of
// (1+i)^(1/ticks), relatively.
func encloses(list []instant, ticks int64, i float64) bool {
	w := math.Exp(math.Log1p(i) / float64(ticks))
	side := func(x float64) int { return presentValue(list, big.NewFloat(x).SetPrec(192)) }
	low, high := side(w*(1-1e-12)), side(w*(1+1e-12))
	return low*high <= 0
}
