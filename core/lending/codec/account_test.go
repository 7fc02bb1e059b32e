package codec_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/civil"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/test/loans"
	"sofipo/test/random"
)

func date(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// kept is a stored account: the version as JSON, and the plan and the state as bytes.
// The plan is from the time at which the version was created.
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
		k.number, k.version, k.plan = a.Version.Number, text, codec.AppendPlan(nil, a)
	}
	k.state = codec.AppendState(nil, a)
}

func (k *kept) load(t *rapid.T) servicing.Account {
	var v servicing.Version
	if err := json.Unmarshal(k.version, &v); err != nil {
		t.Fatal(err)
	}
	a, err := codec.Restore(k.product, v, k.plan, k.state)
	if err != nil {
		t.Fatalf("%v\nplan %x\nstate %x", err, k.plan, k.state)
	}
	return a
}

// TestStoredLifeIsTheSame: a loan that is trimmed, stored and loaded before each
// operation has the same splits, refusals, accounts and figures as a loan that was never
// stored.
func TestStoredLifeIsTheSame(t *testing.T) {
	left := map[servicing.Status]int{} // out
	random.Check(t, func(t *rapid.T) {
		p := loans.AnyProduct(t)
		s := loans.AnyContract(t, p)
		h, now := servicing.History{Product: p, Contract: s}, servicing.Open(p, s)
		k := kept{product: p}
		k.store(t, now)
		for range rapid.IntRange(1, 14).Draw(t, "operations") {
			loaded, trimmed := k.load(t), servicing.Trim(now)
			if !reflect.DeepEqual(loaded, trimmed) {
				t.Fatalf("got\n%+v\nwant\n%+v", loaded, trimmed)
			}
			if servicing.Alive(loaded.Status) && len(loaded.Instalments) == 0 {
				t.Fatalf("got no instalments of %+v, want some while the loan is alive", now)
			}
			left[loaded.Status] += len(now.Instalments) - len(loaded.Instalments)
			sameFigures(t, now, loaded)
			o := usualOperation(t, h, now)
			want, wantSplit, wantErr := servicing.Apply(now, o, o.ValueDate)
			got, gotSplit, gotErr := servicing.Apply(loaded, o, o.ValueDate)
			if !reflect.DeepEqual(wantErr, gotErr) || !reflect.DeepEqual(wantSplit, gotSplit) {
				t.Fatalf("%s of %s on %s: got\n%+v %v, want\n%+v %v", o.Kind, o.Amount, o.ValueDate, gotSplit, gotErr, wantSplit, wantErr)
			}
			if wantErr != nil {
				continue
			}
			if g, w := servicing.Trim(got), servicing.Trim(want); !reflect.DeepEqual(g, w) {
				t.Fatalf("after %s: got\n%+v, want\n%+v", o.Kind, g, w)
			}
			if !bytes.Equal(codec.AppendState(nil, got), codec.AppendState(nil, want)) || !bytes.Equal(codec.AppendPlan(nil, got), codec.AppendPlan(nil, want)) {
				t.Fatalf("after %s: got the stored bytes %x and %x, want %x and %x", o.Kind, codec.AppendState(nil, got), codec.AppendPlan(nil, got), codec.AppendState(nil, want), codec.AppendPlan(nil, want))
			}
			now = want
			k.store(t, got)
		}
	})
	if left[servicing.Active] == 0 || left[servicing.PaidOff] == 0 {
		t.Errorf("got the trimmed loans %v, want some ACTIVE and some PAID_OFF", left)
	}
}

// usualOperation draws an operation: usually a payment of everything due on the next due
// date, so that instalments become over.
func usualOperation(t *rapid.T, h servicing.History, a servicing.Account) servicing.Operation {
	if servicing.Alive(a.Status) && rapid.IntRange(0, 2).Draw(t, "usual") > 0 {
		for _, in := range a.Instalments {
			due := servicing.Due(a, in.Due).Due.Sum()
			if in.Due.After(a.Day) && due > 0 {
				return servicing.Operation{Number: a.Operations + 1, Kind: servicing.Ordinary, ValueDate: in.Due, Amount: due}
			}
		}
	}
	return loans.AnyOperation(t, h, a)
}

