package view_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/bank/clients"
	"sofipo/core/client"
	"sofipo/core/lending/loan"
	"sofipo/infra/cache"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/stack"
	"sofipo/view"
)

const lentAmount = 100_000

// account is a client with a loan that a test reads while they change.
type account struct {
	holder client.Client
	lent   loan.Loan
	names  atomic.Int64 // changes of the name that were answered
	paid   atomic.Int64 // payments of one centavo that were answered
}

func openAccount(t *testing.T, n *node) *account {
	t.Helper()
	a := &account{holder: office.Register(t, n.bank, 1)}
	a.lent = office.Grant(t, n.bank, a.holder.ID, lentAmount)
	name := "0"
	do(t, n, &clients.UpdateClient{ID: a.holder.ID, Changes: client.Changes{FullName: &name}})
	return a
}

// change makes the next change and gives its token.
func (a *account) change(t *testing.T, n *node) (token uint64) {
	t.Helper()
	if (a.names.Load()+a.paid.Load())%3 == 2 {
		name := fmt.Sprint(a.names.Load() + 1)
		_, token = do(t, n, &clients.UpdateClient{ID: a.holder.ID, Changes: client.Changes{FullName: &name}})
		a.names.Add(1)
		return token
	}
	_, token = pay(t, n, a.lent.ID, 1)
	a.paid.Add(1)
	return token
}

// questions are the reads with cached answers; two of them are asked by two doors.
var questions = func() map[string]func(context.Context, *view.View, *account, uint64) (seen, error) {
	all := map[string]func(context.Context, *view.View, *account, uint64) (seen, error){}
	for name, door := range map[string]codecs{"": rest, " of another door": other} {
		all["client"+name] = func(ctx context.Context, v *view.View, a *account, need uint64) (seen, error) {
			c, err := value(v.Client(ctx, system(need), a.holder.RFC, door.client))
			if err != nil {
				return seen{}, err
			}
			names, err := strconv.ParseInt(c.FullName, 10, 64)
			return seen{names: &names}, err
		}
		all["statement"+name] = func(ctx context.Context, v *view.View, a *account, need uint64) (seen, error) {
			s, err := value(v.Statement(ctx, system(need), a.holder.ID, door.statement))
			if err != nil {
				return seen{}, err
			}
			names, err := strconv.ParseInt(s.FullName, 10, 64)
			if len(s.ActiveLoans) != 1 || int(lentAmount-s.ActiveLoans[0].Balance) != len(s.PaymentHistory) {
				return seen{}, fmt.Errorf("a statement of two moments: loans %+v after %d payments", s.ActiveLoans, len(s.PaymentHistory))
			}
			paid := int64(len(s.PaymentHistory))
			return seen{&names, &paid}, err
		}
		if name != "" {
			continue
		}
		all["loan"] = func(ctx context.Context, v *view.View, a *account, need uint64) (seen, error) {
			l, err := value(v.Loan(ctx, system(need), a.lent.ID, door.loan))
			paid := int64(lentAmount - l.Balance)
			return seen{paid: &paid}, err
		}
		all["loans"] = func(ctx context.Context, v *view.View, a *account, need uint64) (seen, error) {
			list, err := value(v.ClientLoans(ctx, system(need), a.holder.ID, door.loans))
			if err != nil || len(list) != 1 {
				return seen{}, fmt.Errorf("loans %+v, %w", list, err)
			}
			paid := int64(lentAmount - list[0].Balance)
			return seen{paid: &paid}, nil
		}
	}
	return all
}()

// value is an answer in Go.
func value[T any](a view.Answer[T], err error) (none T, _ error) {
	if err != nil {
		return none, err
	}
	return a.Value()
}

// seen is how many changes of the name and how many payments an answer knows
// of; nil where it tells nothing of them.
type seen struct{ names, paid *int64 }

func look(ctx context.Context, v *view.View, a *account, question string, need uint64) (seen, error) {
	return questions[question](ctx, v, a, need)
}

// behind returns the changes that an answer lacks.
func (s seen) behind(names, paid int64) error {
	if s.names != nil && *s.names < names || s.paid != nil && *s.paid < paid {
		return fmt.Errorf("it does not know of name %d and payment %d", names, paid)
	}
	return nil
}

