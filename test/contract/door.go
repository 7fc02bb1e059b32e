package contract

import (
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"

	"sofipo/api"
	"sofipo/bank"
	"sofipo/bank/dayend"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/mx"
	"sofipo/infra/auth"
	"sofipo/infra/cache"
	"sofipo/infra/db"
	"sofipo/infra/files"
	"sofipo/test/ground"
	"sofipo/view"
)

// Door is the REST API in this process, on a migrated database.
type Door struct {
	Target
	Bank    *bank.Bank
	View    *view.View
	Keys    *auth.Keys
	Options api.Options
}

const secret = "a secret of the tests, long enough"

// Open serves the API until the test ends, with the seed's user and public reads, in a time
// zone where the day does not change during the test (ground.Noon). A non-nil change may
// modify the options first.
func Open(t *testing.T, d *db.DB, change func(*api.Options)) *Door {
	t.Helper()
	keys, err := auth.NewKeys(secret)
	if err != nil {
		t.Fatal(err)
	}
	door := &Door{Keys: keys, View: view.Open(d, cache.NewLocal(10_000))}
	door.Bank = bank.Open(bank.Options{
		DB: d, Rules: bank.Rules{RFC: mx.DefaultTier, EmptyNames: true, FreeAdmin: true, WriteOffDays: 90}, Location: ground.Noon, Committed: door.View.Forget,
		AcceptClock: true, // a test may have written later rows
	})
	t.Cleanup(door.Bank.Close)
	door.AddUser(t, "admin", "string", access.Admin)
	door.Options = api.Options{Bank: door.Bank, Days: dayend.New(door.Bank, dayend.Options{}), View: door.View, Keys: keys, Files: files.Folder(t.TempDir()), PublicReads: api.Full, Location: ground.Noon, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))}
	if change != nil {
		change(&door.Options)
	}
	server := httptest.NewServer(api.New(door.Options))
	t.Cleanup(server.Close)
	door.Target = Target{URL: server.URL, Secret: secret}
	return door
}

var hashes sync.Map // by password: hashing is intentionally slow

// AddUser adds a user.
func (d *Door) AddUser(t *testing.T, name, password string, role access.Role) {
	t.Helper()
	known, _ := hashes.LoadOrStore(password, sync.OnceValues(func() (string, error) { return auth.HashPassword(password) }))
	hash, err := known.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bank.Do(t.Context(), d.Bank, bank.By{System: true, Actor: "test"}, staffing.AddUser{Username: name, Password: hash, Role: string(role)}); err != nil {
		t.Fatal(err)
	}
}
