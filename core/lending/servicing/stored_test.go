package servicing_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// kept is an account as a bank keeps it: the version as JSON text and two strings
// of bytes, the plan as it was when the version was made.
type kept struct {
	product     product.Product
	number      int
	version     []byte
	plan, state []byte
}

func (k *kept) store(t *rapid.T, a servicing.Account) {
	if k.number != a.Version.Number {
		text, err := json.Marshal(a.Version)
		if err != nil {
			t.Fatal(err)
		}
		k.number, k.version, k.plan = a.Version.Number, text, a.AppendPlan(nil)
	}
	k.state = a.AppendState(nil)
}

func (k *kept) load(t *rapid.T) servicing.Account {
	var v servicing.Version
	if err := json.Unmarshal(k.version, &v); err != nil {
		t.Fatal(err)
	}
	a, err := servicing.Restore(k.product, v, k.plan, k.state)
	if err != nil {
		t.Fatalf("%v\nplan %x\nstate %x", err, k.plan, k.state)
	}
	return a
}

// TestStoredLifeIsTheSame: a loan that is trimmed, stored and loaded before each
// operation has the same splits, refusals, accounts and figures as one that never
// was, and is stored as it is.
func TestStoredLifeIsTheSame(t *testing.T) {
	left := map[servicing.Status]int{} // out
	rapid.Check(t, func(t *rapid.T) {
		p := anyProduct(t)
		s := anyContract(t, p)
		l := life{history: servicing.History{Product: p, Contract: s}, account: servicing.Open(p, s)}
		k := kept{product: p}
		k.store(t, l.account)
		for range rapid.IntRange(1, 14).Draw(t, "operations") {
			loaded, trimmed := k.load(t), servicing.Trim(l.account)
			if !reflect.DeepEqual(loaded, trimmed) {
				t.Fatalf("loaded\n%+v\nwas\n%+v", loaded, trimmed)
			}
			if servicing.Alive(loaded.Status) && len(loaded.Instalments) == 0 {
				t.Fatalf("nothing is left of %+v", l.account)
			}
			left[loaded.Status] += len(l.account.Instalments) - len(loaded.Instalments)
			sameFigures(t, l.account, loaded)
			o := usualOperation(t, &l)
			want, wantSplit, wantErr := servicing.Apply(l.account, o, o.ValueDate)
			got, gotSplit, gotErr := servicing.Apply(loaded, o, o.ValueDate)
			if !sameError(wantErr, gotErr) || !reflect.DeepEqual(wantSplit, gotSplit) {
				t.Fatalf("%s of %s on %s:\n%+v %v, want\n%+v %v", o.Kind, o.Amount, o.ValueDate, gotSplit, gotErr, wantSplit, wantErr)
			}
			if wantErr != nil {
				continue
			}
			if g, w := servicing.Trim(got), servicing.Trim(want); !reflect.DeepEqual(g, w) {
				t.Fatalf("after %s\n%+v, want\n%+v", o.Kind, g, w)
			}
			if !bytes.Equal(got.AppendState(nil), want.AppendState(nil)) || !bytes.Equal(got.AppendPlan(nil), want.AppendPlan(nil)) {
				t.Fatalf("after %s other bytes are stored", o.Kind)
			}
			l.account = want
			k.store(t, got)
		}
	})
	if left[servicing.Active] == 0 || left[servicing.PaidOff] == 0 {
		t.Errorf("too little was trimmed: %v", left)
	}
}

// usualOperation draws an operation, mostly a payment of all that is due when the
// next instalment falls due, so that instalments are over.
func usualOperation(t *rapid.T, l *life) servicing.Operation {
	a := l.account
	if servicing.Alive(a.Status) && rapid.IntRange(0, 2).Draw(t, "usual") > 0 {
		for _, in := range a.Instalments {
			due := servicing.Due(a, in.Due).Due.Sum()
			if in.Due.After(a.Day) && due > 0 {
				return servicing.Operation{Number: a.Operations + 1, Kind: servicing.Ordinary, ValueDate: in.Due, Amount: due}
			}
		}
	}
	return anyOperation(t, l)
}

func sameError(a, b error) bool {
	return a == nil && b == nil || a != nil && b != nil && told(a) == told(b)
}

