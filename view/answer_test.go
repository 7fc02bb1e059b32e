package view_test

import (
	"context"
	"testing"
	"time"

	"sofipo/bank/clients"
	"sofipo/core/client"
	"sofipo/infra/cache"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// kept is a cache that keeps every entry until the test removes it.
type kept map[string]cache.Entry

func (k kept) Get(_ context.Context, key string) (cache.Entry, bool) {
	e, found := k[key]
	return e, found
}

func (k kept) Fill(_ context.Context, key string, e cache.Entry, _ time.Duration) {
	if e.Token >= k[key].Token {
		k[key] = e
	}
}

func (k kept) Forget(_ context.Context, token uint64, keys ...string) {
	for _, key := range keys {
		if k[key].Token < token {
			k[key] = cache.Entry{Token: token}
		}
	}
}

// TestAnswersOfAnotherCodec: they lie under a key of their own, and count only while
// the key that commits make stale has a mark or an answer that is not newer.
func TestAnswersOfAnotherCodec(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite)) // its tokens count the commits
	answers := kept{}
	n := open(t, d, answers)
	c := office.Register(t, n.bank, 1)
	base := "client_rfc::" + c.RFC
	clear(answers)
	name := func(what string, door codecs, want string) {
		t.Helper()
		// Another process asks, which knows of no commit but by the cache.
		got, err := value(view.Open(d, answers).Client(t.Context(), view.System, c.RFC, door.client))
		if err != nil || got.FullName != want {
			t.Errorf("%s: got %q, %v; want %q", what, got.FullName, err, want)
		}
	}
	first := c.FullName
	name("asked of the database", other, first)
	if e := answers[base]; e.Body != nil {
		t.Errorf("got %s for the published key, want nothing", e.Body)
	}
	if answers[base+"~other"].Body == nil {
		t.Fatalf("got the answers %v, want one kept", answers)
	}
	planted := answers[base+"~other"]
	planted.Body = other.client.Append(nil, withName(c, "planted"))
	answers[base+"~other"] = planted
	name("kept", other, "planted")
	name("by the other door", rest, first)
	name("kept beside an answer of the same token", other, "planted")

	last := "Última"
	do(t, n, &clients.UpdateClient{ID: c.ID, Changes: client.Changes{FullName: &last}})
	name("marked stale", other, last)
	answers[base+"~other"] = planted
	name("older than the mark", other, last)
	name("by the other door after the change", rest, last)
	answers[base+"~other"] = planted
	name("older than the other door's answer", other, last)
	answers[base+"~other"] = planted
	delete(answers, base)
	name("whose mark has expired", other, last)
}
