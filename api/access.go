package api

import "sofipo/bank"

// admit refuses a request if the user of its token lacks the permission of the
// operation. Operations without a permission, and public reads, ignore the token.
func (c *call) admit() (err error) {
	o, s := c.endpoint, c.server
	if o.permission == "" || (o.public && s.PublicReads == Full) {
		return nil
	}
	return c.identify()
}

// identify finds the user of the token and refuses it without the permission of the operation.
func (c *call) identify() (err error) {
	o, s := c.endpoint, c.server
	ctx := c.request.Context()
	if c.who, err = s.auth.Authenticate(ctx, c.request.Header); err != nil {
		return err
	}
	if err = s.Rates.User(ctx, c.who.User.Username); err != nil {
		return err
	}
	return s.Bank.May(ctx, c.actor(), o.permission)
}

// actor returns the user of the token, or the API key, as the actor of a command.
func (c *call) actor() bank.By {
	return bank.By{Actor: c.who.User.Username, APIKey: c.who.Key, CorrelationID: c.correlation}
}
