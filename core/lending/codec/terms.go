package codec

import (
	"encoding/json"
	"slices"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// ParseTerms decodes terms from JSON. The result and the errors are those of
// json.Unmarshal. It is many times faster and allocates nothing if the text has the
// form of json.Marshal: the fields in the order of the type, no white space, no
// escapes, and values within the limits of Check.
func ParseTerms(t *schedule.Terms, text string) error {
	r, own := termsReader{rest: text}, *t
	if r.terms(&own); r.rest == "" && !r.lost {
		*t = own
		return nil
	}
	return json.Unmarshal([]byte(text), t)
}

// termsReader reads a JSON text from left to right. lost is set if the text does not
// have the expected form.
type termsReader struct {
	rest  string
	first int // 1 after an opening brace, because the first field has no comma
	lost  bool
}

func (r *termsReader) terms(t *schedule.Terms) {
	r.open()
	decimal(r, `,"amount":`, &t.Amount, 2, money.Max)
	decimal(r, `,"annual_rate":`, &t.AnnualRate, 6, schedule.MaxRate)
	decimal(r, `,"periods":`, &t.Periods, 0, schedule.MaxPeriods)
	choice(r, `,"frequency":`, &t.Frequency, schedule.Frequencies)
	decimal(r, `,"period_days":`, &t.PeriodDays, 0, schedule.MaxPeriodDays)
	choice(r, `,"method":`, &t.Method, schedule.Methods)
	choice(r, `,"day_count":`, &t.DayCount, civil.DayCounts)
	choice(r, `,"rounding":`, &t.Rounding, money.Roundings)
	choice(r, `,"residue":`, &t.Residue, schedule.Residues)
	r.date(`,"disbursement_date":`, &t.Disbursement)
	r.date(`,"first_due_date":`, &t.FirstDue)
	r.flag(`,"month_end":`, &t.MonthEnd)
	r.flag(`,"level_by_periods":`, &t.LevelByPeriods)
	if r.field(`,"iva":`) {
		r.open()
		decimal(r, `,"rate":`, &t.IVA.Rate, 6, schedule.MaxRate)
		choice(r, `,"base":`, &t.IVA.Base, rate.IVABases)
		decimal(r, `,"percent":`, &t.IVA.Percent, 6, schedule.MaxRate)
		decimal(r, `,"inflation":`, &t.IVA.Inflation, 6, schedule.MaxRate)
		r.close()
	}
	if r.field(`,"fees":`) {
		r.open()
		r.fee(`,"origination":`, &t.Fees.Origination)
		choice(r, `,"origination_payment":`, &t.Fees.OriginationPayment, schedule.OriginationPayments)
		r.fee(`,"periodic":`, &t.Fees.Periodic)
		decimal(r, `,"iva_rate":`, &t.Fees.IVARate, 6, schedule.MaxRate)
		r.close()
	}
	decimal(r, `,"insurance":`, &t.Insurance, 2, money.Max)
	decimal(r, `,"collateral":`, &t.Collateral, 2, money.Max)
	if r.field(`,"grace":`) {
		r.open()
		decimal(r, `,"principal_periods":`, &t.Grace.PrincipalPeriods, 0, schedule.MaxPeriods)
		decimal(r, `,"interest_periods":`, &t.Grace.InterestPeriods, 0, schedule.MaxPeriods)
		choice(r, `,"mode":`, &t.Grace.Mode, schedule.GraceModes)
		r.close()
	}
	choice(r, `,"holiday_rule":`, &t.Holidays, schedule.HolidayRules)
	r.flag(`,"interest_follows":`, &t.InterestFollows)
	choice(r, `,"cat_time":`, &t.CATTime, schedule.CATTimes)
	decimal(r, `,"rules":`, &t.Rules, 0, schedule.LatestRules)
	r.close()
}

func (r *termsReader) fee(name string, c *schedule.Fee) {
	if r.field(name) {
		r.open()
		decimal(r, `,"amount":`, &c.Amount, 2, money.Max)
		decimal(r, `,"rate":`, &c.Rate, 6, schedule.MaxRate)
		r.close()
	}
}

// take skips the text if it comes next, and reports whether it did.
func (r *termsReader) take(text string) (found bool) {
	r.rest, found = strings.CutPrefix(r.rest, text)
	return found
}

// field skips the name of a field, and reports whether the field is present.
func (r *termsReader) field(name string) bool {
	found := r.take(name[r.first:])
	if found {
		r.first = 0
	}
	return found
}

func (r *termsReader) open() {
	r.lost = !r.take("{") || r.lost
	r.first = 1
}

func (r *termsReader) close() {
	r.lost = !r.take("}") || r.lost
	r.first = 0
}

// decimal reads a number from 0 to most, in units of 10^-places.
func decimal[T ~int | ~int64](r *termsReader, name string, p *T, places int, most T) {
	if !r.field(name) {
		return
	}
	zero := strings.HasPrefix(r.rest, "0")
	n, whole := r.digits(0, 15-places)
	fraction := 0
	if r.lost = r.lost || whole == 0 || zero && whole > 1; r.take(".") {
		n, fraction = r.digits(n, places)
		r.lost = r.lost || fraction == 0
	}
	for ; fraction < places; fraction++ {
		n *= 10
	}
	r.lost = r.lost || n > int64(most)
	*p = T(n)
}

// digits reads at most a number of digits and appends them to the number n.
func (r *termsReader) digits(n int64, most int) (number int64, count int) {
	for ; count < min(most, len(r.rest)) && r.rest[count]-'0' <= 9; count++ {
		n = n*10 + int64(r.rest[count]-'0')
	}
	r.rest = r.rest[count:]
	return n, count
}

// text reads a string without escapes.
func (r *termsReader) text() string {
	if r.take(`"`) {
		if end := strings.IndexByte(r.rest, '"'); end >= 0 {
			taken := r.rest[:end]
			r.rest = r.rest[end+1:]
			return taken
		}
	}
	r.lost = true
	return ""
}

// choice reads one of the words, or an empty string.
func choice[T ~string](r *termsReader, name string, p *T, words []T) {
	if !r.field(name) {
		return
	}
	text := r.text()
	if at := slices.Index(words, T(text)); at >= 0 {
		*p = words[at]
	} else {
		*p = ""
		r.lost = r.lost || text != ""
	}
}

func (r *termsReader) date(name string, p *civil.Date) {
	if !r.field(name) {
		return
	}
	d, err := civil.Parse(r.text())
	r.lost = r.lost || err != nil
	*p = d
}

func (r *termsReader) flag(name string, p *bool) {
	if r.field(name) {
		*p = r.take("true")
		r.lost = r.lost || !*p && !r.take("false")
	}
}