// check asks a question and fails unless the answer knows of every change that
// was answered before it was asked. It gives how long it took.
func (a *account) check(t *testing.T, v *view.View, question string, need uint64) time.Duration {
	t.Helper()
	names, paid := a.names.Load(), a.paid.Load()
	begun := time.Now()
	got, err := look(t.Context(), v, a, question, need)
	if err == nil {
		err = got.behind(names, paid)
	}
	if err != nil {
		t.Errorf("%s: %v", question, err)
	}
	return time.Since(begun)
}

// readAlong keeps the cache warm until the returned function is called: every
// question, over and over, by several readers, and each answer is checked. The
// function gives the number of reads and the longest.
func readAlong(t *testing.T, v *view.View, a *account, check bool) (stop func() (int64, time.Duration)) {
	t.Helper()
	var reads, longest atomic.Int64
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for question := range questions {
		for range 2 {
			wg.Go(func() {
				for ctx.Err() == nil && !t.Failed() {
					if check {
						took := a.check(t, v, question, 0)
						longest.Store(max(longest.Load(), int64(took)))
					} else if _, err := look(t.Context(), v, a, question, 0); err != nil {
						t.Errorf("%s: %v", question, err)
					}
					reads.Add(1)
					time.Sleep(time.Millisecond) // two cores are shared with the servers
				}
			})
		}
	}
	return func() (int64, time.Duration) {
		cancel()
		wg.Wait()
		return reads.Load(), time.Duration(longest.Load())
	}
}

// coherent makes changes; each is seen by every question that follows it.
func coherent(t *testing.T, n *node, a *account, changes int64) {
	t.Helper()
	stop := readAlong(t, n.View, a, true)
	for range changes {
		a.change(t, n)
		for question := range questions {
			a.check(t, n.View, question, 0)
		}
		if t.Failed() {
			break
		}
	}
	if reads, _ := stop(); reads < changes {
		t.Errorf("got %d reads beside the changes, want at least %v", reads, changes)
	}
}

func TestAWriterSeesItsChangeOnSQLite(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 600 changes among readers")
	}
	for _, size := range []int{100_000, 3} { // also with a cache too small for its keys
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			answers := cache.NewLocal(size)
			n := open(t, ground.Open(t, ground.Config(t, ground.SQLite)), answers)
			coherent(t, n, openAccount(t, n), 300)
			if s := answers.Stats(); size > 3 && (s.Hits < 100 || s.Forgets < 300) {
				t.Errorf("a cache in use: got %+v, want at least 100 hits, 300 forgets", s)
			}
		})
	}
}

// town is a PostgreSQL with a replica and a Redis that the test may disturb.
type town struct {
	*stack.Stack
	cfg db.Config
}

