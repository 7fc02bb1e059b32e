package clients

import (
	"context"
	"fmt"

	"sofipo/bank"
	screens "sofipo/bank/screening"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/screening"
	"sofipo/infra/db"
)

// rescreenPage is the number of clients that are read at a time.
const rescreenPage = 2000

// Pending returns the lists with a version that was not compared with all clients yet.
func Pending(ctx context.Context, b *bank.Bank) (lists []screening.ListCode, err error) {
	batch := &db.Batch{}
	batch.Before(func() { lists = nil })
	batch.Query("SELECT code FROM screening_lists WHERE screened_version < version ORDER BY code", func(s db.Scanner) error {
		var code screening.ListCode
		err := s.Scan(&code)
		lists = append(lists, code)
		return err
	})
	return lists, b.DB().ReadPrimary(ctx, batch)
}

// Lists returns the lists of blocked persons.
func Lists(ctx context.Context, b *bank.Bank) (lists []screening.ListCode, err error) {
	batch := &db.Batch{}
	batch.Before(func() { lists = nil })
	batch.Query("SELECT code FROM screening_lists ORDER BY code", func(s db.Scanner) error {
		var code screening.ListCode
		err := s.Scan(&code)
		lists = append(lists, code)
		return err
	})
	return lists, b.DB().ReadPrimary(ctx, batch)
}

// Rescreen compares all clients with a list. It reads them in pages and executes ScreenClient
// for each one with a match. It may be repeated: a match has one alert.
func Rescreen(ctx context.Context, b *bank.Bank, by bank.By, list screening.ListCode) (screening.Version, error) {
	version, keys, err := keysOf(ctx, b, list)
	if err != nil {
		return screening.Version{}, err
	}
	done := screens.CompleteScreening{List: list, Version: version}
	for after := (id.ID{15: 1}); ; {
		people, last, err := pageOfPeople(ctx, b, after)
		if err != nil {
			return screening.Version{}, err
		}
		for clientID, p := range people {
			done.Clients++
			var near []screening.Key
			for _, value := range p.Values() {
				near = append(near, keys[value]...)
			}
			if len(p.Matches(near)) == 0 {
				continue
			}
			raised, err := bank.Do(ctx, b, by, ScreenClient{clientID})
			if err != nil && !fault.Is(err, client.NotFound) && !fault.Is(err, client.Withheld) {
				return screening.Version{}, err
			}
			done.Alerts += raised.Answer
		}
		if len(people) < rescreenPage {
			break
		}
		after = last
	}
	r, err := bank.Do(ctx, b, by, done)
	return r.Answer, err
}

// keysOf returns the version of a list and its keys by value.
func keysOf(ctx context.Context, b *bank.Bank, list screening.ListCode) (version int, keys map[string][]screening.Key, err error) {
	batch := &db.Batch{}
	batch.Before(func() { version, keys = 0, map[string][]screening.Key{} })
	batch.Query("SELECT version FROM screening_lists WHERE code = $1", func(s db.Scanner) error { return s.Scan(&version) }, string(list))
	columns := screens.Keys.Columns
	batch.Query("SELECT "+columns.List("")+" FROM screening_keys WHERE list = $1", func(s db.Scanner) error {
		var k screening.Key
		err := columns.Scan(s, &k)
		keys[k.Value] = append(keys[k.Value], k)
		return err
	}, string(list))
	if err = b.DB().ReadPrimary(ctx, batch); err != nil {
		return 0, nil, fmt.Errorf("reading list %s: %w", list, err)
	}
	return version, keys, nil
}

// pageOfPeople returns the clients after an id, and the last id.
func pageOfPeople(ctx context.Context, b *bank.Bank, after id.ID) (people map[id.ID]screening.Person, last id.ID, err error) {
	batch := &db.Batch{}
	batch.Before(func() { people = map[id.ID]screening.Person{} })
	batch.Query(`SELECT c.id, c.full_name, c.rfc, f.birth_date, coalesce((SELECT min(l.value) FROM client_lookups l WHERE l.client_id = c.id AND l.kind = 'curp'), '')
		FROM clients c LEFT JOIN client_files f ON f.client_id = c.id WHERE c.id > $1 ORDER BY c.id LIMIT $2`, func(s db.Scanner) error {
		var p screening.Person
		err := s.Scan(&last, &p.Name, &p.RFC, &p.Born, &p.CURP)
		people[last] = p
		return err
	}, after, rescreenPage)
	if err = b.DB().ReadPrimary(ctx, batch); err != nil {
		return nil, last, fmt.Errorf("reading clients: %w", err)
	}
	return people, last, nil
}
