package api

import "sofipo/bank"

// admit refuses a request whose operation needs a permission that its token
// does not give. Without a permission, or for a public read, no token is looked at.
func (c *call) admit() (err error) {
	o, s := c.endpoint, c.server
	if o.permission == "" || (o.public && s.PublicReads == Full) {
		return nil
	}
	ctx := c.request.Context()
	if c.who, err = s.entrance.Who(ctx, c.request.Header); err != nil {
		return err
	}
	return s.Bank.May(ctx, bank.By{Actor: c.who.Name}, o.permission)
}