// sameFigures compares all figures of an account, on its day and on later days.
func sameFigures(t *rapid.T, a, b servicing.Account) {
	if x, y := servicing.Recognised(a), servicing.Recognised(b); x != y {
		t.Fatalf("recognised: got %+v, want %+v", x, y)
	}
	later := a.Day.AddDays(rapid.SampledFrom([]int{0, 1, 20, 31, 60, 400}).Draw(t, "later"))
	x, happened := servicing.Roll(a, later)
	y, too := servicing.Roll(b, later)
	if !reflect.DeepEqual(servicing.Trim(x), servicing.Trim(y)) || !reflect.DeepEqual(happened, too) {
		t.Fatalf("rolled to %s: got\n%+v %+v\nwant\n%+v %+v", later, y, too, x, happened)
	}
	if x, y := servicing.Due(a, later), servicing.Due(b, later); !reflect.DeepEqual(x, y) {
		t.Fatalf("due on %s: got\n%+v\nwant %+v", later, x, y)
	}
	if x, y := servicing.PayoffOf(a, later), servicing.PayoffOf(b, later); x != y {
		t.Fatalf("payoff on %s: got\n%+v\nwant %+v", later, x, y)
	}
	if x, y := servicing.DaysPastDue(a, later), servicing.DaysPastDue(b, later); x != y {
		t.Fatalf("days past due on %s: got %d, want %d", later, x, y)
	}
}

// late returns the README loan with penalty interest: as granted, and with instalments 4
// to 6 past due, instalment 4 partly paid.
func late(t testing.TB) (granted, now servicing.Account) {
	p := product.Seed()
	p.PenaltyInterest.Rate = 300_000
	s := loans.Contract(t, p, 50_000_00, 150_000, 24, date("2026-01-15"))
	granted = servicing.Open(p, s)
	now = granted
	var err error
	for _, k := range []int{0, 1, 2, 5} {
		amount := s.Rows[k].Total
		if k == 5 {
			amount = 1_000_00
		}
		if now, _, err = servicing.Receive(now, servicing.Operation{Amount: amount, ValueDate: s.Rows[k].Due.AddDays(k)}, date("2027-01-01")); err != nil {
			t.Fatal(err)
		}
	}
	return granted, now
}

// TestBytes pins the encoded bytes: stored accounts must remain readable.
func TestBytes(t *testing.T) {
	granted, now := late(t)
	outlook, _ := servicing.OutlookOf(granted)
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"plan", codec.AppendPlan(nil, granted), "012b0230e8bf0280ade2048708bafb15c8d007a09c013c0792239123cf0507ca23c923d7050784248324e10507be24bd24eb0507f624f524f30507b425b325fd0507ee25ed25870607aa26a9268f0607ea26e9269b0607a627a527a30607e627e527af0607a428a328b70607e628e528c30607a629a529cd0607ea29e929d70607aa2aa92ae10607f02aef2aed0607b42bb32bf90607fa2bf92b830707c02cbf2c8f0707862d852d990707d02dcf2da50707a62e972eb10742c13535"},
		{"state", codec.AppendState(nil, now), "01f7cf0102082ae8bf02f4020880ade204f4bd45b0f11ccacf04c4a801fc1ace55d8e102aae806ca8b01c0a001d81902b4d9e00bcc9c2f80540288f6a706bca0ae0580540286ee748ce1e20a8040c8d3da025ad5db5a"},
		{"outlook", codec.AppendOutlook(nil, outlook), "01bb28a6c0023d0280ade2043ce0a71202346d37df"},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestStoredIsSmall(t *testing.T) {
	granted, now := late(t)
	for _, c := range []struct {
		name string
		got  int
		most int
	}{
		{"the plan of 24 instalments", len(codec.AppendPlan(nil, granted)), 400},
		{"the state of a fresh loan", len(codec.AppendState(nil, granted)), 60},
		{"the state of a late loan", len(codec.AppendState(nil, now)), 150},
	} {
		if t.Logf("%s: %d bytes", c.name, c.got); c.got > c.most {
			t.Errorf("%s: got %d bytes, want at most %d", c.name, c.got, c.most)
		}
	}
	if b := codec.AppendState([]byte("before"), now); string(b[:6]) != "before" || !bytes.Equal(b[6:], codec.AppendState(nil, now)) {
		t.Errorf("got %x, want the bytes of before, then %x", b, codec.AppendState(nil, now))
	}
}