func openTown(t *testing.T) *town {
	t.Helper()
	if testing.Short() {
		t.Skip("needs PostgreSQL and Redis")
	}
	services, err := stack.StartOwn(t.Context(), stack.Replica, stack.Redis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := services.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &town{Stack: services}
	if w.cfg.PrimaryURL, w.cfg.ReplicaURL, err = services.Database(t.Context(), t.Name()); err != nil {
		t.Fatal(err)
	}
	ground.Open(t, w.cfg)
	return w
}

// node is a further node: its own connections to the database and to Redis.
func (w *town) node(t *testing.T) (*node, *cache.Redis) {
	t.Helper()
	answers, err := cache.NewRedis(w.Redis.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(answers.Close)
	return open(t, ground.Open(t, w.cfg), answers), answers
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCoherenceOnPostgreSQL(t *testing.T) {
	w := openTown(t)
	first, answers := w.node(t)
	second, others := w.node(t)
	a := openAccount(t, first)
	for _, step := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"a writer sees its change", func(t *testing.T) {
			coherent(t, first, a, 300)
			if s := answers.Stats(); s.Hits < 100 || s.Forgets < 300 {
				t.Errorf("Redis in use: got %+v, want at least 100 hits, 300 forgets", s)
			}
		}},
		{"without a cache", func(t *testing.T) {
			alone := open(t, ground.Open(t, w.cfg), nil)
			coherent(t, alone, a, 100)
		}},
		{"another node sees it", func(t *testing.T) { anotherNode(t, first, second, a, others) }},
		{"with a paused replica", func(t *testing.T) {
			must(t, w.PauseReplay(t.Context()))
			anotherNode(t, first, second, a, others) // at first both nodes hold the replica for fresh
			coherent(t, first, a, 300)
			must(t, w.ResumeReplay(t.Context()))
		}},
		{"while the replica catches up", func(t *testing.T) { coherent(t, first, a, 100) }},
		{"with a frozen Redis", func(t *testing.T) { withoutRedis(t, w.Redis.Freeze, w.Redis.Thaw, first, second, a) }},
		{"with a killed Redis", func(t *testing.T) { withoutRedis(t, w.Redis.Kill, w.Redis.Start, first, second, a) }},
		{"with a killed replica", func(t *testing.T) {
			must(t, w.Replica.Kill())
			coherent(t, first, a, 100)
			must(t, w.Replica.Start())
		}},
	} {
		if !t.Run(step.name, step.run) {
			return // the services may not be as the next one expects them
		}
	}
}

// anotherNode reads on one node what the other writes: at once with the
// token of the write, and without it soon, mostly within a second.
func anotherNode(t *testing.T, writer, reader *node, a *account, answers *cache.Redis) {
	t.Helper()
	before := answers.Stats().Hits
	stop := readAlong(t, reader.View, a, false)
	var slowest time.Duration
	late := 0
	for range 40 {
		token := a.change(t, writer)
		changed := time.Now()
		for question := range questions {
			if token%2 == 0 { // half of them have been filled by nobody who asked for the token
				a.check(t, reader.View, question, token)
			}
			for {
				age := time.Since(changed)
				got, err := look(t.Context(), reader.View, a, question, 0)
				must(t, err)
				if got.behind(a.names.Load(), a.paid.Load()) == nil {
					if slowest = max(slowest, age); age > time.Second {
						late++
					}
					break
				}
				if age > 15*time.Second {
					t.Fatalf("%s: got an old answer from another node %s after a change, want one at most %v old", question, age, 15*time.Second)
				}
			}
			a.check(t, reader.View, question, token)
		}
	}
	stop()
	if answers.Stats().Hits == before {
		t.Error("got no hits in the reader's cache, want some")
	}
	t.Logf("another node saw each change within %s", slowest)
	if late > 10 { // some, if the machine is busy with something else
		t.Errorf("got %d of %d changes seen by another node after a second, want at most 10", late, 40*len(questions))
	}
}

// withoutRedis takes Redis away while two nodes write and read. Each node's own
// changes are seen at once, and after Redis is back those of the other too.
func withoutRedis(t *testing.T, takeAway, bringBack func() error, first, second *node, a *account) {
	t.Helper()
	stop := readAlong(t, first.View, a, true)
	a.change(t, first)
	must(t, takeAway())
	var slowestWrite time.Duration
	for range 100 {
		begun := time.Now()
		token := a.change(t, first)
		slowestWrite = max(slowestWrite, time.Since(begun))
		for question := range questions {
			a.check(t, first.View, question, 0)
			a.check(t, second.View, question, token)
		}
	}
	must(t, bringBack())
	time.Sleep(time.Second)
	for range 20 {
		token := a.change(t, first)
		for question := range questions {
			a.check(t, second.View, question, token)
		}
	}
	for question := range questions { // without a token too, once Redis is in use again
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			got, err := look(t.Context(), second.View, a, question, 0)
			must(t, err)
			if err = got.behind(a.names.Load(), a.paid.Load()); err == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: got %v a minute after, want the answer of the last change", question, err)
			}
		}
	}
	reads, slowestRead := stop()
	t.Logf("%d reads, the slowest took %s; the slowest write %s", reads, slowestRead, slowestWrite)
	if slowestRead > 8*time.Second || slowestWrite > 8*time.Second {
		t.Errorf("got the slowest read after %s, the slowest write after %s, want at most %v each", slowestRead, slowestWrite, 8*time.Second)
	}
}
