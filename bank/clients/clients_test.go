package clients_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

const generic, foreign = string(mx.GenericPublic), string(mx.GenericForeigner)

// registration registers a person of an e-mail and an RFC.
func registration(email, rfc string) *clients.RegisterClient {
	return &clients.RegisterClient{FullName: "Ñandú Ácido", Email: email + "@example.com", RFC: rfc}
}

// correction gives a client another RFC.
func correction(clientID id.ID, rfc string) *clients.UpdateClient {
	return &clients.UpdateClient{ID: clientID, Changes: client.Changes{RFC: &rfc}}
}

// claims lists the stored claims.
func claims(t *testing.T, d *db.DB) string {
	t.Helper()
	var list []string
	batch := &db.Batch{}
	batch.Query("SELECT kind, value FROM client_claims ORDER BY kind, value", func(s db.Scanner) error {
		var kind, value string
		err := s.Scan(&kind, &value)
		list = append(list, kind+" "+value)
		return err
	})
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

// TestClaims registers, corrects and deletes clients: a value belongs to one client until it
// is released, and a generic RFC to any number.
func TestClaims(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		want := func(code fault.Code, c bank.Command[client.Client]) client.Client {
			t.Helper()
			got, err := bank.Do(t.Context(), b, office.By, c)
			if code == "" && err != nil || code != "" && !fault.Is(err, code) {
				t.Errorf("%+v: got %v, want refusal %q", c, err, code)
			}
			return got.Answer
		}
		ana := want("", registration("ana", "PEPJ800101HNE"))
		for i := range 2 {
			want("", registration(fmt.Sprint("public", i), generic))
			want("", registration(fmt.Sprint("foreign", i), foreign))
		}
		want(client.EmailTaken, registration("public1", generic))
		want(client.RFCTaken, registration("ana", "pepj-800101-hne"))
		luis := want("", registration("luis", "PEPJ800102HNE"))
		want(client.RFCTaken, correction(luis.ID, ana.RFC))
		want(fault.Invalid, correction(luis.ID, "PEPJ800230HNE"))
		if got := want("", correction(luis.ID, " pepj 800103 hne")).RFC; got != "PEPJ800103HNE" {
			t.Errorf("got the RFC %s, want PEPJ800103HNE", got)
		}
		want("", correction(luis.ID, "PEPJ800103HNE"))
		if n := office.Count(t, d, "SELECT count(*) FROM outbox WHERE body LIKE '%client_updated%' AND body LIKE '%\"payload\":{\"rfc\":\"PEPJ800103HNE\"}%'"); n != 2 {
			t.Errorf("got %d events with the changed RFC, want 2", n)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM audit WHERE action = 'update_client' AND subject = '"+luis.ID.String()+"'"); n != 2 {
			t.Errorf("got %d audit lines of the correction, want 2", n)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM journal WHERE action || coalesce(refusal, '') LIKE '%PEPJ%'"); n != 0 {
			t.Errorf("got %d rows of the journal with an RFC, want 0", n)
		}
		want("", correction(ana.ID, "PEPJ800102HNE")) // released by luis
		want("", correction(ana.ID, generic))
		want("", registration("eva", "PEPJ800102HNE"))
		want("", clients.DeleteClient{ID: luis.ID})
		want("", registration("luis", "PEPJ800103HNE"))
		want("", clients.DeleteClient{ID: ana.ID})
		const left = "email eva@example.com, email foreign0@example.com, email foreign1@example.com, email luis@example.com, " +
			"email public0@example.com, email public1@example.com, rfc PEPJ800102HNE, rfc PEPJ800103HNE"
		if got := claims(t, d); got != left {
			t.Errorf("got the claims\n%s\nwant\n%s", got, left)
		}
		office.Sound(t, d)
	})
}

