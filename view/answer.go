package view

import (
	"context"
	"fmt"
	"time"

	"sofipo/infra/cache"
)

// Codec is how a door writes the answers to a question, and reads them again. The
// answers of doors with codecs of different names are cached apart.
type Codec[T any] struct {
	Name   string // part of the key in the cache; empty for the REST API, whose keys are published
	Append func([]byte, T) []byte
	Parse  func([]byte) (T, error)
}

// Answer is the answer to a cached question: encoded, or a value, or both. The bytes
// and what the value holds are shared with others who ask: never change them.
type Answer[T any] struct {
	codec *Codec[T]
	body  []byte // nil until it is encoded
	value *T     // nil until it is decoded
}

// Bytes is the answer as its codec writes it. An answer from the cache has it already.
func (a Answer[T]) Bytes() []byte {
	if a.body != nil {
		return a.body
	}
	return a.codec.Append(nil, *a.value)
}

// Value is the answer in Go. An answer from the cache is decoded.
func (a Answer[T]) Value() (T, error) {
	if a.value != nil {
		return *a.value, nil
	}
	return a.codec.Parse(a.body)
}

// entry says which answer is wanted.
type entry struct {
	key  string // what commits make stale
	need uint64 // the token that it has to include
	life time.Duration
}

// query asks the database; it may run its batch twice.
type query[T any] func(ctx context.Context, need uint64) (answer T, token uint64, err error)

// cached answers from the cache what is new enough, and from the database
// otherwise, once for all who ask at the same time.
func cached[T any](ctx context.Context, v *View, e entry, as *Codec[T], ask query[T]) (Answer[T], error) {
	body, need := v.lookup(ctx, e, as.Name)
	if body != nil {
		return Answer[T]{codec: as, body: body}, nil
	}
	e.need = need
	return fill(ctx, v, e, as, ask)
}

// keyOf is the key under which the answers of a codec are kept.
func keyOf(key, codec string) string {
	if codec == "" {
		return key
	}
	return key + "~" + codec
}

// lookup finds an encoded answer of the token that is needed or a newer one. If
// there is none it gives the token that the database must be asked for.
//
// What commits make stale is the key itself, not the keys of other codecs. So an
// answer of another codec counts only if something is kept under the key, a mark or an
// answer, and only if it is not older than that. If nothing is kept there, a mark may
// have been there and gone.
func (v *View) lookup(ctx context.Context, e entry, codec string) (body []byte, need uint64) {
	need = v.known(e.key, e.need)
	if v.cache == nil {
		return nil, need
	}
	kept, found := v.cache.Get(ctx, e.key)
	switch {
	case !found:
		return nil, need
	case codec == "" && kept.Body != nil:
		if kept.Token >= need {
			return kept.Body, need
		}
		return nil, need
	}
	if need = max(need, kept.Token); codec == "" {
		return nil, need
	}
	if kept, _ = v.cache.Get(ctx, keyOf(e.key, codec)); kept.Body != nil && kept.Token >= need {
		return kept.Body, need
	}
	return nil, need
}

// fill asks the database, and keeps the answer.
func fill[T any](ctx context.Context, v *View, e entry, as *Codec[T], ask query[T]) (Answer[T], error) {
	answer, err, _ := v.flight.Do(fmt.Sprintf("%s %d", keyOf(e.key, as.Name), e.need), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), questionTime)
		defer cancel()
		value, token, err := ask(ctx, e.need)
		a := Answer[T]{codec: as, value: &value}
		if err == nil && v.cache != nil {
			a.body = as.Append(nil, value)
			v.keep(ctx, e, as.Name, cache.Entry{Token: token, Body: a.body})
		}
		return a, err
	})
	if err != nil {
		return Answer[T]{}, asFault(err)
	}
	return answer.(Answer[T]), nil
}

// keep puts an answer into the cache. That of another codec than the REST API's needs
// something under the key itself: if nothing is there, a mark of the same token.
func (v *View) keep(ctx context.Context, e entry, codec string, answer cache.Entry) {
	if codec != "" {
		if _, found := v.cache.Get(ctx, e.key); !found {
			v.cache.Forget(ctx, answer.Token, e.key)
		}
	}
	v.cache.Fill(ctx, keyOf(e.key, codec), answer, e.life)
}
