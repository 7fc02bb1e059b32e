package view

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Place is the position of a row in a list.
type Place struct {
	Day civil.Date // of a payment
	ID  id.ID

	folio int64 // of a payment that was read
}

// isZero reports whether there is no place.
func (p Place) isZero() bool { return p.ID.IsZero() }

// String returns the form of the place in a URL.
func (p Place) String() string {
	if p.Day.IsZero() {
		return p.ID.String()
	}
	return p.Day.String() + "." + p.ID.String()
}

// ParsePlace reads the form of String. The zero Place is "".
func ParsePlace(text string) (p Place, err error) {
	if text == "" {
		return p, nil
	}
	if day, rest, dated := strings.Cut(text, "."); dated {
		if p.Day, err = civil.Parse(day); err != nil {
			return p, err
		}
		text = rest
	}
	p.ID, err = id.Parse(text)
	return p, err
}

// Window selects a page of a list: at most Limit rows after or before a place.
type Window struct {
	After, Before Place // at most one of them
	Limit         int64
}

// Listed is a page of a list. It may have fewer items than the limit, or none, although Next or
// Previous is set: then the rows up to there were examined.
type Listed[T any] struct {
	Items          []T
	Next, Previous Place // After and Before of the neighbouring pages; zero at the ends
}

// The number of rows that a page examines at once and in total. A filter without an index that
// few rows match is given up after that many, and the next page goes on from there. So each page
// takes a limited time.
const (
	leastExamined = 200
	mostExamined  = 2000
)

// scan reads the rows of a table in the order of an index. Conditions that the index has are in
// where; the database evaluates the others for each row that it examines.
type scan struct {
	from   string // tables
	id     string // column with the id
	folio  string // column with the folio; empty for none
	key    string // column of the order before the id; empty for none
	keyOf  string // query of the key of the row %s; empty if the key is the day of the place
	down   bool   // the key is descending
	idDown bool   // the id is descending
	where  []string
	keep   []string
	args   []any
}

// arg adds an argument and returns its placeholder.
func (s *scan) arg(value any) string {
	s.args = append(s.args, value)
	return "$" + strconv.Itoa(len(s.args))
}

// index adds a condition on columns of the index; %s stands for the value.
func (s *scan) index(condition string, value any) {
	s.where = append(s.where, fmt.Sprintf(condition, s.arg(value)))
}

// filter adds a condition on other columns; %s stands for the value.
func (s *scan) filter(condition string, value any) {
	s.keep = append(s.keep, fmt.Sprintf(condition, s.arg(value)))
}

// page reads the places of the rows in the window. Refused with Invalid if the window begins at
// a row that does not exist.
func (v *View) page(ctx context.Context, need uint64, s *scan, w Window) (out Listed[Place], err error) {
	start, back := w.After, !w.Before.isZero()
	if back {
		start = w.Before
	}
	from, more := start, true
	for examined := int64(0); more && int64(len(out.Items)) < w.Limit && examined < mostExamined; {
		room := w.Limit - int64(len(out.Items)) + 1 // one more tells whether there is another page
		if len(s.keep) > 0 {
			room = min(max(leastExamined, 4*room, 4*examined), mostExamined)
		}
		found, err := v.examine(ctx, need, s, stretch{from, back, room})
		if err != nil {
			return out, err
		}
		more = int64(len(found)) == room
		for i, f := range found {
			if int64(len(out.Items)) == w.Limit {
				more = more || slices.ContainsFunc(found[i:], func(f examinedRow) bool { return f.keep })
				break
			}
			examined, from = examined+1, f.place
			if f.keep {
				out.Items = append(out.Items, f.place)
			}
		}
	}
	first := start
	if len(out.Items) > 0 {
		first = out.Items[0]
	}
	if !back {
		if more {
			out.Next = from
		}
		if !start.isZero() {
			out.Previous = first
		}
		return out, nil
	}
	slices.Reverse(out.Items)
	out.Next = first
	if more {
		out.Previous = from
	}
	return out, nil
}

// examinedRow is a row that was read, and whether it passes the filters.
type examinedRow struct {
	place Place
	keep  bool
}

// stretch is a part of a list: at most limit rows after a place, or before it if back is set.
type stretch struct {
	from  Place
	back  bool
	limit int64
}

// examine reads the rows of a stretch.
func (v *View) examine(ctx context.Context, need uint64, s *scan, of stretch) (rows []examinedRow, err error) {
	from, back := of.from, of.back
	batch, known := &db.Batch{}, true
	after := scan{where: slices.Clone(s.where), args: slices.Clone(s.args)}
	down, idDown := s.down != back, s.idDown != back
	if !from.isZero() {
		known = s.keyOf == "" && (s.key != "") == !from.Day.IsZero()
		if s.keyOf != "" && from.Day.IsZero() {
			batch.Query(fmt.Sprintf(s.keyOf, "$1"), func(db.Scanner) error { known = true; return nil }, from.ID)
		}
		after.begin(s, from, down, idDown)
	}
	day, keep := "NULL::date", "TRUE"
	if s.key != "" && s.keyOf == "" {
		day = s.key
	}
	if len(s.keep) > 0 {
		keep = "coalesce(" + strings.Join(s.keep, " AND ") + ", FALSE)"
	}
	order := ordered(s.id, idDown)
	if s.key != "" {
		order = ordered(s.key, down) + ", " + order
	}
	batch.Query("SELECT "+s.id+", "+cmp.Or(s.folio, "0")+", "+day+", "+keep+" FROM "+s.from+" WHERE "+cmp.Or(strings.Join(after.where, " AND "), "TRUE")+" ORDER BY "+order+" LIMIT "+after.arg(of.limit), func(r db.Scanner) error {
		var one examinedRow
		err := r.Scan(&one.place.ID, &one.place.folio, &one.place.Day, &one.keep)
		rows = append(rows, one)
		return err
	}, after.args...)
	was := known
	if err = v.ask(ctx, need, batch, func() { rows, known = nil, was }); err == nil && !known {
		at := "after"
		if back {
			at = "before"
		}
		err = fault.Wrong(fault.At(at, fault.PageStart))
	}
	return rows, err
}

func ordered(column string, down bool) string {
	if down {
		return column + " DESC"
	}
	return column
}

// begin adds the condition that rows come after the place.
func (s *scan) begin(of *scan, from Place, down, idDown bool) {
	signs := map[bool]string{false: ">", true: "<"}
	row := s.arg(from.ID)
	if of.key == "" {
		s.where = append(s.where, of.id+" "+signs[idDown]+" "+row)
		return
	}
	key := "(" + fmt.Sprintf(of.keyOf, row) + ")"
	if of.keyOf == "" {
		key = s.arg(from.Day)
	}
	if down == idDown {
		s.where = append(s.where, fmt.Sprintf("(%s, %s) %s (%s, %s)", of.key, of.id, signs[down], key, row))
		return
	}
	s.where = append(s.where, fmt.Sprintf("%[1]s %[2]s= %[3]s AND (%[1]s %[2]s %[3]s OR %[4]s %[5]s %[6]s)", of.key, signs[down], key, of.id, signs[idDown], row))
}
