package view

import (
	"context"
	"fmt"
	"time"

	"sofipo/infra/cache"
)

// Codec encodes and decodes the answers to a question, in the format of an interface such as
// the REST API. Answers of codecs with different names are cached separately.
type Codec[T any] struct {
	Name   string // part of the cache key; empty for the REST API, which uses the published keys
	Append func([]byte, T) []byte
	Parse  func([]byte) (T, error)
}

// Answer is the answer to a cached question. It has the encoded form, the value, or both. The
// bytes and the value are shared between callers, who must not change them.
type Answer[T any] struct {
	codec *Codec[T]
	body  []byte // nil until encoded
	value *T     // nil until decoded
}

// Bytes returns the encoded answer. An answer from the cache is already encoded.
func (a Answer[T]) Bytes() []byte {
	if a.body != nil {
		return a.body
	}
	return a.codec.Append(nil, *a.value)
}

// Value returns the answer as a Go value. An answer from the cache is decoded on each call.
func (a Answer[T]) Value() (T, error) {
	if a.value != nil {
		return *a.value, nil
	}
	return a.codec.Parse(a.body)
}

// entry identifies a cached answer.
type entry struct {
	key  string // the key that commits invalidate
	need uint64 // the commit token that the answer must include
	life time.Duration
}

// query asks the database. It may run its batch twice.
type query[T any] func(ctx context.Context, need uint64) (answer T, token uint64, err error)

// cached returns the answer from the cache if it is recent enough, and otherwise from the
// database. Concurrent calls for the same answer share one query.
func cached[T any](ctx context.Context, v *View, e entry, as *Codec[T], ask query[T]) (Answer[T], error) {
	body, need := v.lookup(ctx, e, as.Name)
	if body != nil {
		return Answer[T]{codec: as, body: body}, nil
	}
	e.need = need
	return fill(ctx, v, e, as, ask)
}

// keyOf returns the cache key for the answers of a codec.
func keyOf(key, codec string) string {
	if codec == "" {
		return key
	}
	return key + "~" + codec
}

// lookup returns an encoded answer that includes the required commit token. If there is none,
// it returns the token that the database must reach.
//
// Commits invalidate only the key itself, not the keys of other codecs. So an answer of
// another codec is valid only if the key itself has a mark or an answer, and only if it is
// not older than that. If the key has neither, a mark may have expired.
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

// fill asks the database and caches the answer.
func fill[T any](ctx context.Context, v *View, e entry, as *Codec[T], ask query[T]) (Answer[T], error) {
	answer, err, _ := v.flight.Do(fmt.Sprintf("%s %d", keyOf(e.key, as.Name), e.need), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), questionTime)
		defer cancel()
		value, token, err := ask(ctx, e.need)
		a := Answer[T]{codec: as, value: &value}
		if err == nil && v.cache != nil {
			a.body = as.Append(nil, value)
			v.store(ctx, e, as.Name, cache.Entry{Token: token, Body: a.body})
		}
		return a, err
	})
	if err != nil {
		return Answer[T]{}, asFault(err)
	}
	return answer.(Answer[T]), nil
}

// store caches an answer. An answer of a codec other than the REST API's needs something
// under the key itself: if there is nothing, it also writes a mark with the same token.
func (v *View) store(ctx context.Context, e entry, codec string, answer cache.Entry) {
	if codec != "" {
		if _, found := v.cache.Get(ctx, e.key); !found {
			v.cache.Forget(ctx, answer.Token, e.key)
		}
	}
	v.cache.Fill(ctx, keyOf(e.key, codec), answer, e.life)
}
