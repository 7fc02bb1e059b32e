package bank

import (
	"sofipo/core/id"
	"sofipo/core/staff"
)

// Requested is what a command requests of one table by one lookup.
type Requested struct {
	Table   string
	Columns []string // of the table
	Keys    []string
	Lock    bool // exclusively
}

// RequestsOf returns what a command requests, whether it locks a row that the whole institution shares
// (the closed period or the business date), and whether it has queries of its own.
func RequestsOf(c interface{ Needs(*Needs) }) (tables []Requested, locksBooks, queries bool) {
	b := newBank(Options{})
	n := &Needs{bank: b, who: &staff.Member{}}
	c.Needs(n)
	book := NewBook(b, map[any]any{})
	book.Ask(n)
	for _, r := range book.order {
		tables = append(tables, r.set.(interface{ requested() []Requested }).requested()...)
	}
	return tables, book.calendar.period || book.calendar.lockDay, len(book.readings)+len(book.counts) > 0
}

func (s *rows[K, V]) requested() (all []Requested) {
	for _, a := range s.requests {
		r := Requested{Table: s.table.Name, Lock: a.lookup.(interface{ locks() bool }).locks()}
		for _, f := range s.table.Columns {
			r.Columns = append(r.Columns, f.Name())
		}
		switch keys := a.keys.(type) {
		case *[]id.ID:
			for _, k := range *keys {
				r.Keys = append(r.Keys, k.String())
			}
		case *[]string:
			r.Keys = *keys
		}
		all = append(all, r)
	}
	return all
}

func (l *Lookup[K, V, I]) locks() bool { return l.Lock }