// TestRestoreRefuses: truncated, changed or exchanged bytes, and those of another version,
// are refused.
func TestRestoreRefuses(t *testing.T) {
	granted, now := late(t)
	plan, state := codec.AppendPlan(nil, granted), codec.AppendState(nil, now)
	refused := func(name string, v servicing.Version, plan, state []byte) {
		t.Helper()
		if a, err := codec.Restore(now.Product, v, plan, state); err == nil || !reflect.DeepEqual(a, servicing.Account{}) {
			t.Errorf("%s: got %+v, %v, want an error and no account", name, a, err)
		}
	}
	if a, err := codec.Restore(now.Product, now.Version, plan, state); err != nil || !reflect.DeepEqual(a, servicing.Trim(now)) {
		t.Fatalf("got %v, want %+v", err, servicing.Trim(now))
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
	refused("a plan of another version", other, plan, codec.AppendState(nil, second))
	record := func(b ...byte) []byte { return sealed(append(bytes.Clone(state[:len(state)-4]), b...)) }
	refused("an instalment beyond the last", now.Version, plan, record(0x01, 0xc8, 0x01))
	refused("an instalment twice", now.Version, plan, record(0x01, 0x01))
	refused("a record with a number too many", now.Version, plan, record(0x80, 0x80, 0x40, 0x02))
	refused("a loan of the year 11552", now.Version, plan, sealed([]byte{1, 0x11, 0x02, 0xc0, 0x9f, 0xab, 0x03}))
	refused("a loan of a later year", now.Version, plan, sealed([]byte{1, 0x11, 0x02, 0x80, 0xda, 0xc4, 0x09}))
	refused("a word that is none", now.Version, plan, sealed([]byte{1, 0x19, 0x02, 0x0a, 0x02}))
	if _, err := codec.Restore(now.Product, now.Version, plan, sealed([]byte{1, 0x19, 0x02, 0x08, 0x02})); err != nil {
		t.Errorf("the last word: %v", err)
	}
	refused("each in the other's place", now.Version, state, plan)
	refused("a plan made later, from which an instalment was left out", now.Version, codec.AppendPlan(nil, now), codec.AppendState(nil, granted))
}

// TestLateOfNothing: under 30/360 the 31st adds no day, but an instalment can be past due
// on it.
func TestLateOfNothing(t *testing.T) {
	p := product.Seed()
	p.PenaltyInterest = product.PenaltyTerms{Rate: 300_000, DayCount: civil.Thirty360}
	terms, err := p.Terms(50_000_00, 150_000, 24, date("2026-01-30"), date("2026-03-30"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := schedule.Build(terms)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := servicing.Roll(servicing.Open(p, s), date("2026-03-31"))
	if first := a.Instalments[0]; !first.Late || !first.PenaltyInterest.IsZero() {
		t.Fatalf("got %+v, want a late instalment without penalty interest", first)
	}
	back, err := codec.Restore(a.Product, a.Version, codec.AppendPlan(nil, a), codec.AppendState(nil, a))
	if err != nil || !reflect.DeepEqual(back, a) {
		t.Errorf("got %v\n%+v\nwant %+v", err, back, a)
	}
}

// sealed adds the checksum to bytes, so that fuzzing gets past it.
func sealed(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(bytes.Clone(b), crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// FuzzRestore: no bytes make Restore panic, and accepted bytes can be stored and restored
// again.
func FuzzRestore(f *testing.F) {
	granted, now := late(f)
	plan, state := codec.AppendPlan(nil, granted), codec.AppendState(nil, now)
	f.Add(plan, state)
	f.Add(plan[:len(plan)-4], state[:len(state)-4])
	f.Add(plan[:len(plan)-4], codec.AppendState(nil, granted)[:17])
	f.Fuzz(func(t *testing.T, plan, state []byte) {
		for range 2 {
			if a, err := codec.Restore(now.Product, now.Version, plan, state); err == nil {
				again, err := codec.Restore(now.Product, now.Version, codec.AppendPlan(nil, a), codec.AppendState(nil, a))
				if want := servicing.Trim(a); err != nil || !reflect.DeepEqual(again, want) {
					t.Fatalf("got %+v, %v\nwant %+v", again, err, want)
				}
			}
			plan, state = sealed(plan), sealed(state)
		}
	})
}

// BenchmarkStored has a loan of 24 instalments loaded, paid and stored.
func BenchmarkStored(b *testing.B) {
	granted, now := late(b)
	plan := codec.AppendPlan(nil, granted)
	for name, a := range map[string]servicing.Account{"fresh": granted, "late": now} {
		state := codec.AppendState(nil, a)
		on := date("2026-02-15")
		if on.Before(a.Day) {
			on = a.Day
		}
		payment := servicing.Operation{Amount: 2_524_33, ValueDate: on}
		b.Run(name+"/restore", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := codec.Restore(a.Product, a.Version, plan, state); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/state", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				codec.AppendState(nil, a)
			}
		})
		b.Run(name+"/plan", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				codec.AppendPlan(nil, a)
			}
		})
		b.Run(name+"/restore, receive, state", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				loaded, err := codec.Restore(a.Product, a.Version, plan, state)
				if err != nil {
					b.Fatal(err)
				}
				after, _, err := servicing.Receive(loaded, payment, payment.ValueDate)
				if err != nil {
					b.Fatal(err)
				}
				codec.AppendState(nil, after)
			}
		})
	}
}
