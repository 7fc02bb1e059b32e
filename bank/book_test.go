package bank

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/ledger"
)

// stagesOfTheEngine stages something of every kind that the engine itself keeps, then
// fails.
type stagesOfTheEngine struct{ kept, changed record }

var errStaged = errors.New("on purpose")

func (stagesOfTheEngine) Name() string                  { return "stage" }
func (stagesOfTheEngine) Permission() access.Permission { return "" }
func (stagesOfTheEngine) Check(Rules) error             { return nil }
func (c stagesOfTheEngine) Needs(n *Needs) {
	recordsByKey.Need(n, c.kept.key)
	recordsByKey.Need(n, c.changed.key)
	n.Period()
}

func (c stagesOfTheEngine) Decide(b *Book) (struct{}, error) {
	records.Remove(b, c.kept)
	c.changed.answer = []byte("other")
	records.Change(b, c.changed)
	records.Change(b, c.changed)
	made := record{recordKey: recordKey{"ana", "stage", "made"}}
	records.Add(b, made)
	records.Change(b, made)
	records.Remove(b, made)
	records.Add(b, made)
	if err := b.Post(ledger.Entry{ID: b.NewID(), Postings: []ledger.Posting{{Account: "1102", Debit: 1}, {Account: "6401", Credit: 1}}}); err != nil {
		return struct{}{}, err
	}
	b.DatedOn(b.Today().AddDays(-1)) // as by a command that panics before it goes back
	b.SetDay(BusinessDay{Day: b.Today()})
	b.CloseThrough(b.Today())
	b.Publish(event.Fact{Subject: id.ID{1}})
	return struct{}{}, errStaged
}

// TestARollbackLeavesTheBook: after a command that failed the book is as it was loaded,
// and nothing is saved.
func TestARollbackLeavesTheBook(t *testing.T) {
	m := NewMemory(civil.Date{Year: 2025, Month: 12, Day: 31})
	c := stagesOfTheEngine{record{recordKey: recordKey{"ana", "stage", "kept"}}, record{recordKey: recordKey{"ana", "stage", "changed"}}}
	records.Keep(m, c.kept, c.changed)
	before := m.Text()
	w := m.Open(Options{}).writer
	by := By{Actor: "ana", System: true, Key: "of the command"}
	j, err := newJob(context.Background(), w.bank, by, program(by), c)
	if err != nil {
		t.Fatal(err)
	}
	var loaded [2]*Book
	for i := range loaded {
		loaded[i] = w.bookFor([]*job{j})
		if err := loaded[i].LoadFrom(m); err != nil {
			t.Fatal(err)
		}
	}
	book, fresh := loaded[0], loaded[1]
	if err := w.decide(t.Context(), book, j); err != nil || !errors.Is(j.err, errStaged) || len(book.undo) < 10 {
		t.Fatalf("got %v, %v after %d steps, want %v after 10 or more", err, j.err, len(book.undo), errStaged)
	}
	if rows := book.SaveTo(m); rows > 0 || m.Text() != before || book.dirty() {
		t.Errorf("got %d rows written, more to commit: %t, stored\n%s\nwant 0 rows, nothing to commit, stored\n%s", rows, book.dirty(), m.Text(), before)
	}
	for _, b := range loaded { // what is of the command, was empty or has functions in it
		b.begin(j, time.Time{})
		b.journal.lines, b.first, b.ids = nil, 0, nil
		for _, s := range b.sets {
			s.(*rows[recordKey, record]).requests = nil
		}
	}
	if !reflect.DeepEqual(book, fresh) {
		t.Errorf("after the rollback: got the book\n%+v\nwant\n%+v", book, fresh)
	}
}

// TestIDsOfACommandSort: the ids of a command sort in the order of their creation.
func TestIDsOfACommandSort(t *testing.T) {
	b := NewBook(newBank(Options{}), nil)
	b.Begin(By{Actor: "ana"}, "test", time.Now())
	last := b.NewID()
	for range 1000 {
		next := b.NewID()
		if ByID(last, next) >= 0 {
			t.Fatalf("got %s after %s, want one that sorts after it", next, last)
		}
		last = next
	}
}
