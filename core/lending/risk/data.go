package risk

import (
	_ "embed" // the rules
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sofipo/core/civil"
)

// Errors of the rules.
var (
	ErrDate           = errors.New("on: no credit-risk rule is in force on this day")
	ErrPayment        = errors.New("payment: must be single_payment, single_principal, periodic, revolving or overdraft")
	ErrStage          = errors.New("stage: must be 1, 2 or 3")
	ErrClassification = errors.New("classification: must be consumer, microcredit, housing or commercial")
	ErrBase           = errors.New("base, guaranteed: must not be negative")
)

// Mark says how certain a figure is: V verified, P practice, D derived, M from memory,
// ? open.
type Mark string

// Basis has the period in which a row of the rules is in force, and its source.
type Basis struct {
	From     civil.Date // first day
	To       civil.Date // last day; none if zero
	Mark     Mark       // of the figures
	DateMark Mark       // of From and To
	Source   string
}

// Span is an inclusive range of days.
type Span struct {
	First int
	Last  int // Open if there is no last day
}

// Open is the last day of a span without an end.
const Open = math.MaxInt32

// String is "0", "1-7" or "181+".
func (s Span) String() string {
	switch s.Last {
	case s.First:
		return strconv.Itoa(s.First)
	case Open:
		return strconv.Itoa(s.First) + "+"
	}
	return strconv.Itoa(s.First) + "-" + strconv.Itoa(s.Last)
}

// table has the rows that are in force in the same period, ordered by their first day
// past due.
type table[R any] struct {
	from, to   civil.Date
	begin, end int // ordinals of from and to
	firsts     []int
	rows       []R
}

// ordinal returns the ordinal of a date: a number with the order of dates.
func ordinal(d civil.Date) int { return (int(d.Year)<<4|int(d.Month))<<5 | int(d.Day) }

// tables are the tables of one subject, earliest first.
type tables[R any] []table[R]

// on returns the table in force on a day, nil if there is none.
func (all tables[R]) on(d civil.Date) *table[R] {
	at := ordinal(d)
	for i := len(all) - 1; i >= 0; i-- {
		if t := &all[i]; at >= t.begin && at <= t.end {
			return t
		}
	}
	return nil
}

// at returns the row for a number of days past due; negative days count as 0.
func (t *table[R]) at(days int) *R {
	i := 1
	for i < len(t.firsts) && days >= t.firsts[i] {
		i++
	}
	return &t.rows[i-1]
}

// with adds a row to the table of its period, and creates the table if it is new.
func (all tables[R]) with(b Basis, s Span, row R) tables[R] {
	last := len(all) - 1
	if last < 0 || all[last].from != b.From || all[last].to != b.To {
		t := table[R]{from: b.From, to: b.To, begin: ordinal(b.From), end: math.MaxInt}
		if !b.To.IsZero() {
			t.end = ordinal(b.To)
		}
		all = append(all, t)
		last++
	}
	t := &all[last]
	t.firsts, t.rows = append(t.firsts, s.First), append(t.rows, row)
	return all
}

//go:embed regimes.csv
var regimesCSV string

//go:embed provisions.csv
var provisionsCSV string

//go:embed sustained.csv
var sustainedCSV string

// ruleSet has all rules by subject.
type ruleSet struct {
	stages    [len(payments)][len(counters)]tables[Rule]
	bands     [len(classifications)][2][2]tables[Band] // by marginal zone and by restructured: 0 no, 1 yes
	sustained [len(payments)]tables[Proof]
}

// rules returns the rules of the embedded files. A test proves that they are valid, so
// reading them cannot fail.
var rules = sync.OnceValue(func() *ruleSet {
	b, _ := read(regimesCSV, provisionsCSV, sustainedCSV)
	return b
})

func read(regimes, provisions, sustained string) (*ruleSet, error) {
	b := &ruleSet{}
	return b, errors.Join(
		eachLine("regimes", regimes, "regime,payment,counted,first_day,last_day,stage", b.addRule),
		eachLine("provisions", provisions, "classification,zone,restructured,first_day,last_day,share", b.addBand),
		eachLine("sustained", sustained, "payment,first_period_day,last_period_day,instalments,principal_share,interest_days", b.addProof),
	)
}

// line has the remaining cells of one line, which are read from left to right. It keeps
// the first error.
type line struct {
	cells []string
	err   error
}

// eachLine calls add for each line of a file. The first line must name the given
// columns and then those of a Basis.
func eachLine(name, text, columns string, add func(*line)) error {
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(all) == 0 || strings.Join(all[0], ",") != columns+",valid_from,valid_to,mark,date_mark,source" {
		return fmt.Errorf("%s: the columns must be %s and those of a basis", name, columns)
	}
	for i, cells := range all[1:] {
		l := &line{cells: cells}
		if add(l); l.err != nil {
			return fmt.Errorf("%s, line %d: %w", name, i+2, l.err)
		}
	}
	return nil
}

func (l *line) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *line) text() string {
	cell := l.cells[0]
	l.cells = l.cells[1:]
	return cell
}

func (l *line) number() int {
	n, err := strconv.ParseUint(l.text(), 10, 31)
	if err != nil {
		l.fail(err)
	}
	return int(n)
}

func (l *line) span() (s Span) {
	s.First, s.Last = l.number(), Open
	if l.cells[0] == "" {
		l.text()
	} else if s.Last = l.number(); s.Last < s.First {
		l.fail(fmt.Errorf("day %d is before day %d", s.Last, s.First))
	}
	return s
}

func (l *line) basis() (b Basis) {
	var err error
	if b.From, err = civil.Parse(l.text()); err != nil {
		l.fail(err)
	}
	if to := l.text(); to != "" {
		if b.To, err = civil.Parse(to); err != nil || b.To.Before(b.From) {
			l.fail(fmt.Errorf("last day %s: must be a date, not before the first day", to))
		}
	}
	b.Mark, b.DateMark, b.Source = l.mark(), l.mark(), l.text()
	return b
}

func (l *line) mark() Mark {
	m := l.text()
	if m != "V" && m != "P" && m != "D" && m != "M" && m != "?" {
		l.fail(fmt.Errorf("mark %q: must be V, P, D, M or ?", m))
	}
	return Mark(m)
}

// among returns the indexes of the words of a cell in the list; "any" is the whole
// list.
func among[S ~string](l *line, known []S) (at []int) {
	cell := l.text()
	for i, k := range known {
		if cell == "any" || slices.Contains(strings.Fields(cell), string(k)) {
			at = append(at, i)
		}
	}
	if cell != "any" && len(at) != len(strings.Fields(cell)) || len(at) == 0 {
		l.fail(fmt.Errorf("%q: must be any or words of %v", cell, known))
	}
	return at
}
