package bank_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// shelf and volume are nouns of these tests: a shelf has volumes, which its number
// and theirs name.
type shelf struct {
	ID    id.ID
	Label string
	Open  civil.Date
	Holds int // the volume in use
}

type volume struct {
	volumeKey
	Title  string
	Letter string // the first of the title, for queries
	Added  string
	pages  []byte
	Pages  []int
}

type volumeKey struct {
	Shelf  id.ID
	Number int
}

const labelTaken fault.Code = "label_taken"

var (
	shelves = bank.Declare(bank.Table[id.ID, shelf]{
		Name: "shelves", Rank: 10,
		Columns: db.Columns[shelf]{
			db.IDField("id", func(s *shelf) *id.ID { return &s.ID }),
			db.TextField("label", func(s *shelf) *string { return &s.Label }),
			db.DayField("open", func(s *shelf) *civil.Date { return &s.Open }),
			db.IntField("holds", func(s *shelf) *int { return &s.Holds }),
		},
		Unique:  map[string]fault.Code{"label": labelTaken},
		Of:      func(s *shelf) id.ID { return s.ID },
		Compare: bank.ByID,
	})
	volumes = bank.Declare(bank.Table[volumeKey, volume]{
		Name: "volumes", Rank: 20, Keys: 2,
		Columns: db.Columns[volume]{
			db.IDField("shelf", func(v *volume) *id.ID { return &v.Shelf }),
			db.IntField("number", func(v *volume) *int { return &v.Number }),
			db.TextField("title", func(v *volume) *string { return &v.Title }),
			db.TextField("letter", func(v *volume) *string { return &v.Letter }),
			db.TextField("added", func(v *volume) *string { return &v.Added }),
			db.BytesField("pages", func(v *volume) *[]byte { return &v.pages }),
		},
		Fixed:   []string{"added"},
		Derived: []string{"letter"},
		Of:      func(v *volume) volumeKey { return v.volumeKey },
		Compare: func(a, b volumeKey) int { return cmp.Or(bank.ByID(a.Shelf, b.Shelf), cmp.Compare(a.Number, b.Number)) },
		Read: func(v *volume) error {
			for _, n := range v.pages {
				v.Pages = append(v.Pages, int(n))
			}
			return nil
		},
		Write: func(v *volume) {
			v.Letter, v.pages = v.Title[:1], nil
			for _, n := range v.Pages {
				v.pages = append(v.pages, byte(n))
			}
		},
	})

	shelfByID      = bank.DeclareLookup(bank.Lookup[id.ID, shelf, id.ID]{Table: shelves, Column: "id", Lock: true})
	shelfByLabel   = bank.DeclareLookup(bank.Lookup[id.ID, shelf, string]{Table: shelves, Column: "label"})
	volumesOfShelf = bank.DeclareLookup(bank.Lookup[volumeKey, volume, id.ID]{Table: volumes, Column: "shelf"})
	firstVolume    = bank.DeclareLookup(bank.Lookup[volumeKey, volume, id.ID]{
		Table: volumes, Column: "shelf", And: "number = 1", Only: func(v *volume) bool { return v.Number == 1 },
	})
	shelfOfTitle = bank.DeclareLookup(bank.Lookup[id.ID, shelf, string]{
		Table: shelves, Lock: true, Via: &bank.Via{Table: "volumes", Column: "title", Columns: []string{"shelf"}, Own: []string{"id"}},
	})
	shelfShared = bank.DeclareLookup(bank.Lookup[id.ID, shelf, id.ID]{Table: shelves, Column: "id", Share: true})
	volumeInUse = bank.DeclareLookup(bank.Lookup[volumeKey, volume, string]{
		Table: volumes, Lock: true, Via: &bank.Via{Table: "shelves", Column: "label", Columns: []string{"id", "holds"}, Own: []string{"shelf", "number"}},
	})
)

