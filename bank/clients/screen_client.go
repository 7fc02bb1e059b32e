package clients

import (
	"sofipo/bank"
	screens "sofipo/bank/screening"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/screening"
)

// ScreenClient compares a client with the lists, raises alerts for new matches and returns
// their number. Refused with client.NotFound.
type ScreenClient struct{ ID id.ID }

// Name returns the operation's name.
func (ScreenClient) Name() string { return "screen_client" }

// Permission returns the permission that the actor's role must have.
func (ScreenClient) Permission() access.Permission { return screening.Import }

// Check accepts every command.
func (ScreenClient) Check(bank.Rules) error { return nil }

// Needs requests the client and its alerts.
func (c ScreenClient) Needs(n *bank.Needs) {
	ByID.Need(n, c.ID)
	NeedScreening(n, c.ID)
}

// Decide stages the alerts.
func (c ScreenClient) Decide(b *bank.Book) (int, error) {
	found, err := Find(b, c.ID)
	if err != nil {
		return 0, err
	}
	b.Subject(c.ID)
	who := screens.Subject{Person: personOf(b, found, stated(b, c.ID)), Client: c.ID, Operation: c.Name()}
	return screens.Check(b, who, screens.Screening)
}