// sameFigures compares all that is asked of an account, on its day and later.
func sameFigures(t *rapid.T, a, b servicing.Account) {
	if x, y := servicing.Recognised(a), servicing.Recognised(b); x != y {
		t.Fatalf("recognised %+v, %+v", x, y)
	}
	later := a.Day.AddDays(rapid.SampledFrom([]int{0, 1, 20, 31, 60, 400}).Draw(t, "later"))
	x, happened := servicing.Roll(a, later)
	y, too := servicing.Roll(b, later)
	if !reflect.DeepEqual(servicing.Trim(x), servicing.Trim(y)) || !reflect.DeepEqual(happened, too) {
		t.Fatalf("rolled to %s\n%+v %+v\n%+v %+v", later, x, happened, y, too)
	}
	if x, y := servicing.Due(a, later), servicing.Due(b, later); !reflect.DeepEqual(x, y) {
		t.Fatalf("due on %s\n%+v\n%+v", later, x, y)
	}
	if x, y := servicing.PayoffOf(a, later), servicing.PayoffOf(b, later); x != y {
		t.Fatalf("payoff on %s\n%+v\n%+v", later, x, y)
	}
	if x, y := servicing.DaysPastDue(a, later), servicing.DaysPastDue(b, later); x != y {
		t.Fatalf("days past due on %s: %d, %d", later, x, y)
	}
}

// TestTrim has what stays of the README loan.
func TestTrim(t *testing.T) {
	_, a := readme(t)
	step := func(amount money.Amount, on string) {
		t.Helper()
		after, _, err := servicing.Receive(a, servicing.Payment{Amount: amount, ValueDate: date(on)}, date(on))
		if err != nil {
			t.Fatal(told(err))
		}
		a = after
	}
	for _, c := range []struct {
		name string
		do   func()
		left int // instalments
	}{
		{"fresh", func() {}, 24},
		{"the first due", func() { a, _ = servicing.Roll(a, date("2026-02-15")) }, 24},
		{"a centavo short", func() { step(2_524_32, "2026-02-15") }, 24},
		{"paid", func() { step(1, "2026-02-15") }, 23},
		{"the second unpaid, the third due", func() { a, _ = servicing.Roll(a, date("2026-04-15")) }, 23},
		{"both and all the principal but a centavo", func() { step(servicing.PayoffOf(a, a.Day).Total-1, "2026-04-15") }, 21},
		{"to the end, all but the last of nothing", func() { a, _ = servicing.Roll(a, date("2027-12-15")) }, 1},
	} {
		if c.do(); len(servicing.Trim(a).Instalments) != c.left {
			t.Errorf("%s: %d left, want %d", c.name, len(servicing.Trim(a).Instalments), c.left)
		}
	}
	if step(servicing.PayoffOf(a, a.Day).Total, "2028-01-15"); a.Status != servicing.PaidOff || servicing.Trim(a).Instalments != nil {
		t.Errorf("paid off: %+v", servicing.Trim(a))
	}
}

// late is the README loan with moratorium, of which the fourth to sixth
// instalments are late, the fourth paid in part; and as it was granted.
func late(t testing.TB) (granted, now servicing.Account) {
	p := product.Seed()
	p.Moratorium.Rate = 300_000
	s := contract(t, p, 50_000_00, 150_000, 24, "2026-01-15")
	granted = servicing.Open(p, s)
	now = granted
	var err error
	for _, k := range []int{0, 1, 2, 5} {
		amount := s.Rows[k].Total
		if k == 5 {
			amount = 1_000_00
		}
		if now, _, err = servicing.Receive(now, servicing.Payment{Amount: amount, ValueDate: s.Rows[k].Due.AddDays(k)}, date("2027-01-01")); err != nil {
			t.Fatal(told(err))
		}
	}
	return granted, now
}

func TestStoredIsSmall(t *testing.T) {
	granted, now := late(t)
	for _, c := range []struct {
		name string
		got  int
		most int
	}{
		{"the plan of 24 instalments", len(granted.AppendPlan(nil)), 400},
		{"the state of a fresh loan", len(granted.AppendState(nil)), 60},
		{"the state of a late loan", len(now.AppendState(nil)), 150},
	} {
		if t.Logf("%s: %d bytes", c.name, c.got); c.got > c.most {
			t.Errorf("%s has %d bytes, more than %d", c.name, c.got, c.most)
		}
	}
	if b := now.AppendState([]byte("before")); string(b[:6]) != "before" || !bytes.Equal(b[6:], now.AppendState(nil)) {
		t.Error("what is appended depends on what is before it")
	}
}