// TestClaimsOfOneBatch releases a value and claims it in one batch.
func TestClaimsOfOneBatch(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d, office.Writers(1))
		ana, luis := office.Register(t, b, 1), office.Register(t, b, 2)
		release := office.Hold(t, b)
		var started []bank.Started[client.Client]
		for _, c := range []bank.Command[client.Client]{
			correction(ana.ID, "PEPJ800103HNE"), registration("eva", ana.RFC), registration("late", ana.RFC),
			clients.DeleteClient{ID: luis.ID}, correction(ana.ID, luis.RFC),
		} {
			s, err := bank.Start(t.Context(), b, office.By, c)
			if err != nil {
				t.Fatal(err)
			}
			started = append(started, s)
		}
		release()
		for i, s := range started {
			if _, err := s.Wait(); i == 2 && !fault.Is(err, client.RFCTaken) || i != 2 && err != nil {
				t.Errorf("command %d: got %v, want %s for command 2 only", i, err, client.RFCTaken)
			}
		}
		if got, want := claims(t, d), "email client1@example.com, email eva@example.com, rfc "+ana.RFC+", rfc "+luis.RFC; got != want {
			t.Errorf("got the claims %s, want %s", got, want)
		}
		if alone := b.Stats().Alone.Load(); alone != 0 {
			t.Errorf("got %d commands in batches that the database refused, want none", alone)
		}
		office.Sound(t, d)
	})
}

// TestClaimsWithoutADatabase: the store of tests knows the claims too.
func TestClaimsWithoutADatabase(t *testing.T) {
	solo := bank.NewMemory(civil.Date{}).Open(bank.Options{Rules: bank.Rules{RFC: mx.TierStructural}})
	give := func(c bank.Command[client.Client]) (client.Client, error) {
		r, _, err := bank.Alone(solo, office.By, c)
		return r.Answer, err
	}
	ana, err := give(registration("ana", "PEPJ800101HNE"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := give(registration("luis", ana.RFC)); !fault.Is(err, client.RFCTaken) {
		t.Errorf("got %v, want %s", err, client.RFCTaken)
	}
	if _, err := give(correction(ana.ID, generic)); err != nil {
		t.Error(err)
	}
	if _, err := give(registration("luis", ana.RFC)); err != nil {
		t.Errorf("the RFC was released: got %v, want a client", err)
	}
}

// TestManyClaimOneRFC: of 50 callers of two nodes who register the same RFC at once, one
// wins and the others are refused.
func TestManyClaimOneRFC(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		nodes := [2]*bank.Bank{office.OpenBank(t, d), office.OpenBank(t, d)}
		const callers = 50
		for round := range 3 {
			rfc, before := fmt.Sprintf("PEPJ80010%dHNE", round+1), office.Count(t, d, "SELECT count(*) FROM clients")
			var won, refused atomic.Int64
			var all sync.WaitGroup
			for i := range callers {
				all.Go(func() {
					switch _, err := bank.Do(t.Context(), nodes[i%2], office.By, registration(fmt.Sprintf("c%d-%d", round, i), rfc)); {
					case err == nil:
						won.Add(1)
					case fault.Is(err, client.RFCTaken):
						refused.Add(1)
					default:
						t.Error(err)
					}
				})
			}
			all.Wait()
			if n := office.Count(t, d, "SELECT count(*) FROM clients") - before; n != 1 || won.Load() != 1 || refused.Load() != callers-1 {
				t.Errorf("%s: got %d clients, %d registered, %d refused, want 1, 1, %d", rfc, n, won.Load(), refused.Load(), callers-1)
			}
		}
		office.Sound(t, d)
	})
}

// TestTwoNodesClaimEachOthersValues: clients on two nodes take and release few RFCs.
func TestTwoNodesClaimEachOthersValues(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		nodes := [2]*bank.Bank{office.OpenBank(t, d), office.OpenBank(t, d)}
		var holders []id.ID
		for n := range 6 {
			holders = append(holders, office.Register(t, nodes[0], n).ID)
		}
		var moved atomic.Int64
		var all sync.WaitGroup
		for i := range 120 {
			all.Go(func() {
				_, err := bank.Do(t.Context(), nodes[i%2], office.By, correction(holders[i%len(holders)], fmt.Sprintf("PEPJ800101%03d", i*7%11)))
				switch {
				case err == nil:
					moved.Add(1)
				case !fault.Is(err, client.RFCTaken):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if moved.Load() == 0 {
			t.Error("got no corrected RFC, want some")
		}
		office.Sound(t, d)
	})
}
