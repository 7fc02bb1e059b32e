package staff

import (
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// StoredKey is the stored row of an API key.
type StoredKey struct {
	staff.APIKey
	permissions string
}

// Read completes a key that was read from its row.
func (k *StoredKey) Read() error { return k.ParsePermissions(k.permissions) }

// APIKeys is the table of API keys.
var APIKeys = bank.Declare(bank.Table[id.ID, StoredKey]{
	Name: "api_keys", Rank: 207,
	Columns: db.Columns[StoredKey]{
		db.IDField("id", func(k *StoredKey) *id.ID { return &k.ID }),
		db.TextField("username", func(k *StoredKey) *string { return &k.Username }),
		db.TextField("name", func(k *StoredKey) *string { return &k.Name }),
		db.TextField("hash", func(k *StoredKey) *string { return &k.Hash }),
		db.TextField("permissions", func(k *StoredKey) *string { return &k.permissions }),
		db.TextField("created_by", func(k *StoredKey) *string { return &k.CreatedBy }),
		db.TimeField("created_at", func(k *StoredKey) *time.Time { return &k.CreatedAt }),
		db.TimeField("expires_at", func(k *StoredKey) *time.Time { return &k.ExpiresAt }),
		db.TextField("activated_by", func(k *StoredKey) *string { return &k.ActivatedBy }),
		db.TimeField("revoked_at", func(k *StoredKey) *time.Time { return &k.RevokedAt }),
	},
	Fixed:   []string{"username", "name", "hash", "permissions", "created_by", "created_at", "expires_at"},
	Of:      func(k *StoredKey) id.ID { return k.ID },
	Compare: bank.ByID,
	Read:    (*StoredKey).Read,
	Write:   func(k *StoredKey) { k.permissions = text(k.Permissions) },
})

var keyByID = bank.DeclareLookup(bank.Lookup[id.ID, StoredKey, id.ID]{Table: APIKeys, Column: "id", Lock: true})

// roleOfUser finds the role of a user, if the institution changed or made it. It locks the role
// in share mode, so that it does not change meanwhile.
var roleOfUser = bank.DeclareLookup(bank.Lookup[string, storedRole, string]{Table: Roles, Column: "name", Share: true,
	Via: &bank.Via{Table: "users", Column: "username", Columns: []string{"role"}, Own: []string{"name"}}})

// AddAPIKey adds a key of a service account. The caller made the secret and its hash. A key that
// a person adds waits until somebody else activates it; the program itself activates it at once.
// Refused with Invalid, staff.NotFound or staff.OnlyForService.
type AddAPIKey struct {
	Username    string
	Title       string // what the key is for
	Hash        string
	Days        int                 // until it expires
	Permissions []access.Permission // some of those of the account's role; empty: all, also later ones
}

// Name returns the operation's name.
func (AddAPIKey) Name() string { return "add_api_key" }

// Permission returns the permission that the actor's role must have.
func (AddAPIKey) Permission() access.Permission { return staff.Manage }

// Check validates the title and the life.
func (c AddAPIKey) Check(bank.Rules) error { return staff.CheckKey(c.Title, c.Days) }

// Needs requests the account with its role.
func (c AddAPIKey) Needs(n *bank.Needs) {
	userByName.Need(n, c.Username)
	roleOfUser.Need(n, c.Username)
}

// Decide stages the key.
func (c AddAPIKey) Decide(b *bank.Book) (staff.APIKey, error) {
	account, err := find(b, c.Username)
	if err != nil {
		return staff.APIKey{}, err
	}
	if account.Kind != staff.Service {
		return staff.APIKey{}, fault.Refuse(staff.OnlyForService)
	}
	role, _ := roleOf(b, access.Role(account.Role))
	accepted := staff.KeyPermissions(role)
	if slices.ContainsFunc(c.Permissions, func(p access.Permission) bool { return !slices.Contains(accepted, p) }) {
		return staff.APIKey{}, fault.Wrong(fault.At("permissions", fault.OneOf, "accepted", accepted))
	}
	k := staff.APIKey{
		ID: b.NewID(), Username: c.Username, Name: c.Title, Hash: c.Hash, Permissions: staff.Role{Permissions: c.Permissions}.Ordered(accepted).Permissions,
		CreatedBy: b.Actor(), CreatedAt: b.Now(), ExpiresAt: b.Now().AddDate(0, 0, c.Days),
	}
	if program := b.Who().Role.Name == ""; program {
		k.ActivatedBy = b.Actor()
	}
	APIKeys.Add(b, StoredKey{APIKey: k})
	b.Subject(account.ID)
	return k, nil
}

// ActivateAPIKey lets programs use a key that waits. Who created the key does not activate it.
// A key that is active stays unchanged. Refused with staff.KeyNotFound, staff.KeyEnded or
// access.FourEyes.
type ActivateAPIKey struct {
	Username string
	ID       id.ID
}

// Name returns the operation's name.
func (ActivateAPIKey) Name() string { return "activate_api_key" }

// Permission returns the permission that the actor's role must have.
func (ActivateAPIKey) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (ActivateAPIKey) Check(bank.Rules) error { return nil }

// Needs requests the key with its account.
func (c ActivateAPIKey) Needs(n *bank.Needs) { needKey(n, c.Username, c.ID) }

// Authority requires somebody other than the person who created the key.
func (c ActivateAPIKey) Authority(b *bank.Book) (bank.Authority, error) {
	k, _, err := findKey(b, c.Username, c.ID)
	if err != nil || k.State(b.Now()) != staff.KeyWaiting {
		return bank.Authority{}, nil // Decide refuses it, or changes nothing
	}
	refusal := fault.Refuse(access.FourEyes, "created_by", k.CreatedBy).Because(staff.OtherActivator)
	return bank.Authority{Makers: []bank.Makers{{Users: []string{k.CreatedBy}, Refusal: refusal}}}, nil
}

// Decide stages the change.
func (c ActivateAPIKey) Decide(b *bank.Book) (staff.APIKey, error) {
	k, account, err := findKey(b, c.Username, c.ID)
	if err != nil {
		return k.APIKey, err
	}
	switch k.State(b.Now()) {
	case staff.KeyRevoked, staff.KeyExpired:
		return k.APIKey, fault.Refuse(staff.KeyEnded)
	case staff.KeyWaiting:
		k.ActivatedBy = b.Actor()
		APIKeys.Change(b, k)
	}
	b.Subject(account.ID)
	return k.APIKey, nil
}

// RevokeAPIKey ends a key. A revoked key stays unchanged. Refused with staff.KeyNotFound.
type RevokeAPIKey struct {
	Username string
	ID       id.ID
}

// Name returns the operation's name.
func (RevokeAPIKey) Name() string { return "revoke_api_key" }

// Permission returns the permission that the actor's role must have.
func (RevokeAPIKey) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (RevokeAPIKey) Check(bank.Rules) error { return nil }

// Needs requests the key with its account.
func (c RevokeAPIKey) Needs(n *bank.Needs) { needKey(n, c.Username, c.ID) }

// Decide stages the change.
func (c RevokeAPIKey) Decide(b *bank.Book) (staff.APIKey, error) {
	k, account, err := findKey(b, c.Username, c.ID)
	if err != nil {
		return k.APIKey, err
	}
	if k.RevokedAt.IsZero() {
		k.RevokedAt = b.Now()
		APIKeys.Change(b, k)
	}
	b.Subject(account.ID)
	return k.APIKey, nil
}

func needKey(n *bank.Needs, username string, keyID id.ID) {
	userByName.Need(n, username)
	keyByID.Need(n, keyID)
}

// findKey returns a requested key and its account, or staff.KeyNotFound.
func findKey(b *bank.Book, username string, keyID id.ID) (StoredKey, staff.User, error) {
	k, found := APIKeys.Get(b, keyID)
	account, err := find(b, username)
	if !found || err != nil || k.Username != username {
		return StoredKey{}, account, fault.Refuse(staff.KeyNotFound)
	}
	return k, account, nil
}
