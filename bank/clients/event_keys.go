package clients

import (
	"encoding/base64"
	"fmt"
	"strings"

	"sofipo/bank"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/infra/envelope"
)

// EventKey is the key that encrypts the personal members of a client's events. The events of a
// client whose key was removed can no longer be read; the chain of events stays as it is.
type EventKey struct {
	ClientID id.ID
	key      string // id and value, with a colon between them
	ring     *envelope.Ring
}

// EventKeys is the table of the keys. A client gets one with the first event that is encrypted.
var EventKeys = bank.Declare(bank.Table[id.ID, EventKey]{
	Name: "client_keys", Rank: 327,
	Columns: db.Columns[EventKey]{
		db.IDField("client_id", func(k *EventKey) *id.ID { return &k.ClientID }),
		db.SealedField("key", db.Sealing[EventKey]{Table: "client_keys", Column: "client_id", Owner: func(k *EventKey) string { return k.ClientID.String() }}, func(k *EventKey) *string { return &k.key }),
	},
	Of:      func(k *EventKey) id.ID { return k.ClientID },
	Compare: bank.ByID,
	Read:    (*EventKey).read,
})

var eventKeyOf = bank.DeclareLookup(bank.Lookup[id.ID, EventKey, id.ID]{Table: EventKeys, Column: "client_id"})

// needEventKey requests the key of a client for conceal.
func needEventKey(n *bank.Needs, clientID id.ID) {
	if n.Rules().EncryptEvents {
		eventKeyOf.Need(n, clientID)
	}
}

// conceal returns what encrypts the personal members of a client's events; nil if a setting leaves
// them in clear. It stages a key for a client who has none.
func conceal(b *bank.Book, clientID id.ID) client.Conceal {
	if !b.Rules().EncryptEvents {
		return nil
	}
	stored, found := EventKeys.Get(b, clientID)
	if !found {
		made := envelope.NewKey()
		stored = EventKey{ClientID: clientID, key: made.ID + ":" + base64.StdEncoding.EncodeToString(made.Value)}
		if err := stored.read(); err != nil {
			panic(err) // cannot happen: the key is new
		}
		EventKeys.Add(b, stored)
	}
	return func(member, text string) string {
		return stored.ring.SealText(text, "event "+member+" "+clientID.String())
	}
}

// read parses the key. A damaged key is an error, so that nothing is published in clear.
func (k *EventKey) read() error {
	name, value, _ := strings.Cut(k.key, ":")
	raw, err := base64.StdEncoding.DecodeString(value)
	if err == nil {
		key := envelope.Key{ID: name, Value: raw}
		k.ring, err = envelope.NewRing([]envelope.Key{key}, name, key)
	}
	if err != nil {
		return fmt.Errorf("the key of the events of client %s is damaged: %w", k.ClientID, err)
	}
	return nil
}

// forgetEvents stages that the client's key is removed.
func forgetEvents(b *bank.Book, clientID id.ID) {
	if k, found := EventKeys.Get(b, clientID); found {
		EventKeys.Remove(b, k)
	}
}