// furnish creates the tables in a database, or returns a Memory.
func furnish(t *testing.T, d *db.DB) *bank.Bank {
	t.Helper()
	types := map[string][2]string{"ID": {"UUID", "TEXT"}, "DAY": {"DATE", "TEXT"}, "INT": {"BIGINT", "INTEGER"}, "BYTES": {"BYTEA", "BLOB"}}
	for _, table := range []string{
		"CREATE TABLE shelves (id ID PRIMARY KEY, label TEXT NOT NULL CONSTRAINT \"shelves.label\" UNIQUE, open DAY, holds INT NOT NULL)",
		"CREATE TABLE volumes (shelf ID NOT NULL REFERENCES shelves (id), number INT NOT NULL, title TEXT NOT NULL, letter TEXT NOT NULL, added TEXT NOT NULL, pages BYTES, PRIMARY KEY (shelf, number))",
	} {
		for name, of := range types {
			kind := of[0]
			if d.Embedded() {
				kind = of[1]
			}
			table = strings.ReplaceAll(table, " "+name, " "+kind)
		}
		office.Run(t, d, table)
	}
	return bank.Open(bank.Options{DB: d, Location: ground.Noon})
}

// does is a command made of functions.
type does struct {
	needs  func(*bank.Needs)
	decide func(*bank.Book) error
}

func (does) Name() string                  { return "arrange" }
func (does) Permission() access.Permission { return "" }
func (does) Check(bank.Rules) error        { return nil }
func (c does) Needs(n *bank.Needs)         { c.needs(n) }
func (c does) Decide(b *bank.Book) (struct{}, error) {
	b.Subject(id.ID{1})
	return struct{}{}, c.decide(b)
}

// carriers carry out commands: a bank on each database and one on a Memory.
func carriers(t *testing.T, run func(t *testing.T, do func(does) error, stored func() string)) {
	t.Helper()
	show := func(m *bank.Memory) string {
		return fmt.Sprintf("%+v\n%+v", shelves.Rows(m), volumes.Rows(m))
	}
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := furnish(t, d)
		t.Cleanup(b.Close)
		run(t, func(c does) error {
			_, err := bank.Do(t.Context(), b, by, c)
			return err
		}, func() string {
			m, batch := bank.NewMemory(civil.Date{}), &db.Batch{}
			shelves.Load(m, batch)
			volumes.Load(m, batch)
			if err := d.ReadPrimary(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			return show(m)
		})
	})
	t.Run("memory", func(t *testing.T) {
		m := bank.NewMemory(civil.Date{})
		solo := m.Open(bank.Options{})
		run(t, func(c does) error {
			_, rows, err := bank.Alone(solo, by, c)
			if err != nil && rows > 0 {
				t.Errorf("got %d rows written by a refused command, want 0", rows)
			}
			return err
		}, func() string { return show(m) })
	})
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

var (
	nothing = func(*bank.Needs) {}
	first   = shelf{ID: id.ID{1}, Label: "first", Open: civil.Date{Year: 2026, Month: 3, Day: 1}, Holds: 2}
	second  = shelf{ID: id.ID{2}, Label: "second", Holds: 1}
)

func volumeOf(s shelf, number int, title string) volume {
	return volume{volumeKey: volumeKey{s.ID, number}, Title: title, Added: "once", Pages: []int{number, 7}}
}

// filled adds two shelves with three volumes to the tables.
func filled(t *testing.T, do func(does) error) {
	t.Helper()
	if err := do(does{nothing, func(b *bank.Book) error {
		volumes.Add(b, volumeOf(second, 1, "Zinc"))
		shelves.Add(b, second)
		shelves.Add(b, first)
		volumes.Add(b, volumeOf(first, 2, "Beryllium"))
		volumes.Add(b, volumeOf(first, 1, "Argon"))
		return nil
	}}); err != nil {
		t.Fatal(err)
	}
}

