package clients

import (
	"slices"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// AddEntry adds a phone, an address or an account to the file of a client. An entry that the
// file has already changes nothing. Refused with Invalid, client.NotFound or
// client.NeedsConfirmation.
type AddEntry[T client.Phone | client.Address | client.Account] struct {
	ID        id.ID
	Entry     T
	Confirmed []client.Warning

	checked T
}

// Name returns the operation's name.
func (c *AddEntry[T]) Name() string { return "add_" + c.field() }

// field returns the name of the list in the file.
func (c *AddEntry[T]) field() string {
	switch any(c.Entry).(type) {
	case client.Phone:
		return "phones"
	case client.Address:
		return "addresses"
	}
	return "accounts"
}

// Permission returns the permission that the actor's role must have.
func (*AddEntry[T]) Permission() access.Permission { return client.WriteFile }

// Check validates the entry.
func (c *AddEntry[T]) Check(bank.Rules) (err error) {
	c.checked, err = client.Check(c.Entry)
	return err
}

// Needs requests the file, and the clients with the same phone or account.
func (c *AddEntry[T]) Needs(n *bank.Needs) {
	needFile(n, c.ID)
	f, _ := c.added(client.File{})
	needOthers(n, f)
}

// Decide stages the file with the entry.
func (c *AddEntry[T]) Decide(b *bank.Book) (client.Dossier, error) {
	e, err := open(b, c.ID)
	if err != nil {
		return e.Dossier, err
	}
	after, count := c.added(e.before)
	if count > client.MaxEntries {
		return e.Dossier, fault.Wrong(fault.At(c.field(), client.TooManyEntries, "most", client.MaxEntries))
	}
	e.File = after
	if err := e.confirm(b, c.Confirmed); err != nil {
		return e.Dossier, err
	}
	err = e.finish(b, c.Name())
	return e.Dossier, err
}

// added returns the file with the entry, and the length of its list.
func (c *AddEntry[T]) added(f client.File) (client.File, int) {
	switch entry := any(c.checked).(type) {
	case client.Phone:
		f.Phones = with(f.Phones, entry)
		return f, len(f.Phones)
	case client.Address:
		f.Addresses = with(f.Addresses, entry)
		return f, len(f.Addresses)
	case client.Account:
		f.Accounts = with(f.Accounts, entry)
	}
	return f, len(f.Accounts)
}

// with returns a list with the entry at the end, unless the list has it already.
func with[T comparable](list []T, entry T) []T {
	if slices.Contains(list, entry) {
		return list
	}
	return append(slices.Clip(list), entry)
}