// TestRestoreRefuses: what is cut, changed, of another version or in the wrong
// place is refused.
func TestRestoreRefuses(t *testing.T) {
	granted, now := late(t)
	plan, state := granted.AppendPlan(nil), now.AppendState(nil)
	refused := func(name string, v servicing.Version, plan, state []byte) {
		t.Helper()
		if a, err := servicing.Restore(now.Product, v, plan, state); err == nil || !reflect.DeepEqual(a, servicing.Account{}) {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	if a, err := servicing.Restore(now.Product, now.Version, plan, state); err != nil || !reflect.DeepEqual(a, servicing.Trim(now)) {
		t.Fatal(err)
	}
	for i := range plan {
		refused("a cut plan", now.Version, plan[:i], state)
		changed := bytes.Clone(plan)
		changed[i] ^= 1
		refused("a changed plan", now.Version, changed, state)
		refused("a plan that was written cut", now.Version, sealed(plan[:min(i, len(plan)-5)]), state)
	}
	for i := range state {
		refused("a cut state", now.Version, plan, state[:i])
		changed := bytes.Clone(state)
		changed[i] ^= 0x80
		refused("a changed state", now.Version, plan, changed)
	}
	other := now.Version
	other.Number++
	refused("another version", other, plan, state)
	second := now
	second.Version = other
	refused("a plan of another version", other, plan, second.AppendState(nil))
	record := func(b ...byte) []byte { return sealed(append(bytes.Clone(state[:len(state)-4]), b...)) }
	refused("an instalment beyond the last", now.Version, plan, record(0x01, 0xc8, 0x01))
	refused("an instalment twice", now.Version, plan, record(0x01, 0x01))
	refused("a record with a number too many", now.Version, plan, record(0x80, 0x80, 0x40, 0x02))
	refused("a loan of the year 11552", now.Version, plan, sealed([]byte{1, 0x11, 0x02, 0xc0, 0x9f, 0xab, 0x03}))
	refused("a loan of a later year", now.Version, plan, sealed([]byte{1, 0x11, 0x02, 0x80, 0xda, 0xc4, 0x09}))
	refused("a word that is none", now.Version, plan, sealed([]byte{1, 0x19, 0x02, 0x0a, 0x02}))
	if _, err := servicing.Restore(now.Product, now.Version, plan, sealed([]byte{1, 0x19, 0x02, 0x08, 0x02})); err != nil {
		t.Errorf("the last word: %v", err)
	}
	refused("each in the other's place", now.Version, state, plan)
	refused("a plan made later, from which an instalment was left out", now.Version, now.AppendPlan(nil), granted.AppendState(nil))
}

// TestLateOfNothing: by 30/360 the 31st is no day, and yet one is late on it.
func TestLateOfNothing(t *testing.T) {
	p := product.Seed()
	p.Moratorium = product.Late{Rate: 300_000, DayCount: civil.Thirty360}
	terms, err := p.Terms(50_000_00, 150_000, 24, date("2026-01-30"), date("2026-03-30"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := schedule.Build(terms)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := servicing.Roll(servicing.Open(p, s), date("2026-03-31"))
	if first := a.Instalments[0]; !first.Late || !first.Moratorium.IsZero() {
		t.Fatalf("%+v", first)
	}
	back, err := servicing.Restore(a.Product, a.Version, a.AppendPlan(nil), a.AppendState(nil))
	if err != nil || !reflect.DeepEqual(back, a) {
		t.Errorf("%v\n%+v", err, back)
	}
}

// sealed ends bytes as the stored form does, so that fuzzing gets past the sum.
func sealed(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(bytes.Clone(b), crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// FuzzRestore: no bytes make Restore panic, and what it accepts is stored and
// restored again.
func FuzzRestore(f *testing.F) {
	granted, now := late(f)
	plan, state := granted.AppendPlan(nil), now.AppendState(nil)
	f.Add(plan, state)
	f.Add(plan[:len(plan)-4], state[:len(state)-4])
	f.Add(plan[:len(plan)-4], granted.AppendState(nil)[:17])
	f.Fuzz(func(t *testing.T, plan, state []byte) {
		for range 2 {
			if a, err := servicing.Restore(now.Product, now.Version, plan, state); err == nil {
				again, err := servicing.Restore(now.Product, now.Version, a.AppendPlan(nil), a.AppendState(nil))
				if want := servicing.Trim(a); err != nil || !reflect.DeepEqual(again, want) {
					t.Fatalf("%v\n%+v\n%+v", err, again, want)
				}
			}
			plan, state = sealed(plan), sealed(state)
		}
	})
}

// BenchmarkStored has a loan of 24 instalments loaded, paid and stored.
func BenchmarkStored(b *testing.B) {
	granted, now := late(b)
	plan := granted.AppendPlan(nil)
	for name, a := range map[string]servicing.Account{"fresh": granted, "late": now} {
		state := a.AppendState(nil)
		on := date("2026-02-15")
		if on.Before(a.Day) {
			on = a.Day
		}
		payment := servicing.Payment{Amount: 2_524_33, ValueDate: on}
		b.Run(name+"/restore", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := servicing.Restore(a.Product, a.Version, plan, state); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/state", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.AppendState(nil)
			}
		})
		b.Run(name+"/plan", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.AppendPlan(nil)
			}
		})
		b.Run(name+"/restore, receive, state", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				loaded, err := servicing.Restore(a.Product, a.Version, plan, state)
				if err != nil {
					b.Fatal(err)
				}
				after, _, err := servicing.Receive(loaded, payment, payment.ValueDate)
				if err != nil {
					b.Fatal(err)
				}
				after.AppendState(nil)
			}
		})
	}
}