var filledText = `[{ID:01000000-0000-0000-0000-000000000000 Label:first Open:2026-03-01 Holds:2} {ID:02000000-0000-0000-0000-000000000000 Label:second Open:` + fmt.Sprint(civil.Date{}) + ` Holds:1}]
[{volumeKey:{Shelf:01000000-0000-0000-0000-000000000000 Number:1} Title:Argon Letter:A Added:once pages:[1 7] Pages:[1 7]} ` +
	`{volumeKey:{Shelf:01000000-0000-0000-0000-000000000000 Number:2} Title:Beryllium Letter:B Added:once pages:[2 7] Pages:[2 7]} ` +
	`{volumeKey:{Shelf:02000000-0000-0000-0000-000000000000 Number:1} Title:Zinc Letter:Z Added:once pages:[1 7] Pages:[1 7]}]`

func TestTableSavesWhatIsStaged(t *testing.T) {
	carriers(t, func(t *testing.T, do func(does) error, stored func() string) {
		filled(t, do)
		same(t, stored(), filledText)
		err := do(does{
			func(n *bank.Needs) {
				shelfByID.Need(n, first.ID)
				volumesOfShelf.Need(n, first.ID)
				volumesOfShelf.Need(n, second.ID)
			},
			func(b *bank.Book) error {
				v, found := volumes.Get(b, volumeKey{first.ID, 2})
				if want := (volumeOf(first, 2, "Beryllium")); !found || v.Title != want.Title || !slices.Equal(v.Pages, want.Pages) || v.Letter != "" {
					t.Errorf("loaded: got %+v, %t, want %+v without a letter", v, found, want)
				}
				v.Title, v.Added, v.Pages = "Cobalt", "twice", []int{9}
				volumes.Change(b, v)
				v.Title = "Dysprosium"
				volumes.Change(b, v) // changed twice is changed
				gone, _ := volumes.Get(b, volumeKey{second.ID, 1})
				volumes.Remove(b, gone)
				if _, found := volumes.Get(b, gone.volumeKey); found {
					t.Error("got a removed row, want none")
				}
				made := volumeOf(first, 3, "Erbium")
				volumes.Add(b, made)
				made.Title, made.Added = "Fermium", "on the same day"
				volumes.Change(b, made) // added and changed is added, with its fixed columns
				short := volumeOf(first, 4, "Gold")
				volumes.Add(b, short)
				volumes.Remove(b, short) // added and removed was never there
				if n := len(slices.Collect(volumes.All(b))); n != 3 {
					t.Errorf("got %d volumes in the book, want 3", n)
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		same(t, strings.SplitAfter(stored(), "\n")[1],
			`[{volumeKey:{Shelf:01000000-0000-0000-0000-000000000000 Number:1} Title:Argon Letter:A Added:once pages:[1 7] Pages:[1 7]} `+
				`{volumeKey:{Shelf:01000000-0000-0000-0000-000000000000 Number:2} Title:Dysprosium Letter:D Added:once pages:[9] Pages:[9]} `+
				`{volumeKey:{Shelf:01000000-0000-0000-0000-000000000000 Number:3} Title:Fermium Letter:F Added:once pages:[3 7] Pages:[3 7]}]`)
	})
}

func TestTableReplacesARow(t *testing.T) {
	carriers(t, func(t *testing.T, do func(does) error, stored func() string) {
		filled(t, do)
		again := func(title string, then func(*bank.Book, volume)) {
			t.Helper()
			err := do(does{func(n *bank.Needs) { volumesOfShelf.Need(n, first.ID) }, func(b *bank.Book) error {
				old, _ := volumes.Get(b, volumeKey{first.ID, 1})
				volumes.Remove(b, old)
				made := volumeOf(first, 1, title)
				made.Added = "again"
				volumes.Add(b, made)
				then(b, made)
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
		}
		again("Holmium", func(*bank.Book, volume) {})
		if got := stored(); !strings.Contains(got, "Title:Holmium Letter:H Added:again") {
			t.Errorf("removed and added again: got %s, want Title:Holmium Letter:H Added:again", got)
		}
		again("Iodine", func(b *bank.Book, v volume) { volumes.Remove(b, v) })
		if got := stored(); strings.Contains(got, "Number:1} Title:Holmium") || strings.Contains(got, "Iodine") {
			t.Errorf("removed, added and removed again: got %s, want neither Holmium of number 1 nor Iodine", got)
		}
	})
}

func TestTableTakesBackWhatARefusedCommandStaged(t *testing.T) {
	refusal := errors.New("refused")
	carriers(t, func(t *testing.T, do func(does) error, stored func() string) {
		filled(t, do)
		err := do(does{
			func(n *bank.Needs) {
				shelfByID.Need(n, first.ID)
				volumesOfShelf.Need(n, first.ID)
			},
			func(b *bank.Book) error {
				shelves.Change(b, shelf{ID: first.ID, Label: "other"})
				volumes.Remove(b, volumeOf(first, 1, "Argon"))
				volumes.Change(b, volumeOf(first, 2, "Other"))
				volumes.Add(b, volumeOf(first, 3, "Other"))
				return refusal
			},
		})
		if !errors.Is(err, refusal) {
			t.Errorf("got %v, want %v", err, refusal)
		}
		same(t, stored(), filledText)
	})
}

func TestLookups(t *testing.T) {
	carriers(t, func(t *testing.T, do func(does) error, _ func() string) {
		filled(t, do)
		for name, look := range map[string]struct {
			needs func(*bank.Needs)
			want  string
		}{
			"by id":                {func(n *bank.Needs) { shelfByID.Need(n, second.ID) }, "shelf second"},
			"by text":              {func(n *bank.Needs) { shelfByLabel.Need(n, "first") }, "shelf first"},
			"unknown":              {func(n *bank.Needs) { shelfByLabel.Need(n, "third") }, ""},
			"all of a part of key": {func(n *bank.Needs) { volumesOfShelf.Need(n, first.ID) }, "volume Argon, volume Beryllium"},
			"with a condition":     {func(n *bank.Needs) { firstVolume.Need(n, first.ID); firstVolume.Need(n, second.ID) }, "volume Argon, volume Zinc"},
			"via another table":    {func(n *bank.Needs) { volumeInUse.Need(n, "first"); volumeInUse.Need(n, "third") }, "volume Beryllium"},
			"several":              {func(n *bank.Needs) { volumeInUse.Need(n, "first"); firstVolume.Need(n, first.ID) }, "volume Argon, volume Beryllium"},
			"nothing":              {nothing, ""},
		} {
			err := do(does{look.needs, func(b *bank.Book) error {
				var found []string
				for s := range shelves.All(b) {
					found = append(found, "shelf "+s.Label)
				}
				for v := range volumes.All(b) {
					found = append(found, "volume "+v.Title)
				}
				slices.Sort(found)
				if got := strings.Join(found, ", "); got != look.want {
					t.Errorf("%s: got %q in the book, want %q", name, got, look.want)
				}
				return nil
			}})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestLookupsLock: rows that are locked are read after another node changed them.
func TestLookupsLock(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	nodes := []*bank.Bank{furnish(t, d), bank.Open(bank.Options{DB: d, Location: ground.Noon})}
	for _, b := range nodes {
		t.Cleanup(b.Close)
	}
	filled(t, func(c does) error {
		_, err := bank.Do(t.Context(), nodes[0], by, c)
		return err
	})
	for name, needs := range map[string]func(*bank.Needs){
		"by id":             func(n *bank.Needs) { shelfByID.Need(n, first.ID); volumeInUse.Need(n, "first") },
		"via another table": func(n *bank.Needs) { volumeInUse.Need(n, "first") },
	} {
		const times = 20
		var wg sync.WaitGroup
		for i := range 2 * times {
			wg.Go(func() {
				_, err := bank.Do(t.Context(), nodes[i%2], by, does{needs, func(b *bank.Book) error {
					if s, found := shelves.Get(b, first.ID); found {
						s.Label = "first"
						shelves.Change(b, s)
					}
					v, found := volumes.Get(b, volumeKey{first.ID, 2})
					if !found {
						return errors.New("the volume in use is missing")
					}
					v.Pages = append(v.Pages, 1)
					volumes.Change(b, v)
					return nil
				}})
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		wg.Wait()
	}
	if got := office.Count(t, d, "SELECT length(pages) FROM volumes WHERE title = 'Beryllium'"); got != 2+4*20 {
		t.Errorf("got %d pages, want %d: a change was lost", got, 2+4*20)
	}
}

// TestUniqueValues: a value that another row has, which the command could not see, is
// refused with the code of its column, and the others of the batch are written.
func TestUniqueValues(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := furnish(t, d)
		t.Cleanup(b.Close)
		var wg sync.WaitGroup
		errs := make([]error, 30)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = bank.Do(t.Context(), b, by, does{nothing, func(b *bank.Book) error {
					shelves.Add(b, shelf{ID: b.NewID(), Label: fmt.Sprint("label ", i%10)})
					return nil
				}})
			})
		}
		wg.Wait()
		taken := 0
		for _, err := range errs {
			switch {
			case fault.Is(err, labelTaken):
				taken++
			case err != nil:
				t.Error(err)
			}
		}
		if n := office.Count(t, d, "SELECT count(*) FROM shelves"); n != 10 || taken != 20 {
			t.Errorf("got %d shelves and %d refusals, want 10 and 20", n, taken)
		}
	})
}

func TestTwoTablesOfOneRank(t *testing.T) {
	other := bank.Declare(bank.Table[id.ID, shelf]{
		Name: "cupboards", Rank: 10, Columns: shelves.Columns, Of: func(s *shelf) id.ID { return s.ID }, Compare: bank.ByID,
	})
	m := bank.NewMemory(civil.Date{})
	_, _, err := bank.Alone(m.Open(bank.Options{}), by, does{nothing, func(b *bank.Book) error {
		shelves.Add(b, first)
		other.Add(b, first)
		return nil
	}})
	if want := "another table already has rank 10"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// TestTwoLookupsLockInKeyOrder: two banks lock rows of one table with two lookups each, in
// opposite orders. Neither waits for the other while the other waits for it.
func TestTwoLookupsLockInKeyOrder(t *testing.T) {
	for name, byID := range map[string]*bank.Lookup[id.ID, shelf, id.ID]{"exclusive": shelfByID, "shared": shelfShared} {
		t.Run(name, func(t *testing.T) {
			d := ground.Open(t, ground.Config(t, ground.Postgres))
			banks := []*bank.Bank{furnish(t, d), bank.Open(bank.Options{DB: d, Location: ground.Noon})}
			for _, b := range banks {
				t.Cleanup(b.Close)
			}
			third := shelf{ID: id.ID{3}, Label: "third"}
			filled(t, func(c does) error { _, err := bank.Do(t.Context(), banks[0], by, c); return err })
			office.Must(t, banks[0], does{nothing, func(b *bank.Book) error {
				shelves.Add(b, third)
				volumes.Add(b, volumeOf(third, 1, "Cobalt"))
				return nil
			}})
			hold, busy := d.Session(), &db.Batch{}
			t.Cleanup(hold.Close)
			busy.Lock("SELECT FROM shelves WHERE id = $1 FOR UPDATE", second.ID)
			if err := hold.Begin(t.Context(), busy); err != nil {
				t.Fatal(err)
			}
			relabel := func(b *bank.Bank, title string, shelvesByID ...id.ID) func() {
				wait, err := bank.Start(t.Context(), b, by, does{func(n *bank.Needs) {
					for _, one := range shelvesByID {
						byID.Need(n, one)
					}
					shelfOfTitle.Need(n, title)
				}, func(*bank.Book) error { return nil }})
				if err != nil {
					t.Fatal(err)
				}
				return func() {
					if _, err := wait.Wait(); err != nil {
						t.Error(err)
					}
				}
			}
			waiting := func(want int64) {
				for office.Count(t, d, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") < want {
					time.Sleep(5 * time.Millisecond)
				}
			}
			one := relabel(banks[0], "Cobalt", first.ID, second.ID)
			waiting(1)
			two := relabel(banks[1], "Argon", third.ID)
			waiting(2)
			hold.Rollback()
			one()
			two()
			for i, b := range banks {
				if n := b.Stats().Alone.Load(); n > 0 {
					t.Errorf("bank %d: got %d commands that ran alone after a deadlock, want none", i, n)
				}
			}
		})
	}
}
